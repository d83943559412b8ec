"""Segments: what lies between two named tensors, its programs, and the formulas of its partials."""

import numpy as np
from live_pages import home, two_layers

from microgradnn import Tensor
from microgradnn.formulas.spelling import SymbolReader
from microgradnn.formulas.symbols import Symbol
from microgradnn.pages.live_network import Network
from microgradnn.pages.live_segments import partials_of, tree
from microgradnn.programs.program import program_of


def segments_of(output):
    network = Network(output)
    return {network.labels[x]: segment for x, segment in network.segments.items()}, network


def test_segments_end_at_the_next_names():
    """A segment leads back to the nearest named tensors that a gradient goes to, and holds what is between."""
    segments, network = segments_of(home())
    ends = {name: {network.labels[end] for end in segment.ends} for name, segment in segments.items()}
    assert ends == {"h": {"b_h", "W"}, "o": {"b_o", "h", "V"}, "L": {"o"}}
    assert [node.op.name for node in segments["h"].inside] == ["matmul", "add", "tanh"]


def test_a_segments_program_begins_anywhere():
    """Its trace pulls any seed back to its ends: a row of the Jacobian for each element, and no further than the ends."""
    segments, _ = segments_of(two_layers())
    trace, copies, seed = segments["k"].trace()
    program = program_of(trace)
    assert {program.parameters[x] for x in program.parameters} == {*(copies[end] for end in segments["k"].ends), seed}
    assert np.shape(trace.results[1][0]) == np.shape(trace.wanted[0].data)


def test_partials_are_trees():
    """∂h₁/∂W₁₁ = x₁(1 − h₁²), as a tree of names that are node and place; what does not depend is left out."""
    output = home()
    segments, network = segments_of(output)
    ids = {network.labels[node]: i for node, i in network.ids.items() if node in network.labels}
    first = partials_of(segments["h"], SymbolReader(network.labels), network.ids)[0]
    h1 = ["name", ids["h"], 0]
    square = ["sum", [1, -1], ["number", 1.0], ["power", h1, ["number", 2.0]]]
    assert set(first[ids["W"]]) == {0, 3, 6}  # the first column
    assert first[ids["W"]][0] == ["product", 1.0, [["name", ids["x"], 0], square], []]
    assert first[ids["b_h"]] == {0: square}


def test_what_cannot_be_worked_out_has_no_tree():
    """A name of a tensor that the page does not know, and an expression that was cut off, are None, and all that holds them."""
    x = Symbol.named("x", (0,), 2.0, owner=1)
    assert tree(x, {}) is None
    assert tree(x * 3 + 1, {}) is None
    assert tree(0.5, {}) == ["number", 0.5]


def test_quotients_have_two_sides():
    """What has a negative exponent stands below the line."""
    node = Tensor([2.0], name="x")
    x = Symbol.named("x", (0,), 2.0, owner=id(node))
    assert tree(3 / x, {node: 4}) == ["product", 3.0, [], [["name", 4, 0]]]


def test_a_segment_of_many_formulas_has_none():
    """Where formulas are too many to read, there are none; numbers come from the program all the same."""
    w = Tensor(np.ones((60, 60)), requires_grad=True, name="w")
    network = Network((np.tanh(w).named("h") * 2).sum().named("L"))
    h = network.ids[network.boxed[1]]
    assert [segment["partials"] for segment in network.data["segments"] if segment["of"] == h] == [[]]
