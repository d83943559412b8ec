"""Diagrams that tests look into, one of them with markup in every text, and what is read from them."""

import functools
import json
import re

import numpy as np
from networks import textbook_network

from microgradnn import Tensor, chain_rule, nn
from microgradnn.pictures.diagram import Diagram
from microgradnn.pictures.page import to_page
from microgradnn.pictures.picture import Arrow, Box, Frame, Line, Picture, Values

STRANGE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>\u2028{{title}} &amp; \\u003c"


@functools.cache
def derivation():
    """The diagram of ∂L/∂W₁₁ = −6 in the textbook network."""
    L, W = textbook_network()
    return chain_rule(L, W[0, 0]).diagram


@functools.cache
def strange():
    """A diagram with a name that is markup, two arrows between the same boxes, a frame, a long value and a note."""
    long = np.array2string(np.arange(600.0).reshape(100, 6), threshold=1000)
    boxes = [
        Box("W", "parameter", [Line(STRANGE, "name"), Values("", np.eye(2))], [("", STRANGE), ("value", STRANGE)], "frame"),
        Box("times", "operation", [Line("×", "name")], [("", "×"), ("rule", "g goes to each, times the other")], "frame"),
        Box(
            "y",
            "output",
            [Line("y", "name")],
            [("", "y"), ("shape", "(100, 6)"), ("value", long), ("gradient", "not computed")],
        ),
    ]
    arrows = [
        Arrow("W", "times", [Line("first")], [(STRANGE, "the first operand")]),
        Arrow("W", "times", [Line("second")], [("second", "the second operand")]),
        Arrow("times", "y"),
    ]
    return Diagram(Picture([STRANGE], boxes, arrows, [Frame("frame", STRANGE)], [STRANGE]))


@functools.cache
def page_of(diagram, theme="light"):
    """The page of derivation() or strange(), made once."""
    return to_page(diagram().with_theme(theme))


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


def cards_of(page):
    return json.loads(re.search(r'<script type="application/json" id="items">(.*?)</script>', page, re.DOTALL)[1])


def picture():
    """The diagram of ∂L/∂W₁₂ in the textbook network, made anew."""
    L, W = textbook_network()
    return chain_rule(L, W[0, 1]).diagram
