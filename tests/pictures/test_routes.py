"""The ways of arrows on a wrapped page; that they run through nothing, test_wrapping.py holds for twenty networks."""

import numpy as np

from microgradnn import Tensor, draw
from microgradnn.pictures.columns import row_of
from microgradnn.pictures.routes import kind_of, lanes_of


def skipping():
    """x → a → b → c, and a → c."""
    x = Tensor(np.ones(2), requires_grad=True, name="x")
    a = x.tanh().named("a")
    b = a.exp().named("b")
    return row_of(draw((a * b).named("c"), fold="names").picture)


def test_kinds_of_ways():
    """To the next box an arrow is level, past others it has a lane, at the end of a line it wraps, else it takes the margin."""
    row = skipping()
    arrows = {(arrow.tail, arrow.head): arrow for arrow in row.arrows}
    one, two = [range(4)], [range(3), range(3, 4)]
    assert kind_of(arrows["x", "a"], row.column_of, row, one) == "next"
    assert kind_of(arrows["a", "c"], row.column_of, row, one) == "over"
    assert kind_of(arrows["b", "c"], row.column_of, row, two) == "wrap"
    assert kind_of(arrows["a", "c"], row.column_of, row, two) == "down"


def test_lanes():
    """Arrows that overlap have lanes of their own; one that leaves its line has one above each of the two."""
    row = skipping()
    assert [len(found) for found in lanes_of(row, [range(4)])] == [1]
    assert [len(found) for found in lanes_of(row, [range(3), range(3, 4)])] == [1, 2]


def test_against():
    """Where gradient flows, the tip is at the tail."""
    x = Tensor(2.0, requires_grad=True, name="x")
    diagram = draw((x.tanh().named("a") * 2).named("L"), fold="names", shape="slide")
    diagram.picture.arrows[0].against = True
    assert [way.tips for way in diagram.sheet.marks if hasattr(way, "tips")] == ["start", "end"]
