"""What pictures are made for."""

import pytest

from microgradnn import Tensor, draw
from microgradnn.pictures.shapes import SHAPES, is_unwieldy, shape_named
from microgradnn.pictures.themes import LIGHT


def test_sizes():
    """A slide is 16:9, and each page's smallest type is what can be read on it."""
    assert SHAPES["slide"].width / SHAPES["slide"].height == pytest.approx(16 / 9)
    assert {name: shape.smallest for name, shape in SHAPES.items()} == {"slide": 18, "square": 16, "page": 10, "paper": 8}
    assert shape_named("slide").words == "18 pt"
    with pytest.raises(ValueError, match="There is no shape 'natural'; there are slide, square, page, paper"):
        shape_named("natural")


def test_ribbons():
    """A chain of operations is a ribbon; two branches below each other are not."""
    x = Tensor(2.0, requires_grad=True, name="x")
    assert is_unwieldy(draw(x.tanh().exp().sin().cos()).picture, LIGHT)
    assert not is_unwieldy(draw(x.tanh(), direction="TB").picture, LIGHT)


def test_towers():
    """A sum of hundreds of leaves would be higher than anybody would scroll: it is a slide, with what is not drawn counted."""
    total = Tensor(0.0, name="s")
    for i in range(300):
        total = total + Tensor(float(i), requires_grad=True, name=f"w_{i}")
    diagram = draw(total.named("L"), fold="names")
    assert diagram.shape == "slide"
    assert diagram.sheet.type >= 18
