"""Marks that are moved and scaled, and the smallest type of a sheet."""

import pytest

from microgradnn.pictures.layout import Point, Rectangle
from microgradnn.pictures.sheet import Bracket, Cells, Node, Panel, Run, Sheet, Way, moved, scaled

MARKS = [
    Run(1, 2, "x", 10, "black"),
    Panel(Rectangle(1, 2, 3, 4), "red", "blue", 2),
    Bracket(1, 2, 8, -3, "black"),
    Cells(Rectangle(1, 2, 3, 4), (("red",),), "black"),
    Node("n", Rectangle(1, 2, 3, 4), "output", []),
    Way("a", "b", [Point(1, 2)] * 4, "black", 2.0),
]


def corner(mark):
    if isinstance(mark, (Run, Bracket)):
        return mark.x, mark.y
    return mark.points[0] if isinstance(mark, Way) else (mark.place.x, mark.place.y)


@pytest.mark.parametrize("mark", MARKS)
def test_moved_and_scaled(mark):
    """Every kind of mark can be put elsewhere, and made larger with all that belongs to it."""
    assert corner(moved(mark, 10, 20)) == (11, 22)
    assert corner(scaled(mark, 3)) == (3, 6)
    assert scaled(scaled(mark, 4), 0.25) == mark


def test_scripts_are_no_lines():
    """The type of a sheet is that of its smallest line; of a sheet without text there is none."""
    runs = [Run(0, 0, "h", 18, "black"), Run(9, 4, "1", 13, "black", is_script=True)]
    assert Sheet(100, 100, runs, "white").type == 18
    assert Sheet(100, 100, [], "white").type == float("inf")
