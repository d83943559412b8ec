"""What a box of the graph says, and which kind it is; which nodes there are is tested in test_view.py."""

import numpy as np
import pytest

from microgradnn import Tensor, backward_steps
from microgradnn.drawing.graph_picture import GraphPainter, light
from microgradnn.drawing.view import View


def painted(output, show=("shape", "value", "gradient"), lit=None):
    """The Picture of a whole graph."""
    painter = GraphPainter(View(output, "nothing", None, names_only=False), show, "LR")
    painter.paint()
    if lit is not None:
        light(painter, lit)
    return painter.picture


def unit():
    """L = (x w − 1)²."""
    x, w = Tensor(3.0, name="x"), Tensor(2.0, requires_grad=True, name="w")
    return (((x * w).named("o") - 1) ** 2).named("L")


def box(picture, id):
    return next(box for box in picture.boxes if box.id == id)


def test_kinds_of_boxes():
    """A parameter, a constant, what is computed, the output, and the operations between them."""
    picture = painted(unit())
    kinds = {box.id: box.kind for box in picture.boxes}
    assert [kinds[id] for id in ("w", "x", "o", "L")] == ["parameter", "constant", "intermediate", "output"]
    assert list(kinds.values()).count("operation") == 3


def test_a_gradient_that_was_not_computed():
    """It is said to be so, and is no 0; after the pass the number is there. A constant has none to speak of."""
    L = unit()
    lines = [line.text for line in box(painted(L), "w").content]
    assert any("not computed" in line for line in lines) and not any("= 0" in line for line in lines)
    L.backward()
    lines = [line.text for line in box(painted(L), "w").content]
    assert "∂L/∂w = 30" in lines
    assert not any("∂" in line.text for line in box(painted(L), "x").content)


def test_a_step_is_lit():
    """Its arrow is a gradient's, against the computation, and the title says what it is."""
    L = unit()
    step = backward_steps(L)[-1]
    picture = painted(L, lit=step)
    (lit,) = [arrow for arrow in picture.arrows if arrow.kind == "gradient"]
    assert (lit.tail, lit.against) == ("w", True)
    assert picture.title == [f"step 3 of 3: {step.name} = {step.arithmetic}"]


def test_a_large_array_is_a_map():
    """Its box holds the array, from which the picture makes cells; its shape is written."""
    W = Tensor(np.ones((20, 30)), requires_grad=True, name="W")
    content = box(painted(W.sum().named("L")), "W").content
    assert any(getattr(item, "array", None) is not None and item.array.shape == (20, 30) for item in content)
    assert any("(20, 30)" in getattr(item, "text", "") for item in content)


def test_another_direction_is_refused():
    """There are four."""
    with pytest.raises(ValueError, match=r"^There is no direction 'up'; there are LR, RL, TB, BT\.$"):
        GraphPainter(View(unit(), "nothing", None, names_only=False), (), "up")
