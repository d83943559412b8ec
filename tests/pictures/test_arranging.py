"""Who lays a picture out: Graphviz, or we where that would take minutes."""

import time

from microgradnn import Tensor, draw
from microgradnn.pictures.arranging import layout_of
from microgradnn.pictures.ranks import layout_by_ranks, lengths_of_arrows, sources_of
from microgradnn.pictures.themes import LIGHT


def long_arrows(steps):
    """A recurrent network: W leads to each step, over ever more ranks."""
    W, h = Tensor(0.5, requires_grad=True, name="W"), Tensor(1.0, name="h0")
    for i in range(steps):
        h = (h * W).tanh().named(f"h{i + 1}")
    return h.named("L")


def test_a_graph_that_graphviz_cannot_lay_out(renderer):
    """A recurrent network of 80 steps, at which Graphviz works for minutes, is drawn in seconds, and whole."""
    diagram = draw(long_arrows(80), fold="nothing")
    assert lengths_of_arrows(sources_of(diagram.picture)) > 4000
    before = time.perf_counter()
    svg = diagram.render().decode()
    assert time.perf_counter() - before < 20
    assert svg.count('class="node"') == len(diagram.picture.boxes) == 242
    assert layout_of(diagram.picture, LIGHT) == layout_by_ranks(diagram.picture, LIGHT)
