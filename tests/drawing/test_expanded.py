"""draw(L, expand=W[0, 0]): one element's way within the tensors."""

import numpy as np
import pytest
from battery import assert_sound, crossed_texts, network
from diagrams import loss_of_a_unit, texts

from microgradnn import Tensor, draw, nn
from microgradnn.graph import whole_graph
from microgradnn.pictures.shapes import SHAPES
from microgradnn.pictures.sheet import Node, Run


def test_expand(rng):
    """The tensors on the way of one element are opened to the scalars its gradient comes through; the others stay whole."""
    x = Tensor(rng.normal(size=(32, 8)), name="x")
    W, V = (Tensor(rng.normal(size=shape), requires_grad=True, name=n) for n, shape in (("W", (8, 6)), ("V", (6, 3))))
    h = (x @ W).tanh().named("h")
    L = nn.cross_entropy((h @ V).named("o"), np.arange(32) % 3).named("L")
    L.backward()
    picture = draw(L, expand=W[0, 0]).picture
    assert [frame.label.split()[0] for frame in picture.frames] == ["W", "h", "o"]
    assert {texts(box)[0] for box in picture.boxes if box.frame is None} >= {"x", "V"}
    assert picture.title == [
        f"∂L/∂W₁₁ = {texts(picture_box(picture, 'W_0_0'))[1].split(' = ')[1].split(' (')[0]}, the sum over 96 paths"
    ]
    rest = next(box for box in picture.boxes if box.id == "rest")
    assert texts(rest)[0] == "92 more paths"
    assert draw(L, expand=W[0, 0]).render().startswith(b"<?xml")


def picture_box(picture, box_id):
    return next(box for box in picture.boxes if box.id == box_id)


def test_expand_needs_one_element():
    """What chain_rule refuses, expand refuses too."""
    L = loss_of_a_unit()
    with pytest.raises(ValueError, match="chain_rule explains one element"):
        draw((Tensor([1.0, 2.0], requires_grad=True, name="w") * 2).sum(), expand=Tensor([1.0, 2.0]))
    with pytest.raises(ValueError, match="does not depend on"):
        draw(L, expand=Tensor(1.0, requires_grad=True))


def chain_of_layers(rng, depth):
    z = Tensor(rng.normal(size=3), name="x")
    weights = [Tensor(rng.normal(size=(3, 3)), requires_grad=True, name=f"W_{i}") for i in range(depth)]
    for i, W in enumerate(weights):
        z = (z @ W).tanh().named(f"z_{i}")
    L = (z**2).sum().named("L")
    L.backward()
    return L, weights[0]


@pytest.mark.parametrize("direction", ["TB", "BT"])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_downwards_no_arrow_runs_through_text(depth, direction, rng, renderer):
    """Where arrows run up and down, captions of the opened tensors stand beside their elements, out of the way."""
    L, W = chain_of_layers(rng, depth)
    diagram = draw(L, expand=W[0, 0], direction=direction)
    assert crossed_texts(diagram.sheet) == []
    captions = [texts(box) for box in diagram.picture.boxes if box.id.startswith("caption")]
    assert captions[-1][0] == f"z_{depth - 1}"
    assert not any(frame.label for frame in diagram.picture.frames)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["source", "samples", "six layers"])
def test_on_a_page(name, shape, renderer):
    """In each shape it is as large as the page asks: with its tensors where they fit, else the derivation alone, which says so."""
    L = network(name)
    W = next(node for node in whole_graph(L) if node.name in ("W", "W_1"))
    sheet = draw(L, expand=W[0, 0], shape=shape).sheet
    assert_sound(sheet, SHAPES[shape], smaller=16 / 18)
    said = " ".join(mark.text for mark in sheet.marks if isinstance(mark, Run))
    ids = {mark.id for mark in sheet.marks if isinstance(mark, Node)}
    assert ("left out" in said) == ("x" not in ids)


def test_a_small_one_keeps_its_tensors_on_a_slide(renderer):
    """Where there is room for them, the tensors beside the way stand there too, in type of 18 points or more."""
    w, x = Tensor([0.5, 2.0], requires_grad=True, name="w"), Tensor([1.0, -1.0], name="x")
    L = ((w @ x).named("o") ** 2).named("L")
    L.backward()
    sheet = draw(L, expand=w[0], shape="slide").sheet
    assert_sound(sheet, SHAPES["slide"])
    assert {"x", "o", "L"} <= {mark.id for mark in sheet.marks if isinstance(mark, Node)}
