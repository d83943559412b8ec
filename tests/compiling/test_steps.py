"""compiled(): what it does, what it looks at in each call, and why a step runs as usual."""

import multiprocessing
import threading

import numpy as np
import pytest
from compilers import needs_compiler

from microgradnn import Tensor, checked, compiled, nn, optim, tanh
from microgradnn.graph import Op

pytestmark = needs_compiler


def leaf(value, name="W"):
    return Tensor(value, requires_grad=True, name=name)


def line(optimiser=True, **settings):
    """W of two elements, the step of a line, and the loss as a function."""
    W = leaf([1.0, -2.0])
    loss = lambda x, t: ((x @ W - t) ** 2).sum()  # noqa: E731 - as users write it
    return W, loss, compiled(loss, [W], optim.SGD([W], **{"lr": 0.1, **settings}) if optimiser else None)


X, T = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([1.0, 0.0])


def eager(W, x=X, t=T, lr=0.1):
    """What a step makes of W."""
    W = leaf(W.copy())
    L = ((Tensor(x) @ W - Tensor(t)) ** 2).sum()
    L.backward()
    return L.data, W.data - lr * W.grad


def test_each_step_is_the_eager_one():
    """The first call, which is eager, and those that follow; the learning rate may change."""
    W, _, step = line()
    for lr in (0.1, 0.1, 0.01, 0.2):
        step.optimiser.lr = lr
        loss, after = eager(W.data, lr=lr)
        assert step(X, T) == pytest.approx(loss)
        np.testing.assert_allclose(W.data, after, rtol=1e-14)
    assert step.reason == ""
    assert "W[i] = W[i] - lr[0] * dW[i]" in step.c_source


def test_without_an_optimiser_gradients_are_handed_back():
    """As after zero_grad() and backward(), arrays of their own."""
    W, _, step = line(optimiser=False)
    for _ in range(3):
        step(X, T)
        kept = W.grad
        expected = leaf(W.data)
        ((Tensor(X) @ expected - Tensor(T)) ** 2).sum().backward()
        np.testing.assert_allclose(W.grad, expected.grad, rtol=1e-14)
        W.data -= 0.1 * W.grad
        step(X, T)
        assert kept is not W.grad
    assert step.reason == ""


def test_more_than_the_loss():
    """What the function returns beside the loss is returned as arrays, of this step."""
    W = leaf([1.0, -2.0])

    def predicted(x, t):
        y = x @ W
        return ((y - t) ** 2).sum(), y

    step = compiled(predicted, [W], optim.SGD([W], lr=0.1))
    for _ in range(3):
        expected = X @ W.data
        _, y = step(X, T)
        np.testing.assert_allclose(y, expected, rtol=1e-14)
    assert step.reason == ""


def test_other_arrays_shapes_and_types():
    """Each kind of argument is compiled by itself; arrays may lie anywhere, come as lists, and change in place."""
    W, _, step = line()
    wide = np.zeros((2, 4))
    wide[:, ::2] = X
    arguments = [(X, T), (X.copy(), T), (wide[:, ::2], T), (X[:1], T[:1]), (X.tolist(), [1.0, 0.0]), (np.asfortranarray(X), T)]
    arguments += [(Tensor(X), Tensor(T)), (X.astype(np.float32), T), (X.astype(int), T), (X, T)]
    for _ in range(2):
        for x, t in arguments:
            plain = [np.asarray(getattr(a, "data", a)) if not isinstance(a, list) else np.array(a) for a in (x, t)]
            loss, after = eager(W.data, *plain)
            assert step(x, t) == pytest.approx(loss, rel=1e-6)
            np.testing.assert_allclose(W.data, after, rtol=1e-6)
            assert step.reason == ""
    X[0, 0] += 1
    loss, after = eager(W.data)
    assert step(X, T) == pytest.approx(loss)
    X[0, 0] -= 1


def test_batches_that_are_other_arrays_each_time(rng):
    """Rows of a data set, numbers, arrays that come again or change in place: each is read as it is then."""
    data, targets = rng.normal(size=(9, 2)), rng.normal(size=9)
    W, _, step = line()
    again = data[3].copy()
    batches = [*zip(data, targets, strict=True), *[(again, 0.5)] * 4, *[(again, float(t)) for t in targets[:3]]]
    batches += [(data[i % 2], targets[i]) for i in range(4)] + [(data[::3, 0][:2], targets[0]), (data[0], 2.0), (W.data, 0.5)]
    for i, (x, t) in enumerate(batches):
        again += i
        loss, after = eager(W.data, x.copy(), t)
        np.testing.assert_allclose(step(x, t), loss, rtol=1e-12)
        np.testing.assert_allclose(W.data, after, rtol=1e-12)
        W.data[...] = [1.0, -2.0]
    assert step.reason == ""


