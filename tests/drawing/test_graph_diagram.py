"""draw(): what is in the picture of a tensor graph, how it folds, and that any graph and any name can be drawn."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import generators

from microgradnn import Tensor, chain_rule, draw, grad, name_tensors, nn, no_grad
from microgradnn.graph import whole_graph
from microgradnn.pictures.mermaid_text import to_mermaid
from microgradnn.pictures.picture import Line, Values
from microgradnn.pictures.themes import THEMES


def texts(box):
    """What stands in a box, line by line; an array as its label."""
    return [item.text if isinstance(item, Line) else item.label for item in box.content]


def box_named(diagram, name):
    return next(box for box in diagram.picture.boxes if texts(box)[0] == name)


def arrows(diagram):
    return [(arrow.tail, arrow.head) for arrow in diagram.picture.arrows]


def loss_of_a_unit():
    """L = (2 − x w)², with its gradients."""
    x, w = Tensor(3.0, name="x"), Tensor(0.5, requires_grad=True, name="w")
    L = ((2 - x * w) ** 2).named("L")
    L.backward()
    return L


UNIT = """flowchart LR
    x[/"x<br/>= 3"/]
    w["w<br/>= 0.5<br/>∂L/∂w = −3"]
    multiply(("×<br/>= 1.5<br/>∂L/∂· = −1"))
    subtract(("2 −<br/>= 0.5<br/>∂L/∂· = 1"))
    L_power(("^ 2"))
    L(["L<br/>= 0.25<br/>∂L/∂L = 1"])
    L_power --> L
    x --> multiply
    w --> multiply
    multiply --> subtract
    subtract --> L_power
