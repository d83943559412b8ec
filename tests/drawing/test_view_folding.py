"""What is drawn of a graph: modules as frames or closed, named tensors alone, the nearest to the output."""

import numpy as np
import pytest
from diagrams import arrows, box_named, classify, texts

from microgradnn import Tensor, draw, nn
from microgradnn.pictures.sheet import Run


def test_depth():
    """With a depth, what is further from the output is left out, and the picture says how much."""
    x = Tensor(1.0, requires_grad=True, name="x")
    z = x
    for i in range(10):
        z = (z * 2).named(f"z{i}")
    picture = draw(z, depth=3).picture
    assert [texts(box)[0] for box in picture.boxes if box.kind in ("intermediate", "output")] == ["z6", "z7", "z8", "z9"]
    assert picture.notes == ["7 more, further from the output, are not drawn"]


def test_modules_are_frames(rng):
    """Each call of a module is a frame, named by where it is kept, around its operations and parameters."""
    _, L = classify(rng)
    picture = draw(L).picture
    assert [(frame.label, frame.parent) for frame in picture.frames] == [
        ("Classifier", None),
        ("hidden: Linear", "module_Classifier"),
        ("out: Linear", "module_Classifier"),
    ]
    inside = {texts(box)[0] for box in picture.boxes if box.frame == "module_hidden__Linear"}
    assert inside == {"hidden.W", "hidden.b", "affine"}


def test_a_module_can_be_closed(rng):
    """A closed module is one box that lists its parameters; the others stay open."""
    network, L = classify(rng)
    diagram = draw(L, fold=network.hidden)
    closed = box_named(diagram, "hidden: Linear")
    assert texts(closed)[1:3] == ["W (2, 3)", "b (3,)"]
    assert [frame.label for frame in diagram.picture.frames] == ["Classifier", "out: Linear"]
    assert not any(texts(box)[0] == "hidden.W" for box in diagram.picture.boxes)


def test_all_modules_closed(rng):
    """With fold="modules", the outermost modules are one box each."""
    _, L = classify(rng)
    diagram = draw(L, fold="modules")
    assert texts(box_named(diagram, "Classifier"))[1:5] == ["hidden.W (2, 3)", "hidden.b (3,)", "out.W (3, 2)", "out.b (2,)"]
    assert ("x", "Classifier") in arrows(diagram)


def test_a_module_called_twice(rng):
    """A layer used twice is two frames; its parameters stand in one of them."""
    layer = nn.Linear(2, 2, rng=rng)
    picture = draw(layer(layer(np.ones((1, 2)))).sum().named("L")).picture
    assert [frame.label for frame in picture.frames] == ["Linear", "Linear"]
    assert sum(texts(box)[0] == "W" for box in picture.boxes) == 1


def test_a_layer_that_is_no_part_of_the_module_that_calls_it(rng):
    """A layer that a module takes from elsewhere has a frame inside of the module's, with the name of its class alone."""
    shared = nn.Linear(2, 2, rng=rng)

    class Borrowing(nn.Module):
        def forward(self, x):
            return shared(x).tanh()

    picture = draw(Borrowing()(np.ones((1, 2))).sum().named("L")).picture
    assert sorted(frame.label for frame in picture.frames) == ["Borrowing", "Linear"]


def test_only_named_tensors():
    """With fold="names", what lies between named tensors is one step, written out."""
    x, W = Tensor([1.0, 2.0], name="x"), Tensor(np.eye(2), requires_grad=True, name="W")
    L = ((x @ W).tanh().named("h") ** 2).sum().named("L")
    diagram = draw(L, fold="names")
    assert texts(box_named(diagram, "h"))[:2] == ["h", "= tanh(x W)"]
    assert arrows(diagram) == [("x", "h"), ("W", "h"), ("h", "L")]


