"""Nodes as formulas: named tensors become names, unnamed ones the expressions that made them.

Side by side is the matrix product, ⊙ the product by elements, · one in which a number takes part:

>>> from microgradnn import Tensor
>>> x, W = Tensor([1.0], name="x", requires_grad=True), Tensor([[2.0]], name="W")
>>> text(formula_of(x @ W + 1)), text(formula_of((x @ W) ** 2)), text(formula_of(x * W))
('x W + 1', '(x W)²', 'x ⊙ W')
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ..graph import PYTHON_NUMBERS, Node, birth_of
from .formula import Dots, Matrix, Name, Number, signed
from .labels import label_of
from .operations import Operands, formula_of_operation
from .style import ATOM
from .symbols import Limit, length_of, name_elements, symbols
from .unicode_text import TextStyle, text

NO_NAMES: Mapping[Node, str] = MappingProxyType({})
DEEPEST = 4  # operations that an expression may nest
MOST_OPERANDS = 3  # of one operation that are written
UNCUT = math.inf
LONGEST_ELEMENT = 6  # names and numbers that one element's expression may have before it is abbreviated
MOST_WRITTEN = 50_000  # names and numbers that may be written to spell out one tensor
UNSPELLABLE = (TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)


def spell(node):
    """What a node is called in a text, in brackets if something beside it could bind otherwise: ∂L/∂(x W).

    >>> from microgradnn import Tensor
    >>> x, W = Tensor([1.0], name="x", requires_grad=True), Tensor([[2.0]], name="W")
    >>> spell(x @ W), spell((x @ W).tanh()), spell((x @ W).named("z"))
    ('(x W)', 'tanh(x W)', 'z')
    """
    return TextStyle().within(formula_of(node), ATOM).content


def spell_made(node):
    """How a node was made, as text: for h, tanh(x W + b). Empty for a leaf.

    >>> from microgradnn import Tensor
    >>> t, o = Tensor(1.0, name="t"), Tensor(0.0, name="o", requires_grad=True)
    >>> spell_made(((t - o) ** 2).named("L"))
    '(t − o)²'
    """
    return "" if node.op is None else text(made_of(node))


def formula_of(node, deepest=DEEPEST, names=NO_NAMES):
    """A node as a formula: its name, or how it was made.

    Parameters
    ----------
    node : Tensor
    deepest : int, optional
        How many operations may be nested; what lies deeper is an ellipsis. UNCUT stands for all, with all operands and all
        numbers of what has no name, so that the formula can be worked out.
    names : dict of Tensor to str, optional
        How nodes are called, in place of their own names.

    Returns
    -------
    Formula
    """
    if node in names:
        return Name(names[node])
    if node.name:
        return Name(label_of(node.name))
    if node.op is not None:
        return made_of(node, deepest, names) if deepest > 0 else Dots()
    return number_of(node, deepest)


def number_of(node, deepest):
    """A leaf without a name: its number, if it is one and stays the same."""
    x = np.asarray(node.data)
    if x.dtype.kind not in "biufc" or (deepest < UNCUT and (x.ndim or node.requires_grad)) or x.ndim > 2 or x.size == 0:
        return Dots()
    if x.ndim == 0:
        return Number(x.item()) if x.dtype.kind == "c" else signed(x.item())
    return Matrix(tuple(map(tuple, np.atleast_2d(x).tolist())))


def made_of(node, deepest=DEEPEST, names=NO_NAMES):
    """How a node was made, as a formula; None for a leaf."""
    return None if node.op is None else formula_of_operation(node.op, operands_of(node, deepest, names))


def operands_of(node, deepest, names):
    """What a node was made from, of many operands the first few."""
    shown = node.inputs if deepest == UNCUT else node.inputs[:MOST_OPERANDS]
    return Operands(node.inputs, [formula_of(x, deepest - 1, names) for x in shown], deepest == UNCUT)


# ---- Nodes as symbols. An expression that grows beyond what a person would write out is called by the tensor-level one
# instead: not x₁ W₁₁ + x₂ W₂₁ + ... + b₁ but (x W + b)₁.


class SymbolReader:
    """What a rule sees of a node when it is to return a formula: a SymbolArray.

    Parameters
    ----------
    names : dict of Tensor to str
        How nodes are called that have no name of their own.
    index_base : int, optional
        Where subscripts begin.
    """

    def __init__(self, names, index_base=1):
        self.names, self.index_base = names, index_base
        self.known = {}

    def __call__(self, node):
        for ancestor in self._unknown(node):
            self.known[ancestor] = self._read(ancestor)
        return self.known[node]

    def _unknown(self, node):
        """The nodes that must be read first, oldest first: a loop, since unnamed chains may be long."""
        found, waiting = set(), [node]
        while waiting:
            x = waiting.pop()
            if x not in self.known and x not in found:
                found.add(x)
                if not (x.name or x in self.names):
                    waiting.extend(x.inputs)
        return sorted(found, key=birth_of)

    def _read(self, node):
        label = self.names.get(node, label_of(node.name))
        if type(node.data) in PYTHON_NUMBERS:
            return node.data
        if label:
            return name_elements(label, node.data, id(node), self.index_base)
        if node.op is None:
            return symbols(np.asarray(node.data).astype(object))
        try:
            with Limit(LONGEST_ELEMENT, MOST_WRITTEN):
                return self._abbreviated(node, node.op.forward(*[self.known[x] for x in node.inputs]))
        except UNSPELLABLE:
            pass  # too long; or a forward that NumPy cannot run on objects, or a number that there is not, such as 1/0
        return name_elements(formula_of(node), node.data, id(node), self.index_base)

    def _abbreviated(self, node, z):
        too_long = any(length_of(element) > LONGEST_ELEMENT for element in np.asarray(z).ravel())
        return name_elements(formula_of(node), node.data, id(node), self.index_base) if too_long else z
