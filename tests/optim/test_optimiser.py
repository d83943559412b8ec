"""Optimisers: numbers that PyTorch gave (tests/oracles compares the two), states, refusals."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import generators

from microgradnn import Tensor, grad, log, nn, optim
from microgradnn.programs.recorder import Recorder

# optimiser, options, and what ten steps make of (1, −0.5, 2) with L = Σ log(1 + W²): all from PyTorch 2.13
TEN_STEPS = [
    (optim.SGD, {"lr": 0.1}, [0.19893601828737423, -0.06337447594824208, 1.107360921027396]),
    (optim.SGD, {"lr": 0.1, "weight_decay": 0.3}, [0.12569917760129865, -0.04258793521146781, 0.6597113151967182]),
    (optim.SGD, {"lr": 0.1, "momentum": 0.9}, [-0.4379009209917415, 0.08277165908716502, -0.8883146959317859]),
    (
        *(optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.4, "weight_decay": 0.3}),
        [-0.5450363324660089, 0.22456644695636477, -0.8766922267248729],
    ),
    (
        *(optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.3}),
        [0.019043139348284034, -0.042436000622944864, -0.35741860656107766],
    ),
    (optim.SGD, {}, [0.9900001435142236, -0.4920347268833303, 1.9919913486434964]),
    (optim.RMSprop, {}, [0.5093342978118371, -0.10484988220088824, 1.4791264997326812]),
    (
        *(optim.RMSprop, {"lr": 0.05, "alpha": 0.9, "eps": 0.001, "weight_decay": 0.3}),
        [0.24017595897729407, -0.01016923519950597, 1.140408276355752],
    ),
    (optim.RMSprop, {"centered": True}, [0.4990448655370655, -0.10003632258714451, 1.4667872788129335]),
    (optim.RMSprop, {"momentum": 0.8}, [-0.28485235401214964, 0.10360285113510306, 0.14932525302517272]),
    (
        *(optim.RMSprop, {"momentum": 0.8, "centered": True, "weight_decay": 0.1}),
        [-0.2867055486609188, 0.10360991535262304, 0.1637877829927832],
    ),
    (optim.Adam, {}, [0.9900000116650964, -0.49000394448759194, 1.989999035288292]),
    (
        *(optim.Adam, {"lr": 0.05, "betas": (0.8, 0.95), "eps": 0.001, "weight_decay": 0.3}),
        [0.5066255554612705, -0.044369057209955085, 1.5008366403150661],
    ),
    (
        *(optim.Adam, {"lr": 0.05, "betas": (0.9, 0.5), "amsgrad": True}),
        [0.5018317719091738, -0.05301262959673035, 1.5084788244470664],
    ),
    (optim.AdamW, {}, [0.9899004663853732, -0.48995441664860667, 1.9897994750606305]),
    (
        *(optim.AdamW, {"lr": 0.05, "betas": (0.9, 0.5), "weight_decay": 0.3, "amsgrad": True}),
        [0.3973515742586756, -0.02480440048554643, 1.2636965652462508],
    ),
]
OPTIMISERS = pytest.mark.parametrize(("kind", "options"), [row[:2] for row in TEN_STEPS])
any_optimiser = st.sampled_from([row[:2] for row in TEN_STEPS])


def take_steps(optimiser, count):
    """Steps that make Σ log(1 + W²) smaller."""
    for _ in range(count):
        optimiser.zero_grad()
        for W in optimiser.parameters:
            log(1 + W * W).sum().backward()
        optimiser.step()


@pytest.mark.parametrize(("kind", "options", "expected"), TEN_STEPS)
def test_ten_steps(kind, options, expected):
    """Ten steps of each optimiser lead where PyTorch's lead, in the array the parameter had, for vectors and numbers."""
    W, w = Tensor([1.0, -0.5, 2.0], requires_grad=True), Tensor(2.0, requires_grad=True)
    data = W.data
    take_steps(kind([W, w], **options), 10)
    assert W.data is data
    np.testing.assert_allclose(W.data, expected, rtol=1e-12)
    np.testing.assert_allclose(w.data, expected[2], rtol=1e-12)
    assert w.shape == ()


@OPTIMISERS
def test_float32_stays(kind, options):
    """A float32 parameter is still one after a step, and so is all that is remembered of it."""
    W = Tensor(np.float32([1.0, -2.0]), requires_grad=True)
    optimiser = kind([W], **options)
    take_steps(optimiser, 2)
    assert W.dtype == np.float32
    assert {x.dtype for x in optimiser.state_dict().values() if isinstance(x, np.ndarray)} <= {np.dtype("float32")}


