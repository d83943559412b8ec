"""A few paths that part and merge: which are a fan, and what its sheet has in it."""

import numpy as np
import pytest
from battery import assert_sound, network

from microgradnn import Tensor, chain_rule
from microgradnn.explaining.fan_sheet import SMALLER, FanSheet, levels_of
from microgradnn.graph import whole_graph
from microgradnn.pictures.shapes import SHAPES
from microgradnn.pictures.sheet import Node, Run, Way


def rule_of(name, leaf):
    L = network(name)
    return chain_rule(L, next(node for node in whole_graph(L) if node.name == leaf)[0, 0])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("name", "leaf"), [("two layers", "W_1"), ("cross-entropy", "W")])
def test_a_fan_on_a_page(name, leaf, shape):
    """Nothing over anything, in type that may be a little smaller than on other sheets."""
    page = SHAPES[shape]
    assert_sound(rule_of(name, leaf).diagram.with_shape(shape).sheet, page._replace(smallest=page.smallest * SMALLER))


def test_columns_and_the_sum():
    """Each step of the paths is a column, each factor has an arrow, and the sum of the paths stands below."""
    rule = rule_of("two layers", "W_1")
    assert [len(level) for level in levels_of(rule.paths[:])] == [1, 3, 1, 1]
    sheet = rule.diagram.with_shape("slide").sheet
    xs = {mark.id: mark.place.middle.x for mark in sheet.marks if isinstance(mark, Node)}
    assert len({round(x) for x in xs.values()}) == 4
    ways = [mark for mark in sheet.marks if isinstance(mark, Way)]
    assert len(ways) == 7
    assert all(xs[way.tail] < xs[way.head] for way in ways)
    text = " ".join(mark.text for mark in sheet.marks if isinstance(mark, Run))
    assert "over 3 paths" in text


def test_what_is_no_fan():
    """Paths of different lengths, and those that cross, have a table: the other composer is asked."""
    x = Tensor(2.0, requires_grad=True, name="x")
    a = (x * 3).named("a")
    skipping = chain_rule((a * x).named("L"), x)
    assert levels_of(skipping.paths[:]) is None
    W, U = (Tensor(np.ones((2, 2)), requires_grad=True, name=name) for name in "WU")
    h = (Tensor([1.0, 2.0], name="x") @ W).named("h")
    crossing = chain_rule((((h @ U).named("g") @ U).named("f") ** 2).sum().named("L"), W[0, 0])
    assert levels_of(crossing.paths[:]) is None
    assert FanSheet(skipping, lambda *given: given)(1, "slide", 3) == (1, "slide", 3)
