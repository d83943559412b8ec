"""Modules: what is in them, how it is named and printed, its state, and the switch between training and use."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgradnn import Tensor, draw, load, nn, no_grad, optim, relu, save, tanh, unroll


class Network(nn.Module):
    """A bit of everything: layers by name and in a list, one of them twice, a parameter, a constant, a function."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.hidden = nn.Linear(2, 1000, rng=rng)
        self.norm = nn.BatchNorm(1000)
        self.activation = relu
        self.more = [nn.Sequential(nn.Dropout(0.5, rng=rng), nn.LeakyReLU(0.2)), nn.Linear(1000, 3, bias=False, rng=rng)]
        self.again = self.more[1]
        self.scale = Tensor(2.0, requires_grad=True)
        self.shift = Tensor([0.5])

    def forward(self, x):
        x = self.activation(self.norm(self.hidden(x)))
        for layer in self.more:
            x = layer(x)
        return x * self.scale + self.shift


# What is in it


def test_parameters_and_buffers():
    """Parameters require a gradient, buffers are the other leaves; a shared one is there once; prefixes are put in front."""
    network = Network()
    parameters = ["hidden.W", "hidden.b", "norm.gamma", "norm.beta", "more.1.W", "scale"]
    assert [path for path, _ in network.named_parameters()] == parameters
    assert [path for path, _ in network.named_buffers("net.")] == ["net.norm.running_mean", "net.norm.running_var", "net.shift"]
    network.scale.requires_grad = False
    assert "scale" in dict(network.named_buffers())
    assert network.scale not in {*network.parameters()}


def test_buffers_are_named_by_path():
    """A buffer is called by its path, as parameters are; one that has a name keeps it."""
    network = Network()
    assert [tensor.name for _, tensor in network.named_buffers()] == ["norm.running_mean", "norm.running_var", "shift"]
    network.offset = Tensor(1.0, name="c")
    assert network.offset.name == "c"


def test_tensors_in_lists():
    """Parameters in a list are found, and named by their position."""
    module = nn.Module()
    module.weights = [Tensor(1.0, requires_grad=True), Tensor(2.0, requires_grad=True)]
    assert [(path, tensor.name) for path, tensor in module.named_parameters()] == [
        ("weights.0", "weights.0"),
        ("weights.1", "weights.1"),
    ]


def test_modules_in_dicts_and_nested_lists():
    """Parameters are found however deep in lists and dicts they are, and named by the path to them."""
    rng = np.random.default_rng(0)
    network = nn.Module()
    network.heads = {"mean": nn.Linear(2, 1, rng=rng), "spread": nn.Linear(2, 1, bias=False, rng=rng)}
    network.blocks = [[nn.Linear(2, 2, bias=False, rng=rng), tanh], (Tensor(1.0, requires_grad=True),)]
    paths = ["heads.mean.W", "heads.mean.b", "heads.spread.W", "blocks.0.0.W", "blocks.1.0"]
    assert [(path, tensor.name) for path, tensor in network.named_parameters()] == [(path, path) for path in paths]
    assert "(heads.spread): Linear(2, 1, bias=False)" in repr(network)
    assert len([*network.modules()]) == 4


@pytest.mark.parametrize("keep", [lambda x: x, lambda x: [x], lambda x: {"seen": x}])
def test_what_forward_keeps_is_no_buffer(keep):
    """Inputs and results that forward keeps to look at are not saved with the network; a parameter made there is."""

    class Curious(nn.Module):
        def __init__(self):
            self.count, self.h, self.scale = Tensor(0.0), None, None

        def forward(self, x):
            if self.scale is None:
                self.scale = Tensor(3.0, requires_grad=True)
            self.x, self.h, self.count = keep(x), keep(x * self.scale), Tensor(self.count.data + 1)
            return x * self.scale

    network = Curious()
    network(Tensor([1.0]))
    with no_grad():
        network(Tensor([1.0, 2.0]))
    assert {**network.state_dict()} == {"count": 2, "scale": 3}
    network.shift = Tensor(5.0)
    assert "shift" in network.state_dict()


