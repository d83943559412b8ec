"""A network as text: a line a layer, and its parameters counted."""

import pytest
from networks import Network

from microgradnn import Tensor, nn, tanh


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
