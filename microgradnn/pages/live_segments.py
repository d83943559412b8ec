"""The graph between named tensors: programs of its pieces, and the formula of each partial derivative, ∂h₁/∂W₁₁.

A segment leads from one named tensor back to the next ones. The page multiplies partials along paths; it gets their numbers
from the segment's program, which is the rules' own backward pass with a seed, and their formulas from here.
"""

from fractions import Fraction

import numpy as np

from ..backprop import backpropagate
from ..formulas.spelling import UNSPELLABLE
from ..formulas.symbols import Limit, Symbol, factored, length_of, power_of, symbols
from ..graph import birth_of
from ..programs.recordings import unchanged
from ..programs.tracing import Trace
from ..tensor import Tensor

LONGEST_FORMULA = 40  # names and numbers of a partial; beyond it, its number says as much
MOST_FORMULAS = 8000  # that a segment may have, those of independent elements counted


class Segment:
    """What lies between a computed tensor of a name and those that it is computed from.

    Parameters
    ----------
    tensor : Tensor
    nodes : dict of Tensor to None
        Those of the graph that a gradient comes to, youngest first.
    named : container of Tensor
        Where segments begin and end.

    Attributes
    ----------
    nodes : dict of Tensor to None
        Its own, youngest first, with both ends.
    ends : list of Tensor
    """

    def __init__(self, tensor, nodes, named):
        self.tensor = tensor
        inside, ends, waiting = {tensor}, set(), [tensor]
        while waiting:
            for x in waiting.pop().inputs:
                if x in named and x in nodes:
                    ends.add(x)
                elif x in nodes and x.op is not None and x not in inside:
                    inside.add(x)
                    waiting.append(x)
        self.nodes = {node: None for node in nodes if node in inside or node in ends}
        self.ends = [node for node in self.nodes if node in ends]
        self.inside = sorted(inside, key=birth_of)

    def trace(self):
        """A Trace of its backward pass from any seed; the node that stands for each of ours; and the seed."""
        copies = {end: Tensor(end.data, requires_grad=True, name=end.name) for end in self.ends}
        for node in self.inside:
            copies[node] = node.op(*[copies.get(x, x) for x in node.inputs])
        seed = Tensor(np.ones_like(self.tensor.data), name="seed")
        return Trace((copies[self.tensor] * seed).sum(), [copies[end] for end in self.ends], unchanged), copies, seed

    def formulas(self, index, read):
        """For each end an object array: ∂(element of this index)/∂(element of the end), a Symbol, a number, or 0 for none."""
        one = np.zeros(np.shape(self.tensor.data), dtype=object)
        one[index] = Fraction(1)
        try:
            with Limit(LONGEST_FORMULA, 100 * LONGEST_FORMULA**2):
                gradients = backpropagate(self.tensor, symbols(one), dict(self.nodes), read, set(self.ends))
        except UNSPELLABLE:  # too long, or a rule that NumPy cannot run on objects
            return {}
        return {end: np.asarray(gradients[end]) for end in self.ends}


def partials_of(segment, read, ids):
    """The formulas of all partials of a segment: for each element and each end, place to tree, where there is one."""
    shape, found = np.shape(segment.tensor.data), []
    for index in np.ndindex(shape):
        row = {}
        for end, formulas in segment.formulas(index, read).items():
            trees = {place: tree(x, ids) for place, x in enumerate(formulas.ravel()) if is_partial(x)}
            row[ids[end]] = {place: written for place, written in trees.items() if written is not None}
        found.append(row)
    return found


def is_partial(x):
    """Whether a derivative is there, and can be read."""
    return length_of(x) <= LONGEST_FORMULA and (isinstance(x, Symbol) or x != 0)


def tree(x, ids):
    """A Symbol as nested lists, for a page to write and to work out: its kind, then what it is made of.

    A name is ["name", node, place]: the element's place in the array, row by row. None if the page could not work it out.
    """
    if not isinstance(x, Symbol):
        return ["number", float(x)]
    if x.head == "name":
        _, index, owner, _ = x.args
        node = next((node for node in ids if id(node) == owner), None)
        return (
            None if node is None else ["name", ids[node], int(np.ravel_multi_index(index, np.shape(node.data)) if index else 0)]
        )
    if x.head == "sum":
        signs = [-1 if factored(term)[0] < 0 else 1 for term in x.args]
        return whole("sum", signs, *(tree(term * sign, ids) for term, sign in zip(x.args, signs, strict=True)))
    if x.head == "function":
        return whole("call", x.args[0], tree(x.args[1], ids))
    if x.head == "power":
        return whole("power", *(tree(part, ids) for part in x.args))
    if x.head == "comparison":
        return whole("holds", x.args[0], *(tree(part, ids) for part in x.args[1:]))
    return None if x.head == "long" else product_tree(*factored(x), ids)


def product_tree(coefficient, factors, ids):
    """A product: its number, the factors above a fraction line, those below."""
    above, below = [], []
    for factor in factors:
        _, exponent = power_of(factor)
        is_below = not isinstance(exponent, Symbol) and exponent < 0
        (below if is_below else above).append(tree(1 / factor if is_below else factor, ids))
    return None if None in above or None in below else ["product", float(coefficient), above, below]


def whole(kind, *parts):
    """A tree, if none of its parts is missing."""
    return None if None in parts else [kind, *parts]
