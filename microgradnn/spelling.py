"""Nodes as symbols: named tensors become names with indices, unnamed ones the expressions that made them.

An expression that grows beyond what a person would write out is called by the tensor-level expression instead: not
x₁ W₁₁ + x₂ W₂₁ + ... + b₁ but (x W + b)₁.
"""

import numpy as np

from .graph import birth_of
from .symbols import Symbol, length_of, name_elements, symbols

INFIX = {"add": " + ", "subtract": " − ", "multiply": " ", "divide": " / ", "matmul": " ", "power": "^"}
LONGEST = 6  # names and numbers that one element's expression may have before it is abbreviated
MOST_WORK = 30_000  # multiplications that spelling out one tensor may cost
DEEPEST = 4  # operations that a tensor-level expression may nest


def spell(node, depth=0):
    """A node as an expression in the names of tensors.

    >>> from microgradnn import Tensor
    >>> x, W = Tensor([1.0], name="x", requires_grad=True), Tensor([[2.0]], name="W")
    >>> spell(x @ W + 1), spell((x @ W).tanh())
    ('(x W + 1)', 'tanh(x W)')
    """
    if node.name:
        return node.name
    if isinstance(node.data, (int, float)):
        return f"{node.data:g}"
    if node.op is None or depth == DEEPEST:
        return "…"
    name = node.op.name
    parts = [spell(x, depth + 1) for x in node.inputs[:3]] + (["…"] if len(node.inputs) > 3 else [])
    if name in INFIX and len(parts) == 2:
        written = INFIX[name].join(parts)
        return written if name == "matmul" and depth else f"({written})"
    if len(parts) == 1 and parts[0].startswith("(") and parts[0].endswith(")"):
        return name + parts[0]
    return f"{name}({', '.join(parts)})"


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
        if isinstance(node.data, (int, float)) and not isinstance(node.data, np.generic):
            return node.data
        if label:
            return name_elements(label, node.data)
        if node.op is None:
            return symbols(np.asarray(node.data).astype(object))
        if work(node) <= MOST_WORK:
            try:
                return self._abbreviated(node, node.op.forward(*[self.known[x] for x in node.inputs]))
            except (TypeError, AttributeError):
                pass  # a forward that NumPy cannot run on objects: a user's operation, perhaps in compiled code
        return name_elements(spell(node), node.data)

    def _abbreviated(self, node, z):
        label, data = spell(node), np.asarray(node.data)
        for index in np.ndindex(z.shape):
            element = z.item(index) if index else z.item()
            if isinstance(element, Symbol) and length_of(element) > LONGEST:
                z[index] = Symbol.named(label, index, float(data[index]))
        return z


def work(node):
    """About how many multiplications a node costs on objects, where each takes as long as a line of Python."""
    sizes = [np.size(x.data) for x in node.inputs]
    by_element = all(size in (1, np.size(node.data)) for size in sizes)
    return np.size(node.data) * (1 if by_element else max(sizes))
