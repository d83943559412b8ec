"""Diagrams whose pages the tests look into, one of them with markup in every text."""

import functools

import numpy as np
from networks import textbook_network

from microgradnn import chain_rule
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
