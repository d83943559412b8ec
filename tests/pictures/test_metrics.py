"""Sizes of text and boxes without a renderer."""

import re

import numpy as np
import pytest

from microgradnn import Tensor, draw
from microgradnn.pictures.dot_text import to_dot
from microgradnn.pictures.metrics import size_of, widest, width_of
from microgradnn.pictures.picture import Box, Line, Values
from microgradnn.pictures.ranks import layout_by_ranks
from microgradnn.pictures.render import render
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
    """What a renderer sets in a box that we have measured stays within its borders."""
    W = Tensor([[1.25, -2.5], [3.75, 100.0]], requires_grad=True, name="weights of the first layer")
    L = (W @ [1.0, 2.0]).tanh().named("h").sum().named("L")
    L.backward()
    picture, look = draw(L).picture, theme_named(theme)
    layout = layout_by_ranks(picture, look)
    svg = render(to_dot(picture, look, layout), "svg").decode()
    for name, box in layout.boxes.items():
        node = re.search(rf"<title>{name}</title>(.*?)</g>\n", svg, re.DOTALL)[1]
        found = re.findall(r'<text[^>]* x="(\S+)" y="(\S+)"[^>]*font-size="(\S+)"[^>]*>([^<]*)<', node)
        assert found
        for x, y, size, text in found:
            assert box.x < float(x)
            assert float(x) + width_of(text.strip(), float(size)) < box.x + box.width + 1
            assert -layout.height + box.y < float(y) < -layout.height + box.y + box.height
