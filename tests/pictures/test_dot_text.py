"""A picture in DOT, with the places of a layout: both renderers draw what the layout says."""

import re

import numpy as np
import pytest
from diagrams import classify, picture

from microgradnn import draw
from microgradnn.pictures.arranging import layout_of
from microgradnn.pictures.dot_text import to_dot
from microgradnn.pictures.render import render
from microgradnn.pictures.themes import LIGHT


def bounds(numbers):
    """Left, top, right and bottom of the points in an SVG attribute."""
    found = np.array(re.findall(r"-?[\d.]+", numbers), float).reshape(-1, 2)
    return [*found.min(axis=0), *found.max(axis=0)]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_drawn_where_the_layout_says(direction, renderer, rng):
    """Boxes, ellipses, frames and the ends of arrows are in the SVG at the places of the layout; y runs up in it."""
    diagram = draw(classify(rng)[1], direction=direction, shape="natural")
    layout = layout_of(diagram.picture, LIGHT)
    svg = render(to_dot(diagram.picture, LIGHT, layout), "svg").decode()
    for name, box in {**layout.boxes, **{f"cluster_{name}": frame for name, frame in layout.frames.items()}}.items():
        shape = re.search(rf"<title>{name}</title>(.*?)</g>\n", svg, re.DOTALL)[1]
        ellipse = re.search(r'<ellipse[^>]* cx="(\S+)" cy="(\S+)" rx="(\S+)" ry="(\S+)"', shape)
        if ellipse:
            x, y, across, down = map(float, ellipse.groups())
            drawn = [x - across, y - down, x + across, y + down]
        else:
            drawn = bounds(re.search(r'<(?:polygon|path)[^>]* (?:points|d)="([^"]*)"', shape)[1])
        expected = [box.x, box.y - layout.height, box.x + box.width, box.y + box.height - layout.height]
        assert np.allclose(drawn, expected, atol=0.6), name
    tips = [bounds(points) for points in re.findall(r'class="edge">.*?<polygon[^>]* points="([^"]*)"', svg, re.DOTALL)]
    ends = sorted((curve.points[-1].x, curve.points[-1].y - layout.height) for curve in layout.curves)
    assert len(tips) == len(ends)
    for x, y in ends:
        assert any(left - 3 < x < right + 3 and top - 3 < y < bottom + 3 for left, top, right, bottom in tips)


def test_the_plain_text_has_no_places(rng):
    """What is saved as .dot is for reading, and for Graphviz to lay out: it holds no coordinates."""
    assert not re.search(r"\b(pos|bb|lp|nop2)\b", draw(classify(rng)[1]).source)


def test_the_same_derivation_is_the_same_text():
    """Two runs give the same text, so that a picture in git changes only where the derivation did."""
    assert picture().source == picture().source
