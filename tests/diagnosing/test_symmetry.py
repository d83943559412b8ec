"""Equal units: of which operand, along which axis, and how nearly equal."""

import numpy as np
import pytest

from microgradnn import Tensor, nn
from microgradnn.diagnosing.symmetry import equal_units, largest_group
from microgradnn.graph import reachable


def found(loss):
    loss.backward()
    nodes = list(reachable(loss))[::-1]
    return equal_units(nodes, {node: node.grad for node in nodes})


@pytest.mark.parametrize("on_the_left", [False, True])
def test_units_lie_along_the_outputs(on_the_left):
    """In x W units are columns, in W x rows, in a convolution its filters."""
    x = np.arange(6.0).reshape(2, 3)
    W = Tensor(np.ones((4, 2) if on_the_left else (3, 4)), requires_grad=True)
    ((W @ x if on_the_left else x @ W) ** 2).sum().backward()
    (equal,) = found(((W @ x if on_the_left else x @ W) ** 2).sum()).values()
    assert (equal.equal, equal.units) == (4, 4)
    layer = nn.Conv2d(1, 3, 2, rng=np.random.default_rng(0))
    layer.W.data[...] = 0.5
    (equal,) = found((layer(np.arange(9.0).reshape(1, 1, 3, 3)) ** 2).sum()).values()
    assert equal.units == 3


def test_equal_to_the_last_bits_but_one():
    """Rounding hides no equal units; a difference of a thousandth tells them apart; units without gradient do not count."""
    W = np.random.default_rng(0).normal(size=(3, 2)).repeat(2, axis=1)
    assert largest_group(W, W * (1 + 1e-13), 1).equal == 2
    other = W.copy()
    other[0, 1] += 1e-3
    other[0, 3] += 1e-3
    assert largest_group(other, W, 1) is None
    assert largest_group(np.zeros((3, 4)), np.zeros((3, 4)), 1) is None
    assert largest_group(np.zeros((3, 2)), np.array([[1.0, -1.0]] * 3), 1) is None  # two classes that begin at 0
