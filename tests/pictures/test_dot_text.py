"""A picture in DOT: text that is read, and that Graphviz lays out."""

import re

from diagrams import classify, picture

from microgradnn import draw


def test_the_plain_text_has_no_places(rng):
    """What is saved as .dot is for reading, and for Graphviz to lay out: it holds no coordinates."""
    assert not re.search(r"\b(pos|bb|lp|nop2)\b", draw(classify(rng)[1]).source)


def test_the_same_derivation_is_the_same_text():
    """Two runs give the same text, so that a picture in git changes only where the derivation did."""
    assert picture().source == picture().source
