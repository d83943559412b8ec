"""Pictures in one piece: what Graphviz places, set in type by ourselves; nothing over anything, in both renderers."""

import numpy as np
import pytest
from battery import borders, box_of, meeting, network
from diagrams import classify

from microgradnn import chain_rule, draw
from microgradnn.graph import whole_graph
from microgradnn.pictures.picture import DIRECTIONS
from microgradnn.pictures.sheet import Node, Panel, Run, Way


def assert_no_overlaps(sheet):
    """No text over text, no box over a box, all within the sheet."""
    texts = borders(box_of(mark) for mark in sheet.marks if isinstance(mark, Run))
    boxes = borders(mark.place for mark in sheet.marks if isinstance(mark, Node))
    for places in (texts, boxes):
        assert not (meeting(places, places) & ~np.eye(len(places), dtype=bool)).any()
        assert places.min() >= 0
        assert np.all(places[:, 2:] <= [sheet.width, sheet.height])


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_in_all_directions(direction, renderer, rng):
    """Boxes, labels and frames lie apart whichever way the computation runs, laid out by either renderer."""
    _, L = classify(rng)
    sheet = draw(L, direction=direction, shape="natural").sheet
    assert_no_overlaps(sheet)
    assert sum(isinstance(mark, Panel) and mark.rounded and mark.fill == "transparent" for mark in sheet.marks) == 3


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_derivations(direction, renderer):
    """The labels of the arrows have air beside them: no upright arrow runs through its own label."""
    L = network("two layers")
    W = next(node for node in whole_graph(L) if node.name == "W_1")
    diagram = chain_rule(L, W[0, 0]).diagram.with_shape("natural")
    diagram.picture.direction = direction
    assert_no_overlaps(diagram.sheet)
    ways = [mark for mark in diagram.sheet.marks if isinstance(mark, Way)]
    assert all(way.tips == "start" for way in ways)


def test_large_graphs_need_no_graphviz(without_renderers):
    """A graph that Graphviz would work at for minutes is laid out without it."""
    L = network("RNN of 20")
    for _ in range(7):
        L = (L + network("RNN of 20")).tanh()
    diagram = draw(L, fold="names", shape="natural")
    assert len(diagram.picture.boxes) > 150
