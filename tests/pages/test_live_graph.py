"""What is drawn of a graph on the live page: which tensors have boxes, how they are called, circles and arrows."""

import numpy as np
import pytest
from battery import lstm

from microgradnn import Tensor, nn
from microgradnn.pages.live_graph import MOST_BOXES, MOST_OPERATIONS, Graph, labels_of, packed


def test_tensors_called_alike_are_told_apart():
    """Equal names get primes, leaves without a name are θ or c, the output is L."""
    a, b = Tensor(1.0, requires_grad=True, name="a"), Tensor([2.0], requires_grad=True)
    c = Tensor(3.0, requires_grad=True, name="a")
    output = (a * b * c * Tensor([4.0])).sum()
    nodes = [a, b, c, *Graph(output).nodes]
    assert sorted(labels_of(list(dict.fromkeys(nodes)), output).values()) == ["L", "a", "a′", "c", "θ"]


def test_many_operations_are_folded():
    """Of more than a picture can hold, those between two named tensors are one circle."""
    w = Tensor([0.5, 0.25], requires_grad=True, name="w")
    h = w
    for _ in range(MOST_OPERATIONS + 1):
        h = np.tanh(h)
    graph = Graph((h.named("h") ** 2).sum().named("L"))
    assert graph.folded
    assert len(graph.circled) == 2
    assert graph.glyph(graph.output) == "…"


def blocks(count):
    """Transformer blocks, with 16 parameters each."""
    rng = np.random.default_rng(0)
    network = nn.Sequential(*[nn.TransformerBlock(4, 2, rng=rng) for _ in range(count)])
    return (network(Tensor(rng.normal(size=(3, 4)), name="x")) ** 2).sum().named("L")


@pytest.mark.parametrize(("count", "folded"), [(3, False), (4, True), (8, True)])
def test_modules_are_folded_where_they_are_many(count, folded):
    """Of more tensors than can be read, as few levels of modules as are needed become one box each, and a note says it."""
    graph = Graph(blocks(count))
    assert len(graph.boxed) <= MOST_BOXES
    assert bool(graph.notes) is folded
    assert ("one each" in "".join(graph.notes)) is folded
    assert ("0.up.W" in graph.labels.values()) is (count < 8)
    assert {"x", "L"} <= set(graph.labels.values())


def test_what_modules_return_has_a_box():
    """Where operations are folded, what a module returned stands between, by its place in the network or its class."""
    labels = list(Graph(blocks(1)).labels.values())
    assert {"attention", "attention.query", "norm1", "0.up.W"} & set(labels) == {"0.up.W"}
    assert {"0.attention.query", "0.norm1", "0.up", "Sequential"} <= set(labels)
    few = nn.Linear(2, 2)(Tensor([1.0, 2.0], name="x")).sum()
    assert "Linear" not in Graph(few).labels.values()


def test_far_uses_have_stubs():
    """A weight that is used again far away has a stub there, and its layout a place for it."""
    graph = Graph(lstm(np.random.default_rng(5)))
    weight = next(graph.ids[node] for node, label in graph.labels.items() if label == "W_i")
    tails = [link[0] for link in graph.links if link[3] == weight]
    assert tails == [f"b{weight}", f"s1_{weight}", f"s2_{weight}"]
    assert set(tails) <= set(graph.layout("LR")["at"])


def test_what_is_far_away_has_no_box():
    """Without modules, those nearest to the loss have boxes; how many have none is said."""
    h = Tensor([0.5], requires_grad=True, name="h_0")
    for i in range(1, 101):
        h = np.tanh(h).named(f"h_{i}")
    graph = Graph(h.sum().named("L"))
    assert list(graph.labels.values())[-2:] == ["h_100", "L"]
    assert "h_0" not in graph.labels.values()
    assert graph.notes == ["42 more tensors, further from L, have no box."]


def test_circles_show_their_numbers():
    """An operation with a number has it in its circle: ÷ 2, 2 ÷, ( )²."""
    w = Tensor([0.5, 2.0], requires_grad=True, name="w")
    output = (-1.5 + (3 / w**2) / 2).sum()
    graph = Graph(output)
    assert [graph.glyph(node) for node in graph.circled] == ["( )²", "3 ÷", "÷ 2", "−1.5 +", "Σ"]


def test_long_names_have_room():
    """Of a long name the end is left out, and its box is as wide as what is left of it."""
    long, short = (Tensor([1.0], requires_grad=True, name=name) for name in ("a" * 100, "b"))
    graph = Graph((long * short).sum().named("L"))
    assert graph.labels[long] == "a" * 23 + "…"
    assert graph.size_of_box(long)[0] > 24 * 12 > graph.size_of_box(short)[0]
    assert graph.glyph((short * 1e-30).named("c")) == "× 10⁻³⁰"


def test_numbers_that_json_has_not():
    """NaN and infinities are packed as JavaScript reads them."""
    assert packed(np.array([np.nan, np.inf, -np.inf, 0.1])) == {"shape": [4], "data": ["NaN", "Infinity", "-Infinity", 0.1]}