def test_parameters_that_get_other_arrays():
    """W.data may be another array, a NumPy scalar, or one with gaps; what is changed is that of W."""
    W, _, step = line()
    step(X, T)
    for data in (np.array([5.0, 1.0]), np.zeros(4)[::2]):
        W.data = data
        _, after = eager(W.data)
        step(X, T)
        np.testing.assert_allclose(W.data, after, rtol=1e-14)
    b = leaf(np.float64(1.0), "b")
    b.data = np.float64(1.0)
    step = compiled(lambda x: (b * x) ** 2, [b], optim.SGD([b], lr=0.1))
    values = [(step(2.0), float(b.data))[1] for _ in range(3)]
    np.testing.assert_allclose(values, [0.2, 0.04, 0.008])


def test_an_argument_that_is_a_parameters_own_array():
    """All is computed before anything changes, also where a batch shares memory with W."""
    W = leaf(np.array([[1.0, 2.0], [3.0, 4.0]]))
    step = compiled(lambda x: ((x @ W) ** 2).sum(), [W], optim.SGD([W], lr=0.001))
    for _ in range(3):
        other = leaf(W.data.copy())
        L = ((Tensor(W.data.copy()) @ other) ** 2).sum()
        L.backward()
        assert step(W.data) == pytest.approx(L.data)
        np.testing.assert_allclose(W.data, other.data - 0.001 * other.grad, rtol=1e-13)


def test_settings_and_memories_that_change():
    """Momentum that is set anew, and a state that is loaded, count from the next step on; also eager steps in between."""
    W, loss, step = line(momentum=0.9)
    V = leaf(W.data.copy())
    descent = optim.SGD([V], lr=0.1, momentum=0.9)

    def both(is_eager=False):
        L = ((Tensor(X) @ V - Tensor(T)) ** 2).sum()
        descent.zero_grad()
        L.backward()
        descent.step()
        if is_eager:
            step.optimiser.zero_grad()
            loss(Tensor(X), Tensor(T)).backward()
            step.optimiser.step()
        else:
            step(X, T)
        np.testing.assert_allclose(W.data, V.data, rtol=1e-12)

    state = None
    for i in range(8):
        both(is_eager=i == 3)
        if i == 2:
            step.optimiser.momentum = descent.momentum = 0.5
        if i == 4:
            state = step.optimiser.state_dict(), descent.state_dict()
        if i == 6:
            step.optimiser.load_state_dict(state[0])
            descent.load_state_dict(state[1])
    assert step.reason == ""


class Doubled(nn.Module):
    """Twice as much in training."""

    def forward(self, x):
        return x * (2.0 if self.training else 1.0)


def test_a_layers_mode_is_looked_at():
    """In evaluation mode a layer does something else; the step too."""
    W, layer = leaf([1.0, 2.0]), Doubled()
    step = compiled(lambda: layer(W * 1.0).sum(), [W])
    assert [step(), step()] == [6, 6]
    layer.eval()
    assert [step(), step()] == [3, 3]


def test_what_a_step_says_of_itself():
    """Its function, and for how many kinds of arguments it is compiled; or why it is not."""
    W = leaf([1.0, 2.0])

    def total(x):
        return (W * x).sum()

    step = compiled(total, [W])
    assert repr(step).endswith("total, compiled for 0 kinds of arguments)")
    step(np.ones(2))
    assert repr(step).endswith("total, compiled for 1 kind of arguments)")
    with checked():
        step(np.ones(2))
    assert repr(step).endswith("total, runs as usual: Somebody watches the graph: checked(), a hook, or another observer.)")


REASONS = {
    "branch": (lambda W, x: (W * x).sum() if (W * x).sum() > 0 else (W + x).sum(), r"reads the values of .* by >"),
    "float": (lambda W, x: (W * x).sum() * float(W.sum()), r"reads the values of .* by float\(\)"),
    "item": (lambda W, x: (W * x).sum() * x.sum().item(), r"reads the values of .* by \.item\(\)"),
    "data": (lambda W, x: (W * x * (x.data > 0)).sum(), r"reads the values of .* by \.data"),
    "random": (lambda W, x: (W * x * np.random.default_rng().normal(size=2)).sum(), "draws random numbers"),
    "beside": (lambda W, x: ((W * x).sum(), W * 2), "returns something beside the loss that the loss is not computed from"),
    "primitive": (lambda W, x: (np.linalg.inv(W * x * np.eye(2)) * np.eye(2)).sum(), "inv: the primitive 'linalg.inv'"),
}