@OPTIMISERS
def test_no_gradient_no_step(kind, options):
    """A parameter without a gradient stays as it is, weight decay or not; a gradient is left as it was."""
    W, frozen = Tensor([1.0, -2.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    W.grad = np.array([0.5, 0.25])
    optimiser = kind([frozen, W], **options)
    optimiser.step()
    optimiser.step()
    assert frozen.data.tolist() == [5]
    assert frozen.grad is None
    assert W.grad.tolist() == [0.5, 0.25]
    assert not any(name.endswith(".0") for name in optimiser.state_dict())


@OPTIMISERS
def test_nothing_is_recorded(kind, options):
    """A step adds nothing to the graph: the parameter stays a leaf with a plain array."""
    W = Tensor([1.0, -2.0], requires_grad=True)
    take_steps(kind([W], **options), 2)
    assert W.is_leaf
    assert type(W.data) is np.ndarray


# The rules, run on other things than arrays


def arrays_for_a_rule(optimiser):
    """W, g, t, lr, and what the rule remembers: in the third step, as arrays and numbers."""
    rng = np.random.default_rng(0)
    memory = {name: rng.uniform(1, 2, 3) for name in optimiser.remembered()}
    return rng.normal(size=3), rng.normal(size=3), np.float64(3), np.float64(optimiser.lr), memory


def read_by(expression):
    """The Expressions that an Expression is computed from, itself among them."""
    found = [expression]
    for made in found:  # the list grows while we go along it
        found += [x for x in made.operands if x not in found]
    return found


@OPTIMISERS
def test_a_rule_runs_on_names(kind, options):
    """On the names of a program a rule writes down what it does with arrays; lr is a parameter of the program, and so is t."""
    optimiser = kind([Tensor(np.zeros(3), requires_grad=True)], **options)
    W, g, t, lr, memory = arrays_for_a_rule(optimiser)
    recorder = Recorder(lambda array: array)
    names = [recorder.parameter(np.array(x)) for x in (W, g, t, lr)]
    remembered = {key: recorder.parameter(np.array(x)) for key, x in memory.items()}
    _, _, t_made, lr_made = [name.expression for name in names]
    W_name, kept_names = optimiser.update(*names, **remembered)
    W, kept = optimiser.update(W, g, t, lr, **memory)
    assert W_name.array.tolist() == W.tolist()
    for name in optimiser.remembered():
        assert kept_names[name].array.tolist() == kept[name].tolist()
    read = read_by(W_name.expression)
    assert lr_made in read
    assert (t_made in read) == (kind in (optim.Adam, optim.AdamW) or "dampening" in options)


@OPTIMISERS
def test_a_rule_runs_on_tensors(kind, options):
    """On Tensors a rule is recorded: how the new W changes with lr is a backward pass, and what differences say."""
    optimiser = kind([Tensor(np.zeros(3), requires_grad=True)], **options)

    def updated(lr):
        W, g, t, _, memory = arrays_for_a_rule(optimiser)
        if not isinstance(lr, Tensor):
            return optimiser.update(W, g, t, lr, **memory)[0].sum()
        return optimiser.update(*map(Tensor, (W, g, t)), lr, **{key: Tensor(x) for key, x in memory.items()})[0].sum()

    lr = Tensor(optimiser.lr, requires_grad=True)
    expected = (updated(optimiser.lr + 1e-4) - updated(optimiser.lr - 1e-4)) / 2e-4
    assert grad(updated(lr), lr) == pytest.approx(expected, rel=1e-6)


def test_sgd_written_out_is_the_rule():
    """The step that SGD writes out for speed is its rule, to the last bit."""
    rng = np.random.default_rng(0)
    W = Tensor(rng.normal(size=(4, 3)), requires_grad=True)
    W.grad = rng.normal(size=(4, 3))
    descent = optim.SGD([W], lr=0.3)
    expected, _ = descent.update(W.data.copy(), W.grad, 1, descent.lr)
    descent.step()
    assert np.array_equal(W.data, expected)


class Averaged(optim.Optimiser):
    """A rule that changes nothing in place."""

    def remembered(self):
        return ("m",)

    def update(self, W, g, t, lr, m):
        m = m + (g - m) / t
        return W - lr * m, {"m": m}


def test_a_rule_may_return_new_arrays():
    """What a rule returns is written into the parameter's own memory, and what it remembers comes back at the next step."""
    W, w = Tensor([1.0, 2.0], requires_grad=True), Tensor(3.0, requires_grad=True)
    data = W.data, w.data
    averaged = Averaged([W, w], lr=1)
    for g in (4.0, 2.0):
        W.grad, w.grad = np.full(2, g), np.array(g)
        averaged.step()
    assert W.data is data[0]
    assert w.data is data[1]
    assert W.data.tolist() == [1 - 4 - 3, 2 - 4 - 3]
    assert w.data == 3 - 4 - 3
    assert averaged.state_dict()["m.0"].tolist() == [3, 3]
    assert isinstance(averaged.state_dict()["m.1"], np.ndarray)


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (None, TypeError, r"^Averaged\.update is to end with `return W, \{'m': m\}`; it returned None\.$"),
        ((np.ones(2), {}), TypeError, r"^Averaged\.update is to end with `return W, \{'m': m\}`; it returned \(array"),
        ((np.ones(3), {"m": np.ones(2)}), ValueError, r"^The update of 'W' of shape \(2,\) has shape \(3,\)"),
    ],
)
def test_a_rule_that_returns_something_else(monkeypatch, returned, error, message):
    """A rule that returns nothing, forgets what it remembers, or returns another shape is refused."""
    W = Tensor([1.0, 2.0], requires_grad=True, name="W")
    W.grad = np.ones(2)
    monkeypatch.setattr(Averaged, "update", lambda self, *args, **memory: returned)
    with pytest.raises(error, match=message):
        Averaged([W], lr=1).step()
    assert W.data.tolist() == [1, 2]