def test_what_was_computed_is_no_buffer():
    """A recorded result that a module keeps is neither parameter nor buffer."""
    module = nn.Module()
    module.W = Tensor(1.0, requires_grad=True)
    module.h = module.W * 2
    assert [*module.state_dict()] == ["W"]


def test_modules_and_children():
    """children() are the modules directly inside, modules() all of them with the outermost first, each once."""
    network = Network()
    assert [type(module).__name__ for module in network.children()] == ["Linear", "BatchNorm", "Sequential", "Linear", "Linear"]
    assert [type(module).__name__ for module in network.modules()] == [
        *("Network", "Linear", "BatchNorm", "Sequential", "Dropout", "LeakyReLU", "Linear")
    ]


def test_a_module_within_itself():
    """Modules that refer to each other are walked through once."""
    network, inner = nn.Module(), nn.Linear(1, 1, rng=np.random.default_rng(0))
    network.inner, inner.outer = inner, network
    assert [path for path, _ in network.named_parameters()] == ["inner.W", "inner.b"]
    assert len([*network.modules()]) == 2
    assert "as above" in repr(network)
    assert not network.eval().inner.training


def test_keyword_arguments_reach_forward():
    """A call hands positional and keyword arguments on, to the check as well."""

    class Power(nn.Module):
        def check_input(self, x, exponent=2):
            if exponent < 0:
                raise ValueError(f"exponent {exponent}")

        def forward(self, x, exponent=2):
            return x**exponent

    power = Power()
    assert power(Tensor(3.0, requires_grad=True), exponent=3).item() == 27
    with pytest.raises(ValueError, match="exponent -1"):
        power(Tensor(3.0), exponent=-1)


def test_an_input_that_is_handed_through_is_no_call():
    """A module that returns its input claims nothing in a picture: what made the input stays where it was."""
    x = Tensor(1.0, requires_grad=True).tanh()
    assert nn.Sequential()(x) is x
    boxes = draw(x * 2, fold="modules").picture.boxes
    assert "Sequential" not in {box.content[0].text for box in boxes}


# Training and use


def test_train_and_eval():
    """Both switch the module and all within it, lists included, and return it."""
    network = Network()
    assert all(module.training for module in network.modules())
    assert network.eval() is network
    assert not any(module.training for module in network.modules())
    assert network.train() is network
    assert all(module.training for module in network.modules())
    assert not network.train(False).more[0][0].training


def test_eval_is_deterministic(rng):
    """In eval mode two calls give the same, and change nothing."""
    network, x = Network().eval(), rng.normal(size=(4, 2))
    before = network.state_dict()
    assert np.array_equal(network(x).data, network(x).data)
    assert all(np.array_equal(before[path], array) for path, array in network.state_dict().items())


# State


layers = st.one_of(
    st.builds(lambda bias: ("linear", bias), st.booleans()),
    st.just(("norm", True)),
    st.just(("layer norm", True)),
    st.just(("tanh", True)),
    st.just(("dropout", True)),
)


def build(plan, sizes, seed):
    """A network by plan: kinds of layers, one inside another where `None` stands."""
    rng = np.random.default_rng(seed)
    outer = network = nn.Module()
    size = 2
    network.layers = made = []
    for i, kind in enumerate(plan):
        if kind is None:
            network.inner = nn.Module()
            network = network.inner
            network.layers = made = []
        elif kind[0] == "linear":
            made.append(nn.Linear(size, sizes[i], bias=kind[1], rng=rng))
            size = sizes[i]
        else:
            more = {"norm": nn.BatchNorm, "layer norm": nn.LayerNorm}
            made.append(
                more[kind[0]](size) if kind[0] in more else nn.Tanh() if kind[0] == "tanh" else nn.Dropout(0.3, rng=rng)
            )
    return outer


def run(network, x):
    """Through its layers, and those of the network inside."""
    while network is not None:
        for layer in network.layers:
            x = layer(x)
        network = getattr(network, "inner", None)
    return x.data if isinstance(x, Tensor) else x