@pytest.mark.parametrize(("function", "reason"), REASONS.values(), ids=REASONS)
def test_steps_that_run_as_usual_say_why(function, reason):
    """A warning once, the reason each time, and the right numbers."""
    W = leaf([1.0, 2.0])
    step = compiled(lambda x: function(W, x), [W])
    with pytest.warns(RuntimeWarning, match=f"This step is not compiled, but runs as usual. .*{reason}"):
        step(np.array([3.0, -1.0]))
    W.grad = None
    step(np.array([3.0, -1.0]))
    assert W.grad is not None
    assert step.reason


def test_without_a_compiler_a_step_runs_as_usual(monkeypatch):
    """A warning says what is missing."""
    monkeypatch.setattr("microgradnn.compiling.compiler.find_compiler", lambda: None)
    W, _, step = line()
    with pytest.warns(RuntimeWarning, match="There is no C compiler"):
        step(X, T)
    _, after = eager(W.data)
    step(X, T)
    np.testing.assert_allclose(W.data, after, rtol=1e-14)


def test_a_step_is_not_compiled_again_and_again(monkeypatch):
    """After so many shapes, others run as usual; those that are known are compiled still."""
    monkeypatch.setattr("microgradnn.compiling.steps.MOST_KINDS", 2)
    _, _, step = line()
    for samples in (1, 2, 3):
        step(X[[0] * samples], T[[0] * samples])
    assert "compiled 2 times" in step.reason
    step(X, T)
    assert step.reason == ""


def test_what_a_step_changes_besides_is_changed_once():
    """BatchNorm's running averages are those of the eager steps: such a step is not compiled."""
    network, other = (nn.Sequential(nn.Linear(2, 3, rng=np.random.default_rng(0)), nn.BatchNorm(3)) for _ in range(2))
    step = compiled(lambda x: (network(x) ** 2).sum(), network.parameters())
    with pytest.warns(RuntimeWarning, match="changes something in each call"):
        step(X)
    step(X)
    (other(Tensor(X)) ** 2).sum()
    (other(Tensor(X)) ** 2).sum()
    ours, theirs = network.state_dict(), other.state_dict()
    assert all(np.allclose(ours[name], theirs[name]) for name in ours)


class Wrong(Op):
    """An operation whose rule looks at the clock, as it were: it is another in the second call."""

    calls = 0

    def forward(self, x):
        Wrong.calls += 1
        return x * 1.0 if Wrong.calls > 3 else x * 2.0

    def dx(self, dz, z, x):
        return dz

    vjps = (dx,)


def test_the_first_call_is_compared():
    """What is compiled and gives other numbers than the usual step is not used."""
    W = leaf([1.0, 2.0])
    Wrong.calls = 2
    step = compiled(lambda: Wrong()(W).sum(), [W])
    with pytest.warns(RuntimeWarning, match="gave other numbers than the usual step"):
        step()


def test_while_somebody_watches_a_step_is_eager():
    """checked() and hooks see what happens; afterwards the compiled step goes on."""
    W, _, step = line()
    step(X, T)
    step(X, T)
    with checked():
        step(X, T)
        assert "Somebody watches the graph" in step.reason
    seen = []
    hook = W.register_hook(seen.append)
    step(X, T)
    hook.remove()
    step(X, T)
    assert len(seen) == 1
    assert step.reason == ""


def test_a_graph_from_before_a_step_is_refused():
    """As after an optimiser's own step: its gradients would mix old and new values."""
    W, _, step = line()
    step(X, T)
    for _ in range(3):
        L = (W * W).sum()
        step(X, T)
        with pytest.raises(RuntimeError, match="was changed after multiply had used it"):
            L.backward()
        step(X, T)


def test_an_index_out_of_bounds_changes_nothing():
    """IndexError, and W as it was."""
    W = leaf(np.arange(12.0).reshape(4, 3))
    step = compiled(lambda rows: (tanh(W)[rows] ** 2).sum(), [W], optim.SGD([W], lr=0.1))
    for _ in range(2):
        step(np.array([0, 3]))
    before = W.data.copy()
    with pytest.raises(IndexError, match="out of bounds for an axis of size 4; nothing has been changed"):
        step(np.array([0, 4]))
    assert np.array_equal(W.data, before)


