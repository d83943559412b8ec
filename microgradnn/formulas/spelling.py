"""Nodes as symbols: named tensors become names with indices, unnamed ones the expressions that made them.

An expression that grows beyond what a person would write out is called by the tensor-level expression instead: not
x₁ W₁₁ + x₂ W₂₁ + ... + b₁ but (x W + b)₁.
"""

import numpy as np

from ..graph import PYTHON_NUMBERS, birth_of
from .signs import SUPERSCRIPTS
from .symbols import length_of, name_elements, symbols

INFIX = {"add": " + ", "subtract": " − ", "multiply": " ", "divide": " / ", "matmul": " ", "power": "^"}
LONGEST = 6  # names and numbers that one element's expression may have before it is abbreviated
MOST_WORK = 30_000  # multiplications that spelling out one tensor may cost
UNSPELLABLE = (TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)
DEEPEST = 4  # operations that a tensor-level expression may nest


def spell(node, depth=0):
    """A node as an expression in the names of tensors.

    >>> from microgradnn import Tensor
    >>> x, W = Tensor([1.0], name="x", requires_grad=True), Tensor([[2.0]], name="W")
    >>> spell(x @ W + 1), spell((x @ W).tanh()), spell((x @ W).named("z"))
    ('(x W + 1)', 'tanh(x W)', 'z')
    """
    if node.name:
        return node.name
    if type(node.data) in PYTHON_NUMBERS:
        return f"{node.data:g}"
    if node.op is None or depth == DEEPEST:
        return "…"
    written = spell_made(node, depth)
    is_sum = node.op.name in INFIX or node.op.name == "affine"
    return f"({written})" if is_sum and (node.op.name != "matmul" or depth == 0) else written


def spell_made(node, depth=0):
    """How a node was made, as an expression in the names of tensors: for h, tanh(x W + b). Empty for a leaf.

    >>> from microgradnn import Tensor
    >>> t, o = Tensor(1.0, name="t"), Tensor(0.0, name="o", requires_grad=True)
    >>> spell_made(((t - o) ** 2).named("L"))
    '(t − o)²'
    """
    if node.op is None:
        return ""
    name = node.op.name
    parts = [spell(x, depth + 1) for x in node.inputs[:3]] + (["…"] if len(node.inputs) > 3 else [])
    if name == "power" and parts[1].isdigit():
        return parts[0] + parts[1].translate(SUPERSCRIPTS)
    if name == "negative":
        return "−" + parts[0]
    if name == "getitem":
        return f"{parts[0]}[{spell_index(node.op.index)}]"
    if name == "affine":
        return f"{parts[0]} {parts[1]} + {_bare(parts[2])}"
    if name in ("squared_distance", "mean_squared_distance"):
        several = any(np.size(x.data) != 1 for x in node.inputs)
        sign = ("mean " if name.startswith("mean") else "Σ ") if several else ""
        return f"{sign}({_bare(parts[1])} − {parts[0]})²"
    if name in INFIX and len(parts) == 2:
        return INFIX[name].join(_bare(part) if name == "add" else part for part in parts)
    return f"{name}({', '.join(map(_bare, parts))})"


def spell_index(index):
    """An index as it is typed: 0, 1:, ...

    >>> spell_index((0, slice(1, None), Ellipsis)), spell_index(np.arange(3))
    ('0, 1:, ...', '…')
    """
    if isinstance(index, tuple):
        return ", ".join(map(spell_index, index))
    if isinstance(index, slice):
        ends = ("" if end is None else str(end) for end in (index.start, index.stop))
        return ":".join(ends) + (f":{index.step}" if index.step is not None else "")
    if index is Ellipsis:
        return "..."
    return str(index) if index is None or np.ndim(index) == 0 else "…"


def _bare(part):
    """An operand without the brackets around it, where nothing stands beside it that could bind it otherwise."""
    depth = 0
    for i, c in enumerate(part):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return part[1:-1] if part[0] == "(" and i == len(part) - 1 else part
    return part


class SymbolReader:
    """What a rule sees of a node when it is to return a formula: a SymbolArray.

    Parameters
    ----------
    names : dict of Tensor to str
        How nodes are called that have no name of their own.
    """

    def __init__(self, names):
        self.names = names
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
        label = self.names.get(node, node.name)
        if type(node.data) in PYTHON_NUMBERS:
            return node.data
        if label:
            return name_elements(label, node.data, id(node))
        if node.op is None:
            return symbols(np.asarray(node.data).astype(object))
        if work(node) <= MOST_WORK:
            try:
                return self._abbreviated(node, node.op.forward(*[self.known[x] for x in node.inputs]))
            except UNSPELLABLE:
                pass  # a forward that NumPy cannot run on objects, or a number that there is not, such as 1/0
        return name_elements(spell(node), node.data, id(node))

    def _abbreviated(self, node, z):
        too_long = any(length_of(element) > LONGEST for element in np.asarray(z).ravel())
        return name_elements(spell(node), node.data, id(node)) if too_long else z


def work(node):
    """About how many multiplications a node costs on objects, where each takes as long as a line of Python."""
    sizes = [np.size(x.data) for x in node.inputs]
    by_element = all(size in (1, np.size(node.data)) for size in sizes)
    return np.size(node.data) * (1 if by_element else max(sizes))