"""


def test_a_small_graph(tmp_path):
    """Every tensor and operation is there once, with value and gradient; plain numbers stand in the operation."""
    assert draw(loss_of_a_unit()).save(tmp_path / "unit.mmd").read_text(encoding="utf-8") == UNIT


DOT = """digraph {
	graph [bgcolor=white nodesep=0.3 pad=0.3 rankdir=LR ranksep=0.6]
	graph [outputorder=edgesfirst]
	graph [fontcolor="#0f172a" fontname="Helvetica,Arial,sans-serif" fontsize=17 labelloc=t]
	node [fontname="Helvetica,Arial,sans-serif" fontsize=13 height=0 margin="0.12,0.06" width=0]
	edge [arrowsize=0.7 fontname="Helvetica,Arial,sans-serif" fontsize=12]
	w [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="15" COLOR="#0f172a">w</FONT></TD></TR></TABLE>> color="#c2410c" fillcolor="#fff7ed" fontcolor="#0f172a" ordering=in penwidth=2 shape=box style=filled tooltip="w
shape: ()
value: 3.
∂y/∂w: not computed"]
	multiply [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="CENTER"><FONT POINT-SIZE="15" COLOR="#0f172a">× 2</FONT></TD></TR></TABLE>> color="#64748b" fillcolor="#ffffff" fontcolor="#0f172a" ordering=in penwidth=1 shape=ellipse style=filled tooltip="× 2
shape: ()
operation: multiply: z = x y
value: 6.
∂y/∂·: not computed"]
	y_subtract [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="CENTER"><FONT POINT-SIZE="15" COLOR="#0f172a">−</FONT></TD></TR></TABLE>> color="#64748b" fillcolor="#ffffff" fontcolor="#0f172a" ordering=in penwidth=1 shape=ellipse style=filled tooltip="y
shape: ()
operation: subtract: z = x − y
value: 3.
∂y/∂y: not computed"]
	y [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="15" COLOR="#0f172a">y</FONT></TD></TR></TABLE>> color="#0f172a" fillcolor="#f1f5f9" fontcolor="#0f172a" ordering=in penwidth=2.2 shape=box style="rounded,filled" tooltip="y
shape: ()
operation: subtract: z = x − y
value: 3.
∂y/∂y: not computed"]
	y_subtract -> y [color="#64748b" penwidth=1.2]
	w -> multiply [color="#64748b" penwidth=1.2]
	multiply -> y_subtract [color="#64748b" headlabel=<<FONT POINT-SIZE="10" COLOR="#64748b">x</FONT>> labelangle=28 labeldistance=1.4 penwidth=1.2]
	w -> y_subtract [color="#64748b" headlabel=<<FONT POINT-SIZE="10" COLOR="#64748b">y</FONT>> labelangle=28 labeldistance=1.4 penwidth=1.2]
}
"""


def test_dot_text():
    """The DOT text of a small graph, to the letter."""
    w = Tensor(3.0, requires_grad=True, name="w")
    assert draw((w * 2 - w).named("y"), show=()).source == DOT


def test_kinds_look_different():
    """Parameters, constants, intermediates, operations and the output are told apart by shape and by colour."""
    L = loss_of_a_unit()
    kinds = {texts(box)[0]: box.kind for box in draw(L).picture.boxes}
    assert kinds == {
        "x": "constant",
        "w": "parameter",
        "×": "operation",
        "2 −": "operation",
        "^ 2": "operation",
        "L": "output",
    }
    for theme in THEMES.values():
        looks = [theme.looks[kind] for kind in ("parameter", "constant", "intermediate", "operation", "output")]
        assert len({(look.shape, look.style, look.width) for look in looks}) == 5


def test_gradients_that_are_not_there():
    """A gradient that has not been computed is said to be so, and never shown as 0."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    L = (w * w).sum().named("L")
    assert "∂L/∂w not computed" in texts(box_named(draw(L), "w"))
    L.backward()
    w.grad[:] = 0
    assert "∂L/∂w" in texts(box_named(draw(L), "w"))
    assert not any("not computed" in line for box in draw(L).picture.boxes for line in texts(box))


def test_constants_have_no_gradient_line():
    """What requires no gradient has no line about one."""
    assert texts(box_named(draw(loss_of_a_unit()), "x")) == ["x", "= 3"]


def test_operand_order_is_kept():
    """Operands arrive in order, and where the order matters they carry the letters of the rule."""
    x, y = Tensor(1.0, requires_grad=True, name="x"), Tensor(2.0, requires_grad=True, name="y")
    picture = draw((y - x).named("z")).picture
    assert [(a.tail, a.operand) for a in picture.arrows if a.head == "z_subtract"] == [("y", "x"), ("x", "y")]


def test_a_tensor_used_twice_has_two_arrows():
    """x · x is drawn with two arrows from x."""
    x = Tensor(3.0, requires_grad=True, name="x")
    assert arrows(draw((x * x).named("y"))).count(("x", "y_multiply")) == 2


def test_small_arrays_in_numbers_large_ones_as_heat_maps():
    """Up to 4 by 4, numbers are shown; above, coloured cells and the range."""
    w = Tensor(np.arange(4.0), requires_grad=True, name="w")
    assert "BGCOLOR" not in draw(w).source
    large = draw(Tensor(np.linspace(-1, 2, 500).reshape(5, 100), name="large", requires_grad=True)).source
    assert large.count("BGCOLOR") == 5 * 12
    assert "−1 … 2" in large


@pytest.mark.parametrize("shape", [(0,), (3, 0), (1,), (2, 3, 4), (1, 1, 1, 1)])
def test_arrays_of_every_shape(shape):
    """Empty arrays and arrays of many axes are drawn too."""
    assert draw(Tensor(np.zeros(shape), name="x", requires_grad=True)).render().startswith(b"<?xml")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none(value):
    """NaN and infinities are shown as what they are, in numbers and in heat maps."""
    x = Tensor(np.full(3, value), name="x", requires_grad=True)
    assert {np.nan: "NaN", np.inf: "∞", -np.inf: "−∞"}[value] in draw(x).source
    draw(Tensor(np.full(30, value), name="x", requires_grad=True)).render()


def test_show():
    """`show` chooses what stands in the boxes."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    L = w.sum().named("L")
    L.backward()
    assert texts(box_named(draw(L, show=[]), "w")) == ["w"]
    assert texts(box_named(draw(L, show=["shape"]), "w")) == ["w", "(2,)"]
    assert texts(box_named(draw(L, show=["gradient"]), "w")) == ["w", "∂L/∂w"]


def test_direction():
    """The computation runs in the direction asked for."""
    assert "rankdir=TB" in draw(loss_of_a_unit(), direction="TB").source


def test_depth():
    """With a depth, what is further from the output is left out, and the picture says how much."""
    x = Tensor(1.0, requires_grad=True, name="x")
    z = x
    for i in range(10):
        z = (z * 2).named(f"z{i}")
    picture = draw(z, depth=3).picture
    assert [texts(box)[0] for box in picture.boxes if box.kind in ("intermediate", "output")] == ["z6", "z7", "z8", "z9"]
    assert picture.notes == ["7 more, further from the output, are not drawn"]


# Folding


class Classifier(nn.Module):
    """Two layers."""

    def __init__(self, rng):
        self.hidden, self.out = nn.Linear(2, 3, rng=rng), nn.Linear(3, 2, rng=rng)

    def forward(self, x):
        return self.out(self.hidden(x).tanh())


def classify(rng, samples=4):
    network = Classifier(rng)
    L = nn.cross_entropy(network(Tensor(rng.normal(size=(samples, 2)), name="x")), np.arange(samples) % 2).named("L")
    L.backward()
    return network, L


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
    closed = box_named(diagram, "Linear")
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


def test_calls_are_forgotten_with_their_results(rng):
    """What a module remembers of a call goes with the result of the call."""
    from microgradnn.nn.module import calls

    layer = nn.Linear(2, 2, rng=rng)
    before = len(calls)
    z = layer(np.ones(2))
    assert len(calls) == before + 1
    del z
    assert len(calls) == before


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


# One element within the tensors


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


# Looks


@pytest.mark.parametrize("theme", THEMES)
def test_themes(theme, renderer):
    """Every theme renders in every renderer, with the same boxes; an unknown one is refused with those there are."""
    diagram = draw(loss_of_a_unit(), theme=theme)
    svg = ElementTree.fromstring(diagram.render())
    assert len(nodes_of(svg)) == len(diagram.picture.boxes)
    with pytest.raises(ValueError, match=r"^There is no theme 'neon'; there are light, dark, print, slide.$"):
        diagram.with_theme("neon")


def test_numbers_and_gradients_stand_below_each_other():
    """Each column of a gradient is below that of the value, behind one column of labels."""
    W = Tensor([[1.0, 2.0]], requires_grad=True, name="W")
    W.grad = np.array([[0.25, -0.5]])
    (table,) = re.findall(r"<TABLE[^>]*><TR><TD ALIGN=\"LEFT\"><FONT[^>]*> </FONT></TD>.*?</TABLE>", draw((W * 2).sum()).source)
    cells = [re.findall(r">([^<>]+)</FONT>", row) for row in table.split("</TR>")[:-1]]
    assert cells == [[" ", "1", "2"], ["∂L/∂W", "0.25", "−0.5"]]


def test_signs_without_colours():
    """In print, a negative cell of a heat map has a minus, since grey is grey."""
    W = Tensor(np.where(np.arange(25) % 2, 1.0, -1.0).reshape(5, 5), requires_grad=True, name="W")
    diagram = draw(W.sum())
    assert [diagram.with_theme(theme).source.count(">−</FONT>") for theme in ("light", "print")] == [0, 13]


def test_print_uses_patterns_for_colours():
    """In black and white, arrows of negative contributions are dashed."""
    x = Tensor(2.0, requires_grad=True, name="x")
    L = ((x * 3).named("a") - (x * 5).named("b")).named("L")
    diagram = chain_rule(L, x).diagram
    assert "style=dashed" not in diagram.source
    assert diagram.with_theme("print").source.count("style=dashed") == 2


def test_widths_and_colours_of_arrows():
    """The more of the gradient flows through an arrow, the wider it is; its colour says the sign."""
    x = Tensor(2.0, requires_grad=True, name="x")
    L = ((x * 3).named("a") - (x * 1).named("b")).named("L")
    flows = {(a.tail, a.head): a.contribution for a in chain_rule(L, x).diagram.picture.arrows}
    assert flows == {("a", "L"): 3, ("x", "a"): 3, ("b", "L"): -1, ("x", "b"): -1}


# Any graph, any name


def nodes_of(svg):
    return [g.find("{*}title").text for g in svg.iter("{http://www.w3.org/2000/svg}g") if g.get("class") == "node"]


@given(rng=generators, size=st.integers(1, 25))
@settings(max_examples=15)
def test_random_graphs(rng, size):
    """The DOT text of a random graph parses, has each node once, and its arrows are the graph's."""
    nodes = [Tensor(rng.normal(), requires_grad=True, name="a"), Tensor(rng.normal(), name="b")]
    for _ in range(size):
        x, y = (nodes[rng.integers(len(nodes))] for _ in range(2))
        nodes.append([x + y, x * y, x - y, x.tanh(), x * 2][rng.integers(5)])
    diagram = draw(nodes[-1].named("out"))
    titles = nodes_of(ElementTree.fromstring(diagram.render()))
    assert sorted(titles) == sorted(box.id for box in diagram.picture.boxes)
    assert len(set(titles)) == len(titles)
    tracked = whole_graph(nodes[-1])
    operands = sum(type(x.data) not in (int, float) for node in tracked for x in node.inputs)
    results = sum(node.op is not None and node.name is not None for node in tracked)
    assert len(diagram.picture.arrows) == operands + results


@given(name=st.text(min_size=1, max_size=12).filter(str.strip))
@settings(max_examples=30)
def test_random_names(name):
    """Whatever a tensor is called, the picture shows just that, made visible where it cannot be seen."""
    x = Tensor(2.0, requires_grad=True, name=name)
    svg = ElementTree.fromstring(draw((x * x).named("y")).render())
    shown = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    visible = "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)
    assert any(line.split() == visible.split() for line in shown), (visible, shown)


def test_the_same_graph_is_the_same_text(rng):
    """Drawn twice, a graph gives the same DOT text."""
    _, L = classify(rng)
    assert draw(L).source == draw(L).source


# Notebooks


def test_a_notebook_shows_svg():
    """In a notebook a diagram is inline SVG, so that its tooltips live."""
    shown = draw(loss_of_a_unit())._repr_mimebundle_()
    assert shown.keys() == {"text/html", "image/svg+xml", "text/plain"}
    assert "<svg" in shown["text/html"]
    assert "<img" not in shown["text/html"]


def test_a_repr_never_raises(monkeypatch):
    """When rendering fails, a notebook gets Mermaid, which JupyterLab draws by itself, and the reason."""
    monkeypatch.setenv("MICROGRADNN_DOT", "/no/such/program")
    shown = draw(loss_of_a_unit())._repr_mimebundle_()
    assert shown.keys() == {"text/vnd.mermaid", "text/plain"}
    assert shown["text/vnd.mermaid"].startswith("flowchart LR")
    assert "Is $MICROGRADNN_DOT right?" in shown["text/plain"]
    assert draw(loss_of_a_unit())._repr_html_() is None


# Naming


def test_name_tensors():
    """Tensors are named by their variables; names that there are, and names with an underscore, are left alone."""
    a, b, _hidden = Tensor(1.0), Tensor(2.0, name="beta"), Tensor(3.0)
    layer = nn.Module()
    assert name_tensors({"a": a, "b": b, "_hidden": _hidden, "n": 3, "layer": layer}) == ["a"]
    assert (a.name, b.name, _hidden.name) == ("a", "beta", None)


# Refusals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "up"}, "There is no direction 'up'; there are LR, RL, TB, BT."),
        ({"show": ["colour"]}, "There is no content of a box 'colour'; there are shape, value, gradient."),
        ({"theme": "neon"}, "There is no theme 'neon'; there are light, dark, print, slide."),
        ({"fold": "all"}, "fold is one of auto, nothing, names, modules, a Module or a list of Modules; not 'all'."),
    ],
)
def test_options_that_there_are_not(options, message):
    """An unknown option is refused with those that there are."""
    with pytest.raises(ValueError) as caught:
        draw(loss_of_a_unit(), **options)
    assert str(caught.value) == message


def test_not_a_tensor():
    """A plain array has no graph to draw."""
    with pytest.raises(
        TypeError, match=r"^draw takes a Tensor, the end of a recorded graph; it was given an array of shape \(2,\)"
    ):
        draw(np.ones(2))


def test_drawing_changes_nothing(rng):
    """Drawing changes no value and no gradient, and records nothing."""
    _, L = classify(rng)
    before = [(node, node.numpy().copy(), node.grad) for node in whole_graph(L)]
    with no_grad():
        _ = draw(L).source
    assert [node for node, _, _ in before] == whole_graph(L)
    assert all(np.array_equal(node.numpy(), data) and node.grad is gradient for node, data, gradient in before)
    assert grad(L, before[0][0]) is not None if before[0][0].requires_grad else True
    assert isinstance(box_named(draw(L), "x").content[-1], Values | Line)


def test_frames_in_mermaid(rng):
    """Modules are subgraphs, one inside the other, each with the boxes that are in it."""
    _, L = classify(rng)
    lines = to_mermaid(draw(L).picture).splitlines()
    depths = {line.strip(): len(line) - len(line.lstrip()) for line in lines if "subgraph" in line}
    assert list(depths.values()) == [4, 8, 8]
    assert lines.count("    end") == 1
    assert lines.count("        end") == 2
