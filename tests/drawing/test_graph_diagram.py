"""draw(): what is in the picture of a tensor graph, and that any graph and any name can be drawn."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from diagrams import arrows, box_named, classify, loss_of_a_unit, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import generators

from microgradnn import Tensor, chain_rule, draw, grad, name_tensors, nn, no_grad
from microgradnn.drawing.view import FOLDS
from microgradnn.graph import whole_graph
from microgradnn.pictures.picture import Line, Values
from microgradnn.pictures.themes import THEMES
from microgradnn.pictures.typesetting import ON_LINE

UNIT = """flowchart LR
    x[/"x<br/>= 3"/]
    w["w<br/>= 0.5<br/>∂L/∂w = −3"]
    multiply(["·<br/>= 1.5<br/>∂L/∂· = −1"])
    subtract(["2 −<br/>= 0.5<br/>∂L/∂· = 1"])
    L_power(["^ 2"])
    L(["L<br/>= 0.25<br/>∂L/∂L = 1"])
    L_power --> L
    x --> multiply
    w --> multiply
    multiply --> subtract
    subtract --> L_power
"""


def test_a_small_graph(tmp_path):
    """Every tensor and operation is there once, with value and gradient; plain numbers stand in the operation."""
    text = draw(loss_of_a_unit()).save(tmp_path / "unit.mmd").read_text(encoding="utf-8")
    assert text.startswith(UNIT)


def test_kinds_look_different():
    """Parameters, constants, intermediates, operations and the output are told apart by shape and by colour."""
    L = loss_of_a_unit()
    kinds = {texts(box)[0]: box.kind for box in draw(L).picture.boxes}
    assert kinds == {
        "x": "constant",
        "w": "parameter",
        "·": "operation",
        "2 −": "operation",
        "^ 2": "operation",
        "L": "output",
    }
    for theme in THEMES.values():
        looks = [theme.looks[kind] for kind in ("parameter", "constant", "intermediate", "operation", "output")]
        assert len({(look.shape, look.style, look.width) for look in looks}) == 5


def test_operand_order_is_kept():
    """The arrows of the operands arrive in their order."""
    x, y = Tensor(1.0, requires_grad=True, name="x"), Tensor(2.0, requires_grad=True, name="y")
    picture = draw((y - x).named("z")).picture
    assert [a.tail for a in picture.arrows if a.head == "z_subtract"] == ["y", "x"]


def test_a_tensor_used_twice_has_two_arrows():
    """x · x is drawn with two arrows from x."""
    x = Tensor(3.0, requires_grad=True, name="x")
    assert arrows(draw((x * x).named("y"))).count(("x", "y_multiply")) == 2


def test_direction():
    """The computation runs in the direction asked for."""
    assert "rankdir=TB" in draw(loss_of_a_unit(), direction="TB").source


# Looks


@pytest.mark.parametrize("theme", THEMES)
def test_themes(theme, renderer):
    """Every theme renders in every renderer, with the same boxes; an unknown one is refused with those there are."""
    diagram = draw(loss_of_a_unit(), theme=theme)
    svg = ElementTree.fromstring(diagram.render())
    assert len(nodes_of(svg)) == len(diagram.picture.boxes)
    with pytest.raises(ValueError, match=r"^There is no theme 'neon'; there are light, dark, print.$"):
        diagram.with_theme("neon")


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_below_zero_is_dashed(theme):
    """Arrows of negative contributions are dashed, in every theme, and nothing else is."""
    x = Tensor(2.0, requires_grad=True, name="x")
    L = ((x * 3).named("a") - (x * 5).named("b")).named("L")
    assert chain_rule(L, x).diagram.with_theme(theme).source.count("style=dashed") == 2


def test_widths_and_colours_of_arrows():
    """The more of the gradient flows through an arrow, the wider it is; its colour says the sign."""
    x = Tensor(2.0, requires_grad=True, name="x")
    L = ((x * 3).named("a") - (x * 1).named("b")).named("L")
    flows = {(a.tail, a.head): a.contribution for a in chain_rule(L, x).diagram.picture.arrows}
    assert flows == {("a", "L"): 3, ("x", "a"): 3, ("b", "L"): -1, ("x", "b"): -1}


# Any graph, any name


def nodes_of(svg):
    titles = [g.find("{*}title") for g in svg.iter("{http://www.w3.org/2000/svg}g") if g.get("class") == "node"]
    return [title.text for title in titles if title is not None and not title.text.startswith("stub")]


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
@settings(max_examples=12)
def test_random_names(name):
    """Whatever a tensor is called, the picture shows just that, made visible where it cannot be seen."""
    x = Tensor(2.0, requires_grad=True, name=name)
    svg = ElementTree.fromstring(draw((x * x).named("y"), shape="natural").render())
    shown = "".join("".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text"))
    visible = "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)
    assert on_the_line(visible) in on_the_line(shown), (visible, shown)


def on_the_line(text):
    """A text without spaces, and without what says that something stands below or above the line."""
    return re.sub(r"[\s_]", "", text.translate(ON_LINE))


def test_the_same_graph_is_the_same_text(rng):
    """Drawn twice, a graph gives the same DOT text."""
    _, L = classify(rng)
    assert draw(L).source == draw(L).source


# Notebooks


def test_a_notebook_shows_svg():
    """In a notebook a diagram is inline SVG, so that its tooltips live; beside it an image, for one that is not trusted."""
    shown = draw(loss_of_a_unit())._repr_mimebundle_()
    assert shown.keys() == {"text/html", "image/svg+xml", "text/plain"}
    assert "<svg" in shown["text/html"]
    assert shown["text/html"].count("<img") == 1


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
        ({"show": ["colour"]}, "There is no content of a box 'colour'; there are shape, value, gradient, arrows, parameters."),
        ({"theme": "neon"}, "There is no theme 'neon'; there are light, dark, print."),
        (
            {"fold": "all"},
            f"fold is one of {', '.join(FOLDS)}, a Module, a list of Modules, or how many levels of them are open; not 'all'.",
        ),
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


def test_a_network_is_not_what_it_returns(rng):
    """A network is refused with what to draw instead."""
    network, _ = classify(rng)
    with pytest.raises(TypeError, match=r"^draw takes a Tensor, and was given a network, Classifier: call it, and draw what"):
        draw(network)


def test_tensors_without_names():
    """A leaf that is learned is a parameter, also without a name or with an empty one; a given one a constant, or its number."""
    w, e, x, c = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True, name=""), Tensor(1.5), Tensor([1.0, 2.0])
    names = [texts(box)[0] for box in draw(((w * e + x) * c).named("y")).picture.boxes if box.kind in ("parameter", "constant")]
    assert names == ["parameter", "parameter", "1.5", "constant"]


@pytest.mark.parametrize("name", ["a" * 16_000, "\x00\x1b[31m\x7f", "\n\t", "a\\l\\N\\"])
@pytest.mark.parametrize("shape", ["natural", "slide"])
def test_any_name_can_be_drawn(name, shape, renderer):
    """Also of 16,000 letters, or of control characters alone."""
    x = Tensor(np.ones((2, 2)), requires_grad=True, name=name)
    svg = draw((x * x).named("y"), shape=shape).render()
    assert ElementTree.fromstring(svg).tag.endswith("svg")


def test_large_tensors_of_many_axes_can_be_drawn(renderer):
    """No label or card is longer than what Graphviz 2.43 reads in one string."""
    x = Tensor(np.ones((1, 4, 13, 13, 2, 2)), requires_grad=True, name="windows")
    diagram = draw(x.sum().named("L"), shape="natural")
    assert max(map(len, re.findall(r'"(?:[^"\\]|\\.)*"', diagram.source))) < 16_384
    assert b"<svg" in diagram.render()


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


def test_shapes_on_arrows_and_counts_of_parameters(rng):
    """On demand arrows say the shape of what goes along them, and boxes and a note how much is learned."""
    _, L = classify(rng)
    picture = draw(L, fold="layers", show=["arrows", "parameters"]).picture
    along = {arrow.tail: [line.text for line in arrow.lines] for arrow in picture.arrows}
    x = next(box.id for box in picture.boxes if texts(box)[0] == "x")
    assert along[x] == [str(next(node.shape for node in whole_graph(L) if node.name == "x"))]
    learned = [node.size for node in whole_graph(L) if node.op is None and node.requires_grad]
    assert f"{sum(learned)} parameters in {len(learned)} tensors" in picture.notes
    assert any(f"{sum(learned[:2])} parameters" in texts(box) for box in picture.boxes)
    assert not any(arrow.lines for arrow in draw(L).picture.arrows)