@given(plan=st.lists(st.none() | layers, max_size=6), sizes=st.lists(st.integers(1, 4), min_size=6, max_size=6))
def test_state_comes_back(plan, sizes):
    """Whatever the architecture, a network that loads another's state computes the same, and its state is the same."""
    one, other = build(plan, sizes, 0), build(plan, sizes, 1)
    x = np.random.default_rng(2).normal(size=(5, 2))
    run(one, x)  # running statistics move
    other.load_state_dict(one.state_dict())
    assert {path: array.tolist() for path, array in one.state_dict().items()} == {
        path: array.tolist() for path, array in other.state_dict().items()
    }
    assert np.array_equal(run(one.eval(), x), run(other.eval(), x))


def test_state_is_a_copy(rng):
    """A state does not follow the network, nor the network a state that it has loaded."""
    layer = nn.Linear(2, 2, rng=rng)
    state = layer.state_dict()
    layer.W.data += 1
    assert np.array_equal(state["W"] + 1, layer.W.data)
    layer.load_state_dict(state)
    state["W"][...] = 7
    assert not (layer.W.data == 7).any()


def test_loading_keeps_tensors_and_optimisers(rng):
    """Parameters stay the same Tensors with the same arrays, so that an optimiser made before still trains them."""
    layer = nn.Linear(1, 1, rng=rng)
    W, data = layer.W, layer.W.data
    descent = optim.SGD(layer.parameters(), lr=0.5)
    layer.load_state_dict({"W": np.array([[3.0]]), "b": np.array([0.0])})
    assert layer.W is W
    assert W.data is data
    layer(np.array([1.0])).sum().backward()
    descent.step()
    assert layer.W.item() == 2.5


def test_loading_leaves_other_arrays_alone():
    """A buffer that shares its array with its user gets a new one; a state of the network's own arrays does not mix them up."""
    mine = np.array([1.0])
    module = nn.Module()
    module.mean, module.a, module.b = Tensor(mine), *(Tensor([x], requires_grad=True) for x in (2.0, 3.0))
    module.load_state_dict({"mean": [9.0], "a": module.b.data, "b": module.a.data})
    assert mine.tolist() == [1]
    assert [float(array[0]) for array in module.state_dict().values()] == [9, 3, 2]


def test_a_state_that_does_not_fit():
    """All differences are listed: names, shapes, dtypes, of parameters and of buffers; and nothing has changed."""
    network = nn.Sequential(lin=nn.Linear(2, 3, rng=np.random.default_rng(0)), norm=nn.BatchNorm(3))
    before = network.state_dict()
    state = {**before, "lin.W": np.ones((3, 2)), "norm.gamma": np.full(3, 7.0), "extra": np.ones(1)}
    state["norm.running_var"] = np.ones(3, dtype=np.float32)
    del state["lin.b"]
    with pytest.raises(ValueError) as caught:
        network.load_state_dict(state)
    assert str(caught.value) == (
        "The state does not fit, and nothing was loaded:\n"
        "    extra is in the state only\n"
        "    lin.W is float64 of shape (2, 3); in the state, float64 of shape (3, 2)\n"
        "    lin.b is not in the state\n"
        "    norm.running_var is float64 of shape (3,); in the state, float32 of shape (3,)"
    )
    assert all(np.array_equal(before[path], array) for path, array in network.state_dict().items())


def test_files_hold_buffers_too(tmp_path, rng):
    """What `save` writes is the state: running statistics come back from a file as the parameters do."""
    one, other = Network(0), Network(1)
    one(rng.normal(size=(4, 2)))
    load(other, save(one, tmp_path / "network.npz"))
    with np.load(tmp_path / "network.npz") as file:
        assert file.files == [*one.state_dict()]
    x = rng.normal(size=(3, 2))
    assert one.norm.running_mean.data.any()
    assert np.array_equal(one.eval()(x).data, other.eval()(x).data)


def test_frozen_parameters_are_saved(rng):
    """A parameter that no longer requires a gradient is still in the state."""
    layer = nn.Linear(2, 2, rng=rng)
    layer.W.requires_grad = False
    assert [*layer.state_dict()] == ["W", "b"]
    layer.load_state_dict({"W": np.eye(2), "b": np.ones(2)})
    assert np.array_equal(layer.W.data, np.eye(2))