def test_a_large_graph_folds_itself():
    """Above a few hundred nodes only named tensors are drawn, and a line says so; 10,000 nodes take seconds at most."""
    x = Tensor(1.0, requires_grad=True, name="x")
    z = x
    for _ in range(10_000):
        z = z * 1.0001
    diagram = draw(z.named("z"))
    assert [texts(box)[0] for box in diagram.picture.boxes] == ["x", "z"]
    assert diagram.picture.notes == ["10,001 operations and tensors: only named tensors are drawn (fold='names')"]


def test_a_graph_that_cannot_be_folded_enough():
    """Where even the named tensors are too many, the nearest to the output are drawn, and a line says how many are not."""
    x = Tensor(1.0, requires_grad=True, name="x")
    z = x
    for i in range(3000):
        z = (z * 0.5 + x).named(f"z{i}")
    diagram = draw(z)
    assert len(diagram.picture.boxes) < 300
    assert "more, further from the output, are not drawn" in diagram.picture.notes[-1]
    diagram.render()


def test_shared_paths_cost_nothing():
    """Doubling 60 times has 2⁶⁰ paths and 61 nodes, and it is drawn with these; by way of paths it would never end."""
    x = Tensor(1.0, requires_grad=True, name="x")
    z = x
    for _ in range(60):
        z = z + z
    assert len(draw(z).picture.boxes) == 62  # the last sum is an operation and a tensor
    assert len(draw(z, fold="names").picture.boxes) == 2


class Block(nn.Module):
    def __init__(self, width, rng):
        self.norm, self.linear = nn.LayerNorm(width), nn.Linear(width, width, rng=rng)

    def forward(self, x):
        return x + self.linear(self.norm(x)).tanh()


class Tower(nn.Module):
    def __init__(self, height, rng):
        self.blocks = [Block(2, rng) for _ in range(height)]

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


@pytest.mark.parametrize(("height", "closed"), [(30, "LayerNorm, Linear"), (100, "Block"), (1000, "Tower")])
def test_a_large_network_is_summarised_by_its_modules(height, closed, rng):
    """Of a large graph as few levels of modules are closed as will do; the boxes count what is in them, and nothing is cut."""
    L = Tower(height, rng)(Tensor([[0.5, 1.0]], requires_grad=True, name="x")).sum().named("L")
    diagram = draw(L)
    boxes = diagram.picture.boxes
    assert len(boxes) <= 270
    (note,) = diagram.picture.notes
    assert f"calls of {closed} are one box each" in note
    assert "x" in {texts(box)[0] for box in boxes}
    if closed == "Tower":
        (tower,) = (box for box in boxes if texts(box)[0] == "Tower")
        assert {f"Block × {height:,}", f"{height * 10:,} parameters", f"{height * 11:,} operations"} <= set(texts(tower))


def test_a_number_of_open_levels(rng):
    """fold=0 closes the network, fold=1 leaves it open and closes its blocks."""
    L = Tower(3, rng)(Tensor([[0.5, 1.0]], name="x")).sum().named("L")
    assert [frame.label for frame in draw(L, fold=0).picture.frames] == []
    assert [frame.label for frame in draw(L, fold=1).picture.frames] == ["Tower"]
    assert sum(texts(box)[0].endswith(": Block") for box in draw(L, fold=1).picture.boxes) == 3
    assert len(draw(L, fold=2).picture.frames) == 4


def test_the_rest_is_one_box_with_counts():
    """What is too far from the output for a picture is one box, which says how much there is, and of what."""
    z = x = Tensor(1.0, requires_grad=True, name="x")
    for i in range(600):
        z = (z * 0.5 + x).named(f"z{i}")
    (rest,) = (box for box in draw(z).picture.boxes if box.kind == "note")
    assert texts(rest) == ["351 more", "351 add"]


def test_a_slide_shows_the_blocks_of_a_network(rng):
    """What is too much for a slide is folded to a level that fits; the network as one box is the last resort."""
    L = Tower(12, rng)(Tensor([[0.5, 1.0]], requires_grad=True, name="x")).sum().named("L")
    sheet = draw(L, shape="slide").sheet
    written = "".join(mark.text for mark in sheet.marks if isinstance(mark, Run))
    assert "calls of Block are one box each" in written
    assert "blocks.11: Block" in written
