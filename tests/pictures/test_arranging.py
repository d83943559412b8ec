"""Who lays a picture out: Graphviz, or we where that would take minutes."""

import re
import time

import pytest
from diagrams import strange

from microgradnn import Tensor, draw
from microgradnn.errors import RendererError
from microgradnn.pictures.natural import natural_layout
from microgradnn.pictures.ranks import lengths_of_arrows, sources_of
from microgradnn.pictures.themes import LIGHT


def long_arrows(steps):
    """A recurrent network: W leads to each step, over ever more ranks."""
    W, h = Tensor(0.5, requires_grad=True, name="W"), Tensor(1.0, name="h0")
    for i in range(steps):
        h = (h * W).tanh().named(f"h{i + 1}")
    return h.named("L")


def far_results(steps):
    """A chain whose results are all used again at its end."""
    h = Tensor(1.0, requires_grad=True, name="h0")
    results = [h := h.tanh().named(f"h{i + 1}") for i in range(steps)]
    for each in results:
        h = h + each
    return h.named("L")


def test_a_graph_that_graphviz_cannot_lay_out(renderer):
    """A recurrent network of 80 steps, at which Graphviz works for minutes, is drawn in seconds, and whole."""
    diagram = draw(long_arrows(80), fold="nothing", shape="natural")
    assert lengths_of_arrows(sources_of(diagram.picture)) > 4000
    before = time.perf_counter()
    svg = diagram.render().decode()
    assert time.perf_counter() - before < 20
    drawn = set(re.findall("<title>(.*?)</title>", svg))
    assert {box.id for box in diagram.picture.boxes} <= drawn
    assert len(diagram.picture.boxes) == 242


def test_without_graphviz(without_renderers):
    """Without a renderer a small picture has no layout, and the error says so; one that is ours to lay out has."""
    with pytest.raises(RendererError):
        natural_layout(draw(long_arrows(2), fold="nothing").picture, LIGHT)
    picture = draw(far_results(70), fold="nothing", shape="natural").picture
    assert len(natural_layout(picture, LIGHT).boxes) == len(picture.boxes)


def test_arrows_between_the_same_boxes(renderer):
    """Two arrows from one box to another keep their order: each has its own curve, and the label of the first is its own."""
    picture = strange().picture
    first, second, third = natural_layout(picture, LIGHT).curves
    assert first.points != second.points
    assert first.label != second.label
    assert third.label is None


def test_the_y_of_a_layout_runs_down(renderer):
    """Graphviz's y runs up; in a layout what stands higher has the smaller y, and all begins at the upper left corner."""
    picture = draw(long_arrows(1), direction="TB", fold="nothing").picture
    layout = natural_layout(picture, LIGHT)
    places = {box.content[0].text: layout.boxes[box.id] for box in picture.boxes}
    assert places["h0"].y < places["L"].y
    assert min(min(box.x, box.y) for box in layout.boxes.values()) > -0.01  # but for rounding
    assert max(box.y + box.height for box in layout.boxes.values()) < layout.height + 0.01
