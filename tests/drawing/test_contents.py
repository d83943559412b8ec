"""What stands in the boxes of a graph."""

import numpy as np
import pytest
from diagrams import box_named, loss_of_a_unit, texts

from microgradnn import Tensor, draw


def test_gradients_that_are_not_there():
    """A gradient that has not been computed is said to be so, and never shown as 0."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    L = (w * w).sum().named("L")
    assert "∂L/∂w not computed" in texts(box_named(draw(L), "w"))
    L.backward()
    w.grad[:] = 0
    assert "∂L/∂w" in texts(box_named(draw(L), "w"))
    assert not any("not computed" in line for box in draw(L).picture.boxes for line in texts(box))


def test_constants_have_no_gradient_line():
    """What requires no gradient has no line about one."""
    assert texts(box_named(draw(loss_of_a_unit()), "x")) == ["x", "= 3"]


def test_small_arrays_in_numbers_large_ones_as_heat_maps():
    """Up to 4 by 4, numbers are shown; above, coloured cells and the range."""
    w = Tensor(np.arange(4.0), requires_grad=True, name="w")
    assert "BGCOLOR" not in draw(w).source
    large = draw(Tensor(np.linspace(-1, 2, 500).reshape(5, 100), name="large", requires_grad=True)).source
    assert large.count("BGCOLOR") == 5 * 12
    assert "−1 … 2" in large


@pytest.mark.parametrize("shape", [(0,), (3, 0), (1,), (2, 3, 4), (1, 1, 1, 1)])
def test_arrays_of_every_shape(shape):
    """Empty arrays and arrays of many axes are drawn too."""
    assert draw(Tensor(np.zeros(shape), name="x", requires_grad=True)).render().startswith(b"<?xml")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none(value):
    """NaN and infinities are shown as what they are, in numbers and in heat maps."""
    x = Tensor(np.full(3, value), name="x", requires_grad=True)
    assert {np.nan: "NaN", np.inf: "∞", -np.inf: "−∞"}[value] in draw(x).source
    draw(Tensor(np.full(30, value), name="x", requires_grad=True)).render()


def test_show():
    """`show` chooses what stands in the boxes."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    L = w.sum().named("L")
    L.backward()
    assert texts(box_named(draw(L, show=[]), "w")) == ["w"]
    assert texts(box_named(draw(L, show=["shape"]), "w")) == ["w", "(2,)"]
    assert texts(box_named(draw(L, show=["gradient"]), "w")) == ["w", "∂L/∂w"]
