"""The derivation along one path: what stands in its rows, and what goes where the page is too small."""

from battery import network
from networks import textbook_network

from microgradnn import Tensor, chain_rule
from microgradnn.graph import whole_graph
from microgradnn.pictures.sheet import Node, Run, Way
from microgradnn.pictures.themes import LIGHT


def words(sheet):
    return [mark.text for mark in sheet.marks if isinstance(mark, Run)]


def slide(element=(0, 0)):
    L, W = textbook_network()
    return chain_rule(L, W[element]).diagram.with_shape("slide").sheet


def test_rows_of_factors():
    """Names, formulas, numbers and values of the three factors, and the product at the end: ∂L/∂W₁₁ = −6."""
    text = " ".join(words(slide()))
    for part in ("∂L/∂o", "∂o/∂h", "−2(t − o)", "V", "−2(1 − 0.5)", "= −6"):
        assert part in text, part


def test_numbers_and_arrows():
    """Each number has its own sign's colour; along one path every arrow carries all of it, so all are dashed below zero."""
    sheet = slide()
    colours = {mark.text: mark.colour for mark in sheet.marks if isinstance(mark, Run) and "b" in mark.style}
    assert (colours["−6"], colours["3"]) == (LIGHT.negative, LIGHT.positive)
    ways = [
        mark
        for mark in sheet.marks
        if isinstance(mark, Way) and mark.head.startswith("scalar") and mark.tail.startswith("scalar")
    ]
    assert [way.dashed for way in ways] == [True] * 3
    assert {way.colour for way in ways} == {LIGHT.negative}
    assert not any(way.dashed for way in slide((0, 1)).marks if isinstance(way, Way))


def test_the_loss_comes_first():
    """The boxes stand in the order in which the equation is read, and the gradient flows that way."""
    nodes = [mark for mark in slide().marks if isinstance(mark, Node) and mark.id.startswith("scalar")]
    assert [node.kind for node in nodes] == ["output", "intermediate", "intermediate", "target"]
    assert sorted(nodes, key=lambda node: node.place.x) == nodes


def test_what_factors_are_made_of():
    """The operands that no path runs through stand below the arrows: t, V₁ and x₁."""
    assert {"t = 1", "= 3", "= 2"} <= set(words(slide())) or {"t = 1"} <= set(words(slide()))
    assert sum(isinstance(mark, Node) and mark.kind == "constant" for mark in slide().marks) == 3


def test_a_path_too_long_is_multiplied_together_in_its_middle():
    """A chain of a hundred factors has its ends, and one factor for all between them; the product is what it was."""
    z = x = Tensor(0.5, requires_grad=True, name="x")
    for i in range(100):
        z = (z.tanh() if i % 2 else z.sin()).named(f"z_{i + 1}")
    rule = chain_rule(z.named("L"), x)
    text = " ".join(words(rule.diagram.with_shape("slide").sheet))
    assert "z 98" in text.replace("z_", "z ") or "98" in text
    assert "x" in words(rule.diagram.with_shape("slide").sheet)


def test_definitions_are_in_the_corner():
    """How each named tensor on the path was made."""
    L = network("source")
    W = next(node for node in whole_graph(L) if node.name == "W")
    text = " ".join(words(chain_rule(L, W[0, 0]).diagram.with_shape("slide").sheet))
    assert "tanh(x W + b" in text
