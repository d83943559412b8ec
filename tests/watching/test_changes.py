"""Changes in place: all or nothing, whatever interrupts them, and no gradient of a graph that they have made untrue."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interrupts import half_done

from microgradnn import Tensor, backward_steps, chain_rule, draw, grad, hvp, nn, no_grad, optim, unroll
from microgradnn.graph import recording
from microgradnn.watching.changes import all_at_once, holders, known, put, written

CHANGED = "was changed after .* had used it, and before the backward pass"


def leaf(values, name):
    return Tensor(values, requires_grad=True, name=name)


# Whoever changes a parameter through the library: what is changed, and by what


def by_a_step(W):
    W.grad = np.ones(W.shape)
    optim.SGD([W], lr=0.1).step()


def by_a_rule(W):
    W.grad = np.ones(W.shape)
    optim.Adam([W]).step()


def in_place(W):
    with no_grad():
        W -= 0.5


def by_load_state_dict(W):
    network = nn.Sequential()
    network.W = W
    network.load_state_dict({"W": np.zeros(W.shape)})


CHANGES = [by_a_step, by_a_rule, in_place, by_load_state_dict]
changes = pytest.mark.parametrize("change", CHANGES)


@changes
def test_a_second_pass_after_a_change_is_refused(change):
    """`L.backward()`, a change of W, `L.backward()`: the second raises and names W, and no gradient has been touched."""
    W, x = leaf([[1.0, 2.0], [3.0, 4.0]], "W"), leaf([1.0, -1.0], "x")
    L = ((x @ W) ** 2).sum()
    L.backward()
    W.grad, kept = None, x.grad.copy()
    change(W)
    W.grad = None
    for passes in (L.backward, lambda: grad(L, x), lambda: grad(L, W, create_graph=True), lambda: backward_steps(L)):
        with pytest.raises(RuntimeError, match=rf"^'W' of shape \(2, 2\) {CHANGED}[^$]*h = h\.detach\(\)"):
            passes()
    assert W.grad is None
    assert x.grad.tolist() == kept.tolist()


@changes
@pytest.mark.parametrize("view", [lambda W: W[0], lambda W: W.T, lambda W: W.detach(), lambda W: Tensor(W.data)])
def test_what_shares_memory_is_known_too(change, view):
    """A row, a transpose, a detached Tensor and one that shares the array change with W: a graph that used one is refused."""
    W, y = leaf(np.ones((2, 2)), "W"), leaf(np.ones((2, 2)), "y")
    L = (view(W) * y).sum()
    change(W)
    with pytest.raises(RuntimeError, match=CHANGED):
        L.backward()


def test_a_state_carried_over():
    """A hidden state that carries its history over a step is refused; detached, it gives the gradients of the new step."""
    W, x = leaf([[0.5, -0.2], [0.1, 0.3]], "W"), Tensor([1.0, 2.0], name="x")
    descent, h = optim.SGD([W], lr=0.1), Tensor(np.zeros(2), name="h")

    def advance(h):
        h = ((x + h) @ W).tanh()
        descent.zero_grad()
        (h * h).sum().backward()
        descent.step()
        return h

    h = advance(h)
    with pytest.raises(RuntimeError, match=f"^'W' of shape .* {CHANGED}"):
        advance(h)
    start = h.data.copy()
    before = W.data.copy()
    advance(h.detach())
    expected = grad(lambda W: (((x + Tensor(start)) @ W).tanh() ** 2).sum())(before)
    np.testing.assert_allclose(W.grad, expected, rtol=1e-14)


def test_other_graphs_go_on():
    """What was not computed from the changed parameter, second orders, and passes that add up without a step stay right."""
    W, V = leaf([1.0, 2.0], "W"), leaf([3.0, 4.0], "V")
    L, other = (W * W).sum(), (V**3).sum()
    slope = grad(other, V, create_graph=True)
    optim.SGD([W], lr=0.1).step()
    by_a_step(W)
    other.backward()
    other.backward()
    assert V.grad.tolist() == [2 * 3 * 9, 2 * 3 * 16]
    assert grad(slope.sum(), V).tolist() == [18, 24]
    assert hvp(lambda V: (V**3).sum(), V.data, np.ones(2)).tolist() == [18, 24]
    with pytest.raises(RuntimeError, match=CHANGED):
        L.backward()
    (W * W).sum().backward()


def test_a_pass_that_stops_above_the_change():
    """A gradient at what was computed from a changed parameter asks no rule that would read it: it is right."""
    W = leaf([1.0, 2.0], "W")
    h = W * 2
    L = (h * h).sum()
    by_a_step(W)
    assert grad(L, h).tolist() == [4, 8]
    with pytest.raises(RuntimeError, match=CHANGED):
        grad(L, W)


def test_the_gradient_of_a_gradient_is_refused_too():
    """A gradient that was recorded before a step is refused after it: it was computed from the parameter."""
    W = leaf([1.0, 2.0], "W")
    slope = grad((W**3).sum(), W, create_graph=True)
    by_a_step(W)
    with pytest.raises(RuntimeError, match=CHANGED):
        slope.sum().backward()


@given(
    actions=st.lists(st.sampled_from(["compute", "change", "latest", "first"]), max_size=12), change=st.sampled_from(CHANGES)
)
def test_right_or_refused(actions, change):
    """Whatever the order of forwards, changes and backwards: refused if W has changed since, else the gradient at W."""
    W, x, changed = leaf([0.5, -1.5], "W"), Tensor([2.0, 3.0]), 0
    losses = [(((x * W) ** 3).sum(), changed)]
    for action in actions:
        if action == "compute":
            losses.append((((x * W) ** 3).sum(), changed))
        elif action == "change":
            change(W)
            changed += 1
        else:
            L, changed_before = losses[-1 if action == "latest" else 0]
            W.grad = None
            if changed_before < changed:
                with pytest.raises(RuntimeError, match=CHANGED):
                    L.backward()
            else:
                L.backward()
                np.testing.assert_allclose(W.grad, 3 * x.data**3 * W.data**2, rtol=1e-12)


def test_pictures_and_derivations_of_such_a_graph_say_so():
    """draw, chain_rule and unroll of a graph whose parameter has changed still work; the first two say what is of when."""
    W = leaf([0.5, -0.5], "W")
    L = ((Tensor([1.0, 2.0], name="x") @ W).tanh().named("h") ** 2).named("L")
    L.backward()
    note = "'W' of shape (2,) has changed since: its numbers are of now, all others of before"
    assert note not in str(chain_rule(L, W[0])) and draw(L).picture.notes == []
    optim.SGD([W], lr=0.1).step()
    for gradient in (W.grad, None):
        W.grad = gradient
        rule = chain_rule(L, W[0])
        assert str(rule).splitlines()[-1] == note
        assert rule.checks[0].agrees is (None if gradient is None else True)  # no rule on the way reads W itself
        assert note in draw(L).picture.notes
        assert note in rule.diagram.picture.notes
        assert note in draw(L, expand=W[0]).picture.notes
    assert unroll(L, [W])


def test_what_is_known_ends_with_its_array():
    """Entries of arrays that are gone go with them."""
    array = np.zeros(3)
    key = known(array)
    written[key] = 1
    assert key in holders
    del array
    assert key not in holders and key not in written


def test_put_keeps_the_memory_or_takes_the_array():
    """A parameter keeps its own array; what cannot be written to, and what requires no gradient, gets the new one."""
    W, fixed, buffer = leaf([1.0], "W"), leaf([1.0], "fixed"), Tensor([1.0])
    fixed.data.flags.writeable = False
    kept, new = [x.data for x in (W, fixed, buffer)], np.array([2.0])
    put([(W, new), (fixed, new), (buffer, new)])
    assert [x.data is array for x, array in zip((W, fixed, buffer), kept, strict=True)] == [True, False, False]
    assert W.item() == fixed.item() == buffer.item() == 2
    assert kept[2].item() == 1


def test_an_update_that_fails_changes_nothing():
    """Where the rule of the second parameter raises, the first has not moved, and nothing is remembered of it."""

    class Failing(optim.Adam):
        def update(self, W, *args, **memory):
            if W.size == 3:
                raise MemoryError
            return super().update(W, *args, **memory)

    parameters = leaf(np.ones(2), "W"), leaf(np.ones(3), "V")
    for W in parameters:
        W.grad = np.ones(W.shape)
    failing = Failing(parameters)
    with pytest.raises(MemoryError):
        failing.step()
    assert parameters[0].data.tolist() == [1, 1]
    assert "t.0" not in failing.state_dict()


# Ctrl-C at each line


def network_and_state():
    """A small network with a loss, and a function that tells all that may be left half-done."""
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(2, 2, rng=rng), nn.BatchNorm(2))
    L = (network(Tensor(rng.normal(size=(3, 2)))) ** 2).sum()

    def look(optimiser=None):
        values = {name: x.data.tolist() for name, x in network.named_tensors().items()}
        grads = {name: None if x.grad is None else x.grad.tolist() for name, x in network.named_tensors().items()}
        kept = {} if optimiser is None else {name: np.array(x).tolist() for name, x in optimiser.state_dict().items()}
        return values, grads, kept, recording.get(), [module.training for module in network.modules()]

    return network, L, look


def a_step(kind, **options):
    def prepare():
        network, L, look = network_and_state()
        optimiser = kind(network.parameters(), **options)
        L.backward()
        optimiser.step()
        return optimiser.step, lambda: look(optimiser)

    return prepare


def a_pass():
    _, L, look = network_and_state()
    L.backward()
    return L.backward, look


def a_load():
    network, _, look = network_and_state()
    state = {name: array + 1 for name, array in network.state_dict().items()}
    return lambda: network.load_state_dict(state), look


def a_zero_grad():
    network, L, look = network_and_state()
    L.backward()
    return network.zero_grad, look


def an_eval():
    network, _, look = network_and_state()
    return network.eval, look


def a_clipping():
    network, L, look = network_and_state()
    L.backward()
    return lambda: optim.clip_grad_norm_(network.parameters(), 0.1), look


def a_schedule():
    descent = optim.SGD([leaf([1.0], "W")], lr=0.5)
    first, second = optim.StepLR(descent, step_size=1), optim.ExponentialLR(descent, gamma=0.5)
    return second.step, lambda: (descent.lr, first.epoch, second.epoch)


INTERRUPTED = {
    "SGD": a_step(optim.SGD, lr=0.1),
    "SGD with momentum": a_step(optim.SGD, lr=0.1, momentum=0.9),
    "Adam": a_step(optim.Adam, amsgrad=True),
    "RMSprop": a_step(optim.RMSprop, momentum=0.9, centered=True),
    "backward": a_pass,
    "load_state_dict": a_load,
    "zero_grad": a_zero_grad,
    "eval": an_eval,
    "clip_grad_norm_": a_clipping,
    "schedule": a_schedule,
}


@pytest.mark.parametrize("prepare", INTERRUPTED.values(), ids=INTERRUPTED.keys())
def test_ctrl_c_leaves_nothing_half_done(prepare):
    """Interrupted at any line of the package, parameters, gradients, memory and buffers are all as before or all as after."""
    places, left = half_done(prepare)
    assert places > 10
    assert left == []


def test_half_done_is_found():
    """What changes two things in two statements is found to be half-done in between."""

    def prepare():
        W = leaf([1.0, 2.0], "W")
        moved = optim.SGD([W], lr=1), optim.SGD([W], lr=1)
        W.grad = np.ones(2)
        return lambda: [descent.step() for descent in moved], W.data.tolist

    assert half_done(prepare)[1]


def test_ctrl_c_in_no_grad():
    """Interrupted at any line of no_grad, recording is on afterwards; but for the one that switches it on again."""

    def prepare():
        def run():
            with no_grad():
                assert not recording.get()

        recording.set(True)
        return run, recording.get

    places, left = half_done(prepare)
    recording.set(True)
    assert places > 4
    assert [function for function, _ in left] == ["no_grad"]


def test_all_at_once_makes_them_in_order():
    """Later changes see what earlier ones made."""
    made = []
    all_at_once([(made.append, 1), (made.extend, [2, 3]), (made.pop, 0)])
    assert made == [2, 3]
