"""Sizes of text and boxes without a renderer."""

import numpy as np
import pytest

from microgradnn import Tensor, draw
from microgradnn.pictures.metrics import size_of, widest, width_of
from microgradnn.pictures.natural import natural_sheet
from microgradnn.pictures.picture import Box, Line, Values
from microgradnn.pictures.sheet import Node, Run
from microgradnn.pictures.themes import theme_named


def test_widths_grow_with_text_and_size():
    """Text is as wide as its letters, in proportion to its size; a W is wider than an i."""
    assert width_of("") == 0
    assert width_of("WW", 20) == pytest.approx(4 * width_of("W", 10), abs=0.02)
    assert widest(["iiii", "WW", "x"]) == "WW"


def test_a_box_has_room_for_all_that_stands_in_it():
    """The more stands in a box, the larger it is: lines, numbers, heat maps; and as an ellipse larger still."""
    name, numbers, heat = Line("W", "name"), Values("", np.eye(3)), Values("", np.eye(9))
    sizes = [size_of(Box("W", "parameter", content)) for content in ([name], [name, numbers], [name, numbers, heat])]
    assert sizes[0][1] < sizes[1][1] < sizes[2][1]
    assert sizes[0][0] < sizes[1][0]
    wide = size_of(Box("W", "parameter", [name, heat, heat]))
    assert wide[1] == pytest.approx(size_of(Box("W", "parameter", [name, heat]))[1])
    assert size_of(Box("W", "operation", [name])) > sizes[0]


@pytest.mark.parametrize("theme", ["light", "print"])
def test_text_fits_its_box(theme, renderer):
    """What is set in a box stays within its borders."""
    W = Tensor([[1.25, -2.5], [3.75, 100.0]], requires_grad=True, name="weights of the first layer")
    L = (W @ [1.0, 2.0]).tanh().named("h").sum().named("L")
    L.backward()
    sheet = natural_sheet(draw(L).picture, theme_named(theme))
    owned = list(zip(sheet.marks, sheet.owners, strict=True))
    boxes = {owner: mark.place for mark, owner in owned if isinstance(mark, Node)}
    found = [(mark, boxes[owner]) for mark, owner in owned if isinstance(mark, Run) and owner in boxes]
    assert len(found) > len(boxes)
    for run, box in found:
        assert box.x < run.x and run.x + width_of(run.text, run.size) < box.x + box.width
        assert box.y < run.y < box.y + box.height