def test_zero_grad():
    """zero_grad takes gradients back to 'not computed'."""
    W = Tensor([1.0], requires_grad=True)
    W.grad = np.ones(1)
    optim.Adam([W]).zero_grad()
    assert W.grad is None


class Symmetric(nn.Module):
    """The source's network for many samples, adding up every unit's inputs in the same order."""

    def __init__(self, W, V):
        self.W, self.b_h = Tensor(W, requires_grad=True), Tensor(np.zeros(W.shape[1]), requires_grad=True)
        self.V, self.b_o = Tensor(V, requires_grad=True), Tensor(0.0, requires_grad=True)

    def forward(self, x):
        h = ((x[:, :, None] * self.W).sum(axis=1) + self.b_h).tanh()
        return (h * self.V).sum(axis=1) + self.b_o


@given(kind_and_options=any_optimiser, rng=generators, hidden=st.integers(2, 9))
def test_equal_units_stay_equal(kind_and_options, rng, hidden):
    """Hidden units with equal incoming and outgoing weights stay equal to the last bit, under every optimiser."""
    kind, options = kind_and_options
    X, T = rng.normal(size=(4, 3)), rng.normal(size=4)
    network = Symmetric(np.repeat(rng.normal(size=(3, 1)), hidden, axis=1), np.full(hidden, rng.normal()))
    begun = network.W.data.copy()
    optimiser = kind(network.parameters(), **options)
    for _ in range(5):
        optimiser.zero_grad()
        nn.mse_loss(network(Tensor(X)), T).backward()
        optimiser.step()
    assert (network.W.data == network.W.data[:, :1]).all()
    assert (network.b_h.data == network.b_h.data[0]).all()
    assert (network.V.data == network.V.data[0]).all()
    assert (network.W.data != begun).all()


@given(kind_and_options=any_optimiser, before=st.integers(0, 3), after=st.integers(1, 3))
def test_states_continue(kind_and_options, before, after):
    """A state that has been in a file continues with the same bits, in an optimiser that was made with other settings."""
    kind, options = kind_and_options
    one = kind([Tensor([1.0, -2.0], requires_grad=True), Tensor(3.0, requires_grad=True)], **options)
    take_steps(one, before)
    file = io.BytesIO()
    np.savez(file, **one.state_dict())
    other = kind([Tensor(W.numpy(), requires_grad=True) for W in one.parameters], lr=7)
    with np.load(io.BytesIO(file.getvalue())) as state:
        other.load_state_dict(state)
    assert repr(other) == repr(one)
    take_steps(one, after)
    take_steps(other, after)
    for W, other_W in zip(one.parameters, other.parameters, strict=True):
        assert np.array_equal(W.numpy(), other_W.numpy())


def test_states_are_copies():
    """A state does not change with the steps that follow it, nor an optimiser with the state it was given."""
    adam = optim.Adam([Tensor([1.0], requires_grad=True)])
    take_steps(adam, 1)
    state = adam.state_dict()
    kept = {name: np.copy(value) for name, value in state.items()}
    take_steps(adam, 1)
    assert all((state[name] == kept[name]).all() for name in kept)
    adam.load_state_dict(state)
    take_steps(adam, 1)
    assert all((state[name] == kept[name]).all() for name in kept)


