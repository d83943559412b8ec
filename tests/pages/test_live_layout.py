"""The layout of the live page: sizes that depend on shapes alone, and places of all boxes and arrows."""

import numpy as np
import pytest
from live_pages import NETWORKS, home

from microgradnn import Tensor
from microgradnn.pages import live_layout
from microgradnn.pages.live_layout import Grid, grid_of, size_of_box
from microgradnn.pages.live_network import Network


def overlap(a, b):
    (ax, ay, aw, ah), (bx, by, bw, bh) = a, b
    return ax < bx + bw and bx < ax + aw and ay < by + bh and by < ay + ah


@pytest.mark.parametrize("network", NETWORKS)
def test_boxes_do_not_overlap(network):
    """Boxes and circles lie apart, within the picture, in both directions; each arrow has a curve of whole Béziers."""
    for layout in Network(network()).data["layouts"].values():
        places = list(layout["at"].values())
        for i, a in enumerate(places):
            assert a[0] >= 0
            assert a[1] >= -0.1
            assert a[0] + a[2] <= layout["width"] + 0.1
            assert not any(overlap(a, b) for b in places[:i])
        assert all(len(curve) % 3 == 1 for curve in layout["curves"])


def test_values_move_nothing():
    """Another network of the same shapes, with other numbers, is laid out alike."""
    output, other = home(), home()
    for node in Network(other).wanted:
        node.data = node.data * -1e5
    assert Network(output).data["layouts"] == Network(other).data["layouts"]


def test_what_stands_right_of_a_product_is_upright():
    """In h V, V is a column; a row that is added is a row."""
    network = Network(home())
    names = {network.labels[node] for node in network.upright if node in network.labels}
    assert names == {"V"}


SHAPES = [
    ((), (1, 1, 1, 1)),
    ((3,), (1, 3, 1, 3)),
    ((12, 7), (12, 7, 8, 5)),
    ((2, 3, 4), (6, 4, 6, 4)),
    ((0,), (0, 0, 0, 0)),
]


@pytest.mark.parametrize(("shape", "expected"), SHAPES)
def test_large_arrays_are_cut(shape, expected):
    """Of more than nine rows eight are shown, of more than six columns five; leading axes become rows."""
    assert grid_of(Tensor(np.zeros(shape)), set()) == Grid(*expected)


def test_a_box_is_as_large_as_its_matrix():
    """A gradient below each value takes room, and dots take half a row."""
    given, wanted = Tensor(np.zeros((2, 3))), Tensor(np.zeros((2, 3)), requires_grad=True)
    grid = grid_of(given, set())
    assert size_of_box(wanted, grid, "w")[1] - size_of_box(given, grid, "w")[1] == 2 * (live_layout.PAIR - live_layout.VALUE)
    assert size_of_box(given, Grid(9, 3, 5, 3), "w")[1] == size_of_box(given, Grid(5, 3, 5, 3), "w")[1] + live_layout.VALUE / 2
