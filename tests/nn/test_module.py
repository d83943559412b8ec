"""Modules: what is in them, how it is named, their gradients, copies, and the switch between training and use."""

import copy
import pickle

import numpy as np
import pytest
from networks import Network
from strategies import assert_gradient, numeric_gradients

from microgradnn import Tensor, draw, nn, no_grad, tanh, unroll

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


def test_copies_are_independent(rng):
    """A deep copy and a pickle of a network compute the same, and share no Tensor with it."""
    network, x = Network().eval(), rng.normal(size=(3, 2))
    for other in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        assert np.array_equal(other(x).data, network(x).data)
        assert not {*other.named_tensors().values()} & {*network.named_tensors().values()}
        assert other.again is other.more[1]


def test_arrays_are_named_as_in_forward(rng):
    """A network given a plain array shows it in pictures, outside of its frame, and in formulas, by forward's name for it."""
    network = nn.Sequential(hidden=nn.Linear(2, 3, rng=rng), out=nn.Linear(3, 1, rng=rng))
    L = nn.mse_loss(network(np.ones((4, 2))), np.zeros((4, 1)))
    boxes = {box.id: box.frame for box in draw(L).picture.boxes}
    assert boxes["x"] is None
    assert "x" in {box.id for box in draw(L, fold="modules").picture.boxes}
    assert "x" in unroll(L, network.parameters()).parameters


# Parameters


class TwoLayers(nn.Module):
    """A network with layers by name and in a list."""

    def __init__(self, rng):
        self.hidden = nn.Linear(2, 3, rng=rng, names=("W", "b_h"))
        self.more = [nn.Linear(3, 3, rng=rng), self.hidden]
        self.scale = Tensor(1.0, requires_grad=True)
        self.constant = Tensor(1.0)

    def forward(self, x):
        return self.more[0](self.hidden(x).tanh()) * self.scale


def test_parameters_are_found_by_path(rng):
    """Parameters are named by the path of attributes that leads to them; a shared one appears once, a constant never."""
    network = TwoLayers(rng)
    assert [path for path, _ in network.named_parameters()] == ["hidden.W", "hidden.b", "more.0.W", "more.0.b", "scale"]


def test_parameters_are_named_by_path(rng):
    """A parameter without a name is called by its path from the outermost module; one that has a name keeps it."""
    network = TwoLayers(rng)
    assert [parameter.name for parameter in network.parameters()] == ["W", "b_h", "more.0.W", "more.0.b", "scale"]
    outer = nn.Module()
    outer.network = network
    assert [parameter.name for parameter in outer.parameters()] == [
        "W",
        "b_h",
        "network.more.0.W",
        "network.more.0.b",
        "network.scale",
    ]


def test_zero_grad(rng):
    """zero_grad takes gradients back to 'not computed'."""
    network = TwoLayers(rng)
    network(np.ones(2)).sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    network.zero_grad()
    assert all(parameter.grad is None for parameter in network.parameters())


def test_a_module_without_forward():
    """A module that does not say what it computes names what is missing."""
    with pytest.raises(NotImplementedError, match=r"^Module needs a method forward\(self, x\)$"):
        nn.Module()(1.0)


def test_a_network_against_differences(rng):
    """Gradients of a whole network's parameters are difference quotients of its loss."""
    network = TwoLayers(rng)
    x, y = rng.normal(size=(4, 2)), rng.integers(3, size=4)
    nn.cross_entropy(network(x), y).backward()
    parameters = network.parameters()

    def loss(*values):
        for parameter, value in zip(parameters, values, strict=True):
            parameter.data = value
        return nn.cross_entropy(network(x), y).item()

    values = [parameter.data.copy() for parameter in parameters]
    expected = numeric_gradients(loss, values)
    for (path, parameter), dx in zip(network.named_parameters(), expected, strict=True):
        assert_gradient(path, parameter.grad, dx, "central differences")


class Scaled(nn.Module):
    """Its factor is computed from a parameter that nobody keeps; so is another in a list."""

    def __init__(self, keep=False):
        leaf = Tensor([1.0, 2.0], requires_grad=True)
        self.factor = leaf * 0.1
        if keep:
            self.leaf = leaf

    def forward(self, x):
        self.last = x * self.factor
        return self.last


@pytest.mark.parametrize(
    ("network", "path"),
    [(Scaled(), r"Scaled\.factor"), (nn.Sequential(nn.Tanh(), Scaled()), r"Scaled\.factor")],
)
def test_a_parameter_that_is_none(network, path):
    """Who asks for the parameters is told of an attribute that was computed from a leaf which is none of them."""
    with pytest.warns(
        UserWarning, match=rf"^{path} is no parameter, and is never trained: it was computed, by multiply"
    ) as told:
        assert network.parameters() == []
    assert told[0].filename == __file__
    assert "Tensor(0.1 * array, requires_grad=True)" in str(told[0].message)
    module = nn.Module()
    module.parts = {"a": [Tensor(2.0, requires_grad=True) ** 2]}
    with pytest.warns(UserWarning, match=r"^Module\.parts\.a\.0 is no parameter"):
        module.parameters()


def test_what_is_computed_from_parameters_is_no_parameter_that_is_missed():
    """What is computed from parameters that the network has, or kept by forward, or from constants, is nothing to tell of."""
    network = Scaled(keep=True)
    network.half = network.leaf / 2
    network.constant = Tensor(1.0) * 2
    network(Tensor([1.0, 2.0], requires_grad=True))
    assert network.parameters() == [network.leaf]
    Scaled().zero_grad()


# What is found late, or not at all


class Stack(nn.Module):
    """Layers that are appended to a list one by one."""

    def __init__(self, *layers):
        self.layers = []
        for layer in layers:
            self.layers.append(layer)

    def forward(self, x):
        for layer in self.layers:
            x = tanh(layer(x))
        return x


def test_what_was_appended_has_its_path_as_its_name():
    """Parameters of layers that came into a list later are called by their paths once they are asked for, at any depth."""
    network = nn.Sequential(Stack(nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=1)))
    names = [parameter.name for parameter in network.parameters()]
    assert (
        names == [path for path, _ in network.named_parameters()] == [f"0.layers.{i}.{name}" for i in (0, 1) for name in "Wb"]
    )
    assert [parameter.name for parameter in network.parameters()] == names


def test_two_parts_of_one_path_are_refused():
    """Keys that are written alike would lose one of two parameters: the message names the path."""
    network = Network()
    network.more = {1: nn.Linear(1, 1), "1": nn.Linear(1, 1)}
    with pytest.raises(ValueError, match=r"Network has two parts that are called 'more\.1\.W'"):
        network.parameters()


def test_a_set_of_parts_is_refused():
    """A set has no order to name its parts by; they would be found by nobody."""
    network = Network()
    with pytest.raises(TypeError, match=r"Network\.heads: a set has no order"):
        network.heads = {nn.Linear(1, 1)}
    assert not hasattr(network, "heads")


class Recursive(nn.Module):
    """Calls itself, and keeps what it came by."""

    def forward(self, x, depth=2):
        output = self(x * 2, depth - 1) if depth else x
        self.seen = Tensor([1.0])
        return output


def test_what_a_module_keeps_while_it_runs_is_no_part():
    """Also after a call of itself; what is put there from outside afterwards is one."""
    network = Recursive()
    network(np.ones(2))
    assert network.state_dict() == {}
    network.seen = Tensor([2.0])
    assert [*network.state_dict()] == ["seen"]