def test_states_that_do_not_fit():
    """A state of other parameters or another optimiser is refused whole, with all differences."""
    adam = optim.Adam([Tensor([1.0, 2.0], requires_grad=True), Tensor(3.0, requires_grad=True)], lr=0.5)
    take_steps(adam, 1)
    state = adam.state_dict()
    before = repr(state)
    del state["t.1"]
    state |= {"lr": 0.25, "m.0": np.ones(3), "v.0": np.ones(2, np.float32), "m.2": np.ones(2)}
    with pytest.raises(ValueError) as caught:
        adam.load_state_dict(state)
    assert str(caught.value) == (
        "The state does not fit this Adam, and nothing was loaded:\n"
        "    t.1 is missing\n"
        "    m.2 is unknown here\n"
        "    m.0 is float64 of shape (3,); parameter 0 is float64 of shape (2,)\n"
        "    v.0 is float32 of shape (2,); parameter 0 is float64 of shape (2,)"
    )
    assert repr(adam.state_dict()) == before
    with pytest.raises(ValueError) as caught:
        adam.load_state_dict(optim.SGD(adam.parameters, lr=0.125).state_dict())
    assert str(caught.value) == (
        "The state does not fit this Adam, and nothing was loaded:\n"
        "    betas is missing\n    eps is missing\n    amsgrad is missing\n"
        "    momentum is unknown here\n    dampening is unknown here\n    nesterov is unknown here"
    )
    assert repr(adam.state_dict()) == before


@pytest.mark.parametrize("kind", [optim.SGD, optim.RMSprop, optim.Adam, optim.AdamW])
def test_refused_parameters(kind):
    """No parameters, a lone Tensor, a constant, a computed Tensor and one given twice are refused by every optimiser."""
    W = Tensor([1.0], requires_grad=True, name="W")
    with pytest.raises(ValueError, match=f"^{kind.__name__} was given no parameters: pass network.parameters"):
        kind([])
    with pytest.raises(TypeError, match=rf"^{kind.__name__} takes a list of Tensors: {kind.__name__}\(\[W\], lr="):
        kind(W)
    with pytest.raises(ValueError, match=f"^{kind.__name__} changes leaves that require a gradient; a Tensor of shape"):
        kind([W * 2])
    with pytest.raises(ValueError, match=f"^{kind.__name__} changes leaves that require a gradient; 'c' of shape"):
        kind([Tensor([1.0], name="c")])
    with pytest.raises(ValueError, match=f"^{kind.__name__} was given a parameter twice"):
        kind([W, W])


NOT_THE_NETWORK = r"^SGD takes the parameters of a network, not the network: SGD\(network\.parameters\(\)"
NO_LIST_OF_TENSORS = r"^SGD takes a list of Tensors.*network\.parameters\(\)"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda layer: layer, NOT_THE_NETWORK),
        (nn.Sequential, NOT_THE_NETWORK),
        (lambda layer: layer.named_parameters(), NO_LIST_OF_TENSORS),
        (lambda _: [3.0], NO_LIST_OF_TENSORS),
    ],
)
def test_no_list_of_parameters(make, message):
    """A module in place of its parameters, names beside them, and PyTorch's groups are refused, with what to give."""
    with pytest.raises(TypeError, match=message):
        optim.SGD(make(nn.Linear(1, 1, rng=np.random.default_rng(0))))


@pytest.mark.parametrize("lr", [None, "0.1", Tensor(0.1)])
def test_a_setting_that_is_no_number(lr):
    """A learning rate as a text, as from a command line, or none at all, is refused by name."""
    with pytest.raises(TypeError, match=r"^Adam: lr is a number; it was given "):
        optim.Adam([Tensor(1.0, requires_grad=True)], lr=lr)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (optim.SGD, {"lr": -1}, "The learning rate must not be negative; it is -1."),
        (optim.SGD, {"momentum": -0.5}, "momentum must not be negative; it is -0.5."),
        (optim.SGD, {"nesterov": True}, "Nesterov's momentum needs momentum > 0 and dampening = 0."),
        (
            optim.SGD,
            {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
            "Nesterov's momentum needs momentum > 0 and dampening = 0.",
        ),
        (optim.RMSprop, {"eps": -1e-8}, "eps must not be negative; it is -1e-08."),
        (optim.Adam, {"betas": (0.9, -0.1)}, "betas must not be negative; it is (0.9, -0.1)."),
        (optim.Adam, {"betas": (0.9, 1)}, "betas are two numbers below 1, how much of m and of v is kept; not (0.9, 1)."),
        (optim.AdamW, {"betas": (0.9,)}, "betas are two numbers below 1, how much of m and of v is kept; not (0.9,)."),
    ],
)
def test_refused_settings(kind, options, message):
    """Settings that make no sense are refused, by name."""
    with pytest.raises(ValueError) as caught:
        kind([Tensor(1.0, requires_grad=True)], **options)
    assert str(caught.value) == message


