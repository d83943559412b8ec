"""Layouts, Graphviz's and ours: what holds for both, whatever the graph is."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import depth_in, points_on, random_graph
from strategies import generators

from microgradnn import Tensor, chain_rule, draw, nn
from microgradnn.errors import RendererError
from microgradnn.pictures.layout import Layout, Point, Rectangle, shortened
from microgradnn.pictures.natural import natural_layout
from microgradnn.pictures.picture import DIRECTIONS
from microgradnn.pictures.ranks import layout_by_ranks
from microgradnn.pictures.render import find_renderer
from microgradnn.pictures.themes import LIGHT

try:
    find_renderer()
    LAYOUTS = [natural_layout, layout_by_ranks]
except RendererError:
    LAYOUTS = [layout_by_ranks]

AT_A_BORDER = 4  # points: half of a thick border, and the rounding of places


def is_at_border(box, point, is_round):
    """Whether a point is at the border of a rectangle, or of the ellipse in it."""
    if not is_round:
        return abs(depth_in(box, point)) <= AT_A_BORDER
    x, y = 2 * (point.x - box.middle.x) / box.width, 2 * (point.y - box.middle.y) / box.height
    return abs(np.hypot(x, y) - 1) * min(box.width, box.height) / 2 <= AT_A_BORDER


def assert_sound(picture, layout):
    """Boxes do not overlap, all is inside of the size, and each arrow begins and ends at its boxes."""
    assert sorted(layout.boxes) == sorted(box.id for box in picture.boxes)
    assert len(layout.curves) == len(picture.arrows)
    for a, b in itertools.combinations(layout.boxes.values(), 2):
        assert not a.meets(b)
    sheet = Rectangle(0, 0, layout.width, layout.height)
    corners = [corner for place in [*layout.boxes.values(), *layout.frames.values()] for corner in place.corners]
    assert all(depth_in(sheet, point) > -1 for point in corners)
    round_ones = {box.id for box in picture.boxes if box.kind == "operation"}
    for arrow, curve in zip(picture.arrows, layout.curves, strict=True):
        assert len(curve.points) % 3 == 1
        assert all(depth_in(sheet, point) > -1 for point in points_on(curve))
        for end, point in ((arrow.tail, curve.points[0]), (arrow.head, curve.points[-1])):
            assert is_at_border(layout.boxes[end], point, end in round_ones)


@pytest.mark.parametrize("layout_of", LAYOUTS)
@given(rng=generators, size=st.integers(1, 20), direction=st.sampled_from(DIRECTIONS))
@settings(max_examples=15)
def test_random_graphs(layout_of, rng, size, direction):
    """Boxes of any graph lie apart and inside of the size, and arrows lead from box to box."""
    picture = draw(random_graph(rng, size), direction=direction).picture
    assert_sound(picture, layout_of(picture, LIGHT))


@pytest.mark.parametrize("layout_of", LAYOUTS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_modules_and_derivations(layout_of, direction, rng):
    """So do the boxes of modules, which lie in their frames, and those of a derivation, with a label for each factor."""
    x, layer = Tensor(rng.normal(size=(5, 3)), name="x"), nn.Sequential(nn.Linear(3, 2, rng=rng), nn.Tanh())
    L = layer(x).sum().named("L")
    picture = draw(L, direction=direction).picture
    layout = layout_of(picture, LIGHT)
    assert_sound(picture, layout)
    for frame, inside in itertools.product(layout.frames, picture.boxes):
        if inside.frame == frame:
            assert all(depth_in(layout.frames[frame], corner) >= 0 for corner in layout.boxes[inside.id].corners)
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    picture = chain_rule(((w**2).named("h") * 3).sum().named("L"), w[0]).diagram.picture
    picture.direction = direction
    layout = layout_of(picture, LIGHT)
    assert_sound(picture, layout)
    assert [curve.label is not None for curve in layout.curves] == [bool(arrow.lines) for arrow in picture.arrows]
    assert layout.title is None or layout.title.y < min(box.y for box in layout.boxes.values())


@pytest.mark.parametrize("layout_of", LAYOUTS)
def test_the_direction_of_the_computation(layout_of):
    """The output stands at the side that the direction leads to."""
    x = Tensor(2.0, requires_grad=True, name="x")
    towards = {}
    for direction in DIRECTIONS:
        layout = layout_of(draw(x.tanh().named("y"), direction=direction).picture, LIGHT)
        (x0, y0), (x1, y1) = layout.boxes["x"].middle, layout.boxes["y"].middle
        towards[direction] = (np.sign(round(x1 - x0)), np.sign(round(y1 - y0)))
    assert towards == {"LR": (1, 0), "RL": (-1, 0), "TB": (0, 1), "BT": (0, -1)}


def test_shortened_from_either_end():
    """A curve can be shortened at its end or at its start, also by more than its last piece; what is left lies on it."""
    line = [Point(float(x), 0.0) for x in range(0, 19, 3)]
    assert [round(point.x, 4) for point in shortened(line, 12)] == [0, 2, 4, 6]
    assert shortened(line, 6, at_end=False)[0].x == pytest.approx(6)
    bend = [Point(0, 0), Point(10, 0), Point(20, 10), Point(20, 20)]
    cut = shortened(bend, 5)[-1]
    assert np.hypot(20 - cut.x, 20 - cut.y) == pytest.approx(5, abs=1e-6)


def test_an_empty_layout():
    """A layout of nothing has room for a title alone."""
    layout = Layout(0, 0, {}, [], {}, {}, None).on_a_sheet((100, 20))
    assert (layout.width, layout.height, layout.title) == (100, 20, Point(50, 10))