def test_copies_are_independent(rng):
    """A deep copy and a pickle of a network compute the same, and share no Tensor with it."""
    network, x = Network().eval(), rng.normal(size=(3, 2))
    for other in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        assert np.array_equal(other(x).data, network(x).data)
        assert not {*other.named_tensors().values()} & {*network.named_tensors().values()}
        assert other.again is other.more[1]


# As text


def test_a_network_as_text():
    """One line for each layer and function, in order and indented, the parameters in a column, their sum at the end."""
    assert repr(Network()) == (
        "Network(                                     1\n"
        "  (hidden): Linear(2, 1000)              3,000\n"
        "  (norm): BatchNorm(1000)                2,000\n"
        "  (activation): relu\n"
        "  (more.0): Sequential(\n"
        "    (0): Dropout(p=0.5)\n"
        "    (1): LeakyReLU(negative_slope=0.2)\n"
        "  )\n"
        "  (more.1): Linear(1000, 3, bias=False)  3,000\n"
        "  (again): Linear(1000, 3, bias=False)   as above\n"
        ")                                        8,001 parameters"
    )


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda rng: nn.Linear(3, 2, rng=rng), "Linear(3, 2)  8 parameters"),
        (lambda rng: nn.Linear(3, 2, bias=False, rng=rng), "Linear(3, 2, bias=False)  6 parameters"),
        (lambda rng: nn.Embedding(3, 2, rng=rng), "Embedding(3, 2)  6 parameters"),
        (lambda rng: nn.Conv2d(3, 8, (3, 5), stride=2, rng=rng), "Conv2d(3, 8, (3, 5), stride=2)  368 parameters"),
        (lambda rng: nn.BatchNorm(4, momentum=0.2, affine=False), "BatchNorm(4, momentum=0.2, affine=False)"),
        (lambda rng: nn.LayerNorm((2, 3)), "LayerNorm((2, 3))  12 parameters"),
        (lambda rng: nn.Flatten(2), "Flatten(start_axis=2)"),
        (lambda rng: nn.Dropout(0.1, rng=rng), "Dropout(p=0.1)"),
        (lambda rng: nn.Tanh(), "Tanh()"),
        (lambda rng: nn.Sequential(), "Sequential()"),
        (lambda rng: nn.Module(), "Module()"),
    ],
)
def test_a_layer_as_text(rng, make, text):
    """A layer alone is one line, with what it was made with, and its parameters if it has any."""
    assert repr(make(rng)) == text


def test_tied_parameters_are_counted_once(rng):
    """A parameter that two layers share counts in the first of them."""
    one, other = nn.Linear(2, 2, rng=rng), nn.Linear(2, 2, rng=rng)
    other.W = one.W
    network = nn.Sequential(one, tanh, other)
    assert repr(network).splitlines()[-1] == ")                    8 parameters"
    assert sum(parameter.size for parameter in network.parameters()) == 8


def test_one_parameter_under_two_names():
    """A Tensor that one module keeps twice is counted once; one parameter is not several."""
    module = nn.Module()
    module.W = module.V = Tensor(1.0, requires_grad=True)
    assert repr(module) == "Module()  1 parameter"
    assert repr(nn.Sequential(module)) == "Sequential(\n  (0): Module()  1\n)                1 parameter"


def test_arrays_are_named_as_in_forward(rng):
    """A network given a plain array shows it in pictures, outside of its frame, and in formulas, by forward's name for it."""
    network = nn.Sequential(hidden=nn.Linear(2, 3, rng=rng), out=nn.Linear(3, 1, rng=rng))
    L = nn.mse_loss(network(np.ones((4, 2))), np.zeros((4, 1)))
    boxes = {box.id: box.frame for box in draw(L).picture.boxes}
    assert boxes["x"] is None
    assert "x" in {box.id for box in draw(L, fold="modules").picture.boxes}
    assert "x" in unroll(L, network.parameters()).parameters