@pytest.mark.parametrize("grad", [np.ones((2, 1)), np.ones(3), 1.0, [[1.0]]])
@pytest.mark.parametrize(("kind", "options"), [(optim.SGD, {}), (optim.SGD, {"momentum": 0.9}), (optim.Adam, {})])
def test_a_gradient_of_another_shape(kind, options, grad):
    """It would be broadcast; it is refused by its parameter's name, and no parameter has been changed."""
    w, W = Tensor(1.0, requires_grad=True), Tensor(np.ones((2, 3)), requires_grad=True, name="W")
    w.grad, W.grad = np.ones(()), grad
    optimiser = kind([w, W], lr=0.1, **options)
    with pytest.raises(ValueError, match=r"^The gradient of 'W' of shape \(2, 3\) was set to (an array|the number)"):
        optimiser.step()
    assert w.item() == 1
    assert (W.data == 1).all()
    for wrong in (W.data.tolist(), Tensor(W.data)):
        W.grad = wrong
        with pytest.raises(ValueError, match=rf"^The gradient of 'W' .* was set to a {type(wrong).__name__}; it is an array"):
            optimiser.step()
    assert w.item() == 1


def test_names_in_a_state_cannot_steer_a_terminal():
    """What a file's names hold that is not printable is written as Python writes it."""
    descent = optim.SGD([Tensor(1.0, requires_grad=True)])
    with pytest.raises(ValueError, match=r"\n    \\x1b\[1m is unknown here$"):
        descent.load_state_dict({**descent.state_dict(), "\x1b[1m": 1})


def test_groups_have_settings_of_their_own():
    """A group is trained as by an optimiser of its own; a schedule changes all learning rates by the same share."""

    def leaves():
        return [Tensor([2.0, -1.0], requires_grad=True) for _ in range(2)]

    (a, b), (c, d) = leaves(), leaves()
    together = optim.SGD([{"params": [a], "lr": 0.1, "momentum": 0.9}, {"params": [b], "weight_decay": 0.5}], lr=0.2)
    alone = optim.SGD([c], lr=0.1, momentum=0.9), optim.SGD([d], lr=0.2, weight_decay=0.5)
    schedules = [optim.ExponentialLR(each, gamma=0.5) for each in (together, *alone)]
    for _ in range(3):
        for leaf in (a, b, c, d):
            leaf.grad = None
            (leaf**2).sum().backward()
        for each in (together, *alone):
            each.step()
        for schedule in schedules:
            schedule.step()
    assert np.array_equal(a.data, c.data) and np.array_equal(b.data, d.data)


def test_the_state_of_groups():
    """What each group remembers is saved and loaded: the steps that follow are the same."""

    def made(values):
        W, b = Tensor(values, requires_grad=True), Tensor(1.0, requires_grad=True)
        return W, optim.SGD([{"params": [W], "momentum": 0.9}, {"params": [b]}], lr=0.1)

    def step(W, descent):
        W.grad = None
        (W * W).sum().backward()
        descent.step()

    W, descent = made([1.0, 2.0])
    step(W, descent)
    other, again = made(W.data)
    again.load_state_dict(descent.state_dict())
    assert [name for name in descent.state_dict() if "." in name] == ["t.0", "v.0"]
    step(W, descent)
    step(other, again)
    assert np.array_equal(W.data, other.data)


def test_groups_that_are_none():
    """A group without parameters, with an unknown setting, or negative ones, is refused."""
    W = Tensor(1.0, requires_grad=True)
    with pytest.raises(TypeError, match="each group is a dict with its parameters"):
        optim.SGD([{"lr": 0.1}], lr=0.1)
    with pytest.raises(ValueError, match="SGD has no setting 'decay' for a group; there are lr, momentum"):
        optim.SGD([{"params": [W], "decay": 0.1}], lr=0.1)
    with pytest.raises(ValueError, match="weight_decay must not be negative"):
        optim.SGD([{"params": [W], "weight_decay": -1}], lr=0.1)
    with pytest.raises(TypeError, match="takes a list of Tensors"):
        optim.SGD([{"params": W}], lr=0.1)
