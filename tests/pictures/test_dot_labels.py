"""What Graphviz's labels say: numbers below each other, and signs where there are no colours."""

import re

import numpy as np

from microgradnn import Tensor, draw
from microgradnn.pictures.themes import LIGHT


def test_value_and_gradient_are_two_blocks():
    """Each between brackets of its own, the gradient below its name, on the tint, in the colours of its signs."""
    W = Tensor([[1.0, 2.0]], requires_grad=True, name="W")
    W.grad = np.array([[0.25, -0.5]])
    source = draw((W * 2).sum()).source
    texts = re.findall(r'COLOR="(#\w+)">([^<>]+)</FONT>', source[source.index("W [label") : source.index("tooltip")])
    assert [text for _, text in texts] == ["W", "(1, 2)", "1", "2", "∂L/∂W", "0.25", "−0.50"]
    assert [colour for colour, _ in texts[-2:]] == [LIGHT.positive, LIGHT.negative]
    assert source.count(f'BGCOLOR="{LIGHT.tint}"') == 2
    assert source.count('SIDES="LTB"') == 2


def test_signs_without_colours():
    """In print, a negative cell of a heat map has a minus, since grey is grey."""
    W = Tensor(np.where(np.arange(25) % 2, 1.0, -1.0).reshape(5, 5), requires_grad=True, name="W")
    diagram = draw(W.sum())
    assert [diagram.with_theme(theme).source.count(">−</FONT>") for theme in ("light", "print")] == [0, 13]
