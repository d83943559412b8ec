"""Which numbers of a graph may be made of the batch size: those of the user's; not those of the package's own code."""

import numpy as np
import pytest
from unrolled import of

from microgradnn import Op, Tensor, gelu, log_softmax, nn, norm, relu, remember_lines, sigmoid, softmax, softplus
from microgradnn.programs.evidence import suspects
from microgradnn.programs.unrolling import unroll

X = Tensor(np.ones((4, 3)), name="X")
W = Tensor(np.ones((3, 3)), requires_grad=True, name="W")


class Scaled(Op):
    """z = k x, with a number of the user's."""

    def __init__(self, k):
        self.k = k

    def forward(self, x):
        return self.k * x

    def dx(self, dz, z, x):
        return self.k * dz

    vjps = (dx,)


class Twice(nn.Module):
    """A layer of the user's."""

    def forward(self, x):
        return x * 2


def closure(k):
    class Closed(Op):
        def forward(self, x):
            return k * x

        def dx(self, dz, z, x):
            return k * dz

        vjps = (dx,)

    return Closed()


SIZE, RATES = 4, {"slow": [0.25]}


class OfTheModule(Op):
    """z = k x, with numbers that stand in the module around it."""

    def forward(self, x):
        return SIZE * x

    def dx(self, dz, z, x):
        return slowly(dz)

    vjps = (dx,)


def slowly(dz):
    return RATES["slow"][0] * dz


@pytest.mark.parametrize(
    ("graph", "found"),
    {
        "as a factor": (lambda z: 0.25 * z, "0.25 in multiply"),
        "as an exponent": (lambda z: z**2, "2 in power"),
        "of NumPy's": (lambda z: z * np.sqrt(4), "2.0 in multiply"),
        "in an index": (lambda z: z[:3], "3 in getitem"),
        "in a shape": (lambda z: z.reshape(4, 3), "4 in reshape"),
        "as a parameter": (lambda z: np.var(z, ddof=3), "3 in var"),
        "in an operation of the user's": (Scaled(0.25), "0.25 in scaled"),
        "around an operation of the user's": (closure(0.25), "0.25 in closed"),
        "in the module of an operation": (OfTheModule(), "4 in of_the_module"),
        "of an axis": (lambda z: z.sum(axis=1), "1 in sum"),
        "that leaves no trace": (lambda z: norm(z.ravel(), 2), "2 in norm"),
        "of a layer": (nn.LeakyReLU(0.25), "0.25 in leaky_relu"),
        "in a layer of the user's": (Twice(), "2 in multiply"),
        "in a function within a layer of ours": (nn.Sequential(nn.Tanh(), lambda h: h * 0.25), "0.25 in multiply"),
        "handed to a loss": (lambda z: nn.huber_loss(z, np.ones((4, 3)), delta=0.25), "0.25 in mean"),
    }.values(),
)
def test_numbers_of_the_users(graph, found):
    """A number of the user's may be made of the batch size, wherever it is."""
    assert str(suspects(graph(X @ W).sum())[0]) == found


@pytest.mark.parametrize(
    "graph",
    [
        lambda z: (z - z.mean(keepdims=True)).T.ravel(),
        lambda z: softmax(z) + log_softmax(z) + norm(z) + z.take(np.arange(3)),
        lambda z: relu(z)[...] * np.full((4, 1), 0.25),
        lambda z: nn.mse_loss(z, np.ones((4, 3))),
        lambda z: nn.squared_error(z, np.ones((4, 3)), "none"),
        lambda z: nn.cross_entropy(z, np.zeros(4, int)),
        lambda z: nn.huber_loss(z, np.ones((4, 3))),
        lambda z: nn.binary_cross_entropy(sigmoid(z), np.ones((4, 3))),
        lambda z: gelu(z) + softplus(z),
        nn.Sequential(nn.BatchNorm(3), nn.LeakyReLU(), nn.LayerNorm(3), nn.Flatten(), nn.GELU()),
        of("x * 2", "dz * 2"),
    ],
)
def test_numbers_of_ours(graph):
    """What follows from shapes, and the numbers in rules, losses and layers are free of it."""
    output = graph(X @ W).sum()
    assert not suspects(output)
    assert unroll(output, W).parameters["X"][0] != 4


def test_all_that_a_function_in_the_rules_reaches():
    """Functions that the rules call are gone through too, each once."""
    assert [x.value for x in suspects(OfTheModule()(X @ W).sum())] == [4, 0.25]


def test_where_the_number_stands():
    """Where lines are remembered, the error shows that of the number."""
    with remember_lines():
        L = ((X @ W) * 0.25).sum()
    with pytest.raises(ValueError, match=r"0\.25 in multiply\n  .*test_evidence\.py:\d+:  L = \(\(X @ W\) \* 0\.25\)\.sum\(\)"):
        unroll(L, W)(np.ones((5, 3)), W)
