"""Our own layout: ranks, lanes, and that no arrow runs through a box."""

from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import depth_in, points_on, random_graph
from strategies import generators

from microgradnn import draw
from microgradnn.pictures.picture import DIRECTIONS, Arrow, Box, Line, Picture
from microgradnn.pictures.ranks import layout_by_ranks, lengths_of_arrows, ranks_of
from microgradnn.pictures.themes import LIGHT


@given(rng=generators, size=st.integers(1, 30), direction=st.sampled_from(DIRECTIONS))
@settings(max_examples=20)
def test_no_arrow_runs_through_a_box(rng, size, direction):
    """However a graph is tangled, its arrows run between the boxes."""
    picture = draw(random_graph(rng, size), direction=direction).picture
    layout = layout_by_ranks(picture, LIGHT)
    for curve in layout.curves:
        for point in points_on(curve):
            assert all(depth_in(box, point) < 3 for box in layout.boxes.values())


def test_ranks():
    """A box stands after those it is computed from, and what is computed from nothing just before its first use."""
    assert ranks_of({"L": ["o", "t"], "o": ["h", "W"], "h": ["x", "W"], "x": [], "W": [], "t": []}) == {
        "x": 0,
        "W": 0,
        "h": 1,
        "t": 2,
        "o": 2,
        "L": 3,
    }
    assert ranks_of({"alone": []}) == {"alone": 0}
    assert lengths_of_arrows({"x": [], "y": ["x", "x"], "z": ["y", "x"]}) == 1 + 1 + 1 + 2


def test_lanes_are_shared():
    """All long arrows of one tail run along one lane; those of another that begins later may take the same lane again."""
    boxes = [Box(name, "intermediate", [Line(name)]) for name in "abcdefg"]
    ways = ["ab", "bc", "cd", "de", "ef", "fg", "ac", "ad", "bd", "eg"]
    layout = layout_by_ranks(Picture(boxes=boxes, arrows=[Arrow(*way) for way in ways]), LIGHT)
    height = {way: min(point.y for point in curve.points) for way, curve in zip(ways, layout.curves, strict=True)}
    assert height["ac"] == height["ad"] == height["eg"]
    assert height["bd"] < height["ac"]