def test_an_optimiser_with_a_step_of_its_own():
    """Gradients are compiled, and its step is called."""

    class Halving(optim.SGD):
        def step(self):
            super().step()
            self.lr /= 2

    W = leaf([1.0, -2.0])
    step = compiled(lambda x, t: ((x @ W - t) ** 2).sum(), [W], Halving([W], lr=0.1))
    for lr in (0.1, 0.05, 0.025):
        _, after = eager(W.data, lr=lr)
        step(X, T)
        np.testing.assert_allclose(W.data, after, rtol=1e-14)
    assert step.reason == ""


def test_threads_and_forks():
    """Two threads take steps at once, and a process that was forked goes on by itself."""
    step = line(lr=1e-6)[2]
    step(X, T)
    threads = [threading.Thread(target=lambda: [step(X, T) for _ in range(300)]) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    if "fork" in multiprocessing.get_all_start_methods():
        process = multiprocessing.get_context("fork").Process(target=lambda: step(X, T))
        process.start()
        process.join(30)
        assert process.exitcode == 0


def test_what_is_no_function_is_refused():
    """The message says what compiled takes."""
    with pytest.raises(TypeError, match="takes a function that returns a loss, and a list of Tensors"):
        compiled(leaf([1.0]), [leaf([1.0])])
    with pytest.raises(TypeError, match="should return a loss, a Tensor; it returned 3"):
        compiled(lambda: 3, [leaf([1.0])])()


def test_a_loss_with_an_axis_is_handed_over():
    """A loss of shape (1,) is an array of its own, which the next step does not write to."""
    W = leaf([1.0, -2.0])
    step = compiled(lambda x: (x @ W).sum(keepdims=True), [W], optim.SGD([W], lr=0.1))
    losses = [step(X) for _ in range(4)]
    expected = [(X @ [1.0, -2.0]).sum() - 0.1 * i * (X.sum(axis=0) ** 2).sum() for i in range(4)]
    np.testing.assert_allclose([L[0] for L in losses], expected)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.filterwarnings("ignore:This step is not compiled")
def test_gradients_of_the_optimisers_other_parameters(first):
    """What an optimiser has beside the parameters has the gradient of this step, and none that was left from another."""
    W, V = leaf([1.0, -2.0]), leaf([3.0, 0.5], "V")
    step = compiled(lambda x: ((x @ (W * V if first else W)) ** 2).sum(), [W], optim.SGD([W, V], lr=0.01))
    ours, theirs = leaf(W.data), leaf(V.data)
    sgd = optim.SGD([ours, theirs], lr=0.01)
    V.grad = np.ones(2)
    for _ in range(4):
        L = ((Tensor(X) @ (ours * theirs if first else ours)) ** 2).sum()
        sgd.zero_grad()
        L.backward()
        sgd.step()
        assert step(X) == pytest.approx(L.item())
        np.testing.assert_allclose([W.data, V.data], [ours.data, theirs.data])


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # since NumPy 2.5
def test_arrays_that_are_reshaped_or_masked_between_steps():
    """An array that gets another shape is another argument; one with a mask, which would be lost, is refused."""
    W = leaf([1.0, -2.0])
    step = compiled(lambda x: (x * W).sum() * len(x), [W])
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert [step(x), step(x)] == [-16, -16]
    x.shape = (4, 1)
    assert step(x) == -40
    x.shape = (2, 2)
    assert step(x) == -16
    row = np.array([1.0, 3.0])
    assert [step(row), step(row)] == [-10, -10]
    row.shape = (2, 1)
    assert step(row) == -8
    with pytest.raises(TypeError, match="A Tensor has no mask"):
        step(np.ma.masked_array(x, x > 2))


def test_another_optimiser():
    """What was compiled for one optimiser is not used for another that is put in its place."""
    W, _, step = line()
    step(X, T)
    step(X, T)
    step.optimiser = optim.SGD([W], lr=1.0)
    _, after = eager(W.data, lr=1.0)
    step(X, T)
    np.testing.assert_allclose(W.data, after)


def test_groups_with_settings_of_their_own():
    """An optimiser with groups has another rule for each: gradients are compiled, and its step is called."""
    ours, theirs = ([leaf([1.0, -2.0]), leaf([0.5, 0.25], "V")] for _ in range(2))
    loss = lambda W, V, x: ((x @ (W * V)) ** 2).sum()  # noqa: E731 - as users write it
    one, other = (optim.SGD([{"params": [W]}, {"params": [V], "lr": 0.01}], lr=0.1) for W, V in (ours, theirs))
    step = compiled(lambda x: loss(*ours, x), ours, one)
    for _ in range(3):
        step(X)
        other.zero_grad()
        loss(*theirs, Tensor(X)).backward()
        other.step()
        for x, y in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(x.data, y.data, rtol=1e-13)
    assert step.reason == ""
