"""What Graphviz's labels say: numbers below each other, and signs where there are no colours."""

import re

import numpy as np

from microgradnn import Tensor, draw


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
