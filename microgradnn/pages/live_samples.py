"""The samples of a batch: the loss of each alone, so that the live page can train on one at a time, or on their sum.

A loss of a batch ends in a sum or mean over its samples, L = 1/n Σ eᵢ, or in that times a number. The gradient of one sample's
loss, or of the sum of all, is what the rules give for another seed at e: one row of it, or all rows whole.
"""

import math

import numpy as np

from ..backprop import backpropagate, data_of
from ..graph import reachable, whole_graph
from ..programs.evidence import is_number
from ..programs.recordings import unchanged
from ..programs.tracing import Trace
from ..tensor import Tensor


class Samples:
    """The samples that a loss is the sum or the mean of.

    Parameters
    ----------
    output : Tensor
        The loss.
    axis : {0, -1}, optional
        Along which axis samples are counted: 0 where each is a row, −1 where each is a column.

    Attributes
    ----------
    terms : Tensor or None
        What is summed, samples along that axis; None if the loss is not seen to be one of samples.
    kind : {"sum", "mean"}
    count : int
    weight : float
        What the loss of one sample changes by, if one of its terms does.
    """

    def __init__(self, output, axis=0):
        self.axis = axis
        self.terms, self.kind, factor = summed(output)
        if self.terms is None or not is_batch(self.terms, axis):
            self.terms = None
            return
        self.count = np.shape(self.terms.data)[axis]
        of_one = np.size(self.terms.data) // self.count
        self.weight = factor / of_one if self.kind == "mean" else factor

    def trace(self, wanted):
        """A Trace of the backward pass from any seed at the terms, and the seed."""
        seed = Tensor(np.ones_like(self.terms.data), name="seed")
        return Trace((self.terms * seed).sum(), wanted, unchanged), seed


def summed(output):
    """What the sum or mean is taken of that the output is, up to a number that it is multiplied by: it, which, the number.

    >>> e = Tensor([1.0, 2.0], requires_grad=True)
    >>> summed(-e.mean() / 2)[1:]
    ('mean', -0.5)
    """
    node, factor = output, 1.0
    while node.op is not None:
        name, numbers = node.op.name, [float(x.data) for x in node.inputs if is_number(x)]
        if name in ("sum", "mean") and np.size(node.data) == 1 < np.size(node.inputs[0].data):
            return node.inputs[0], name, factor
        if name == "negative":
            factor = -factor
        elif name == "multiply" and numbers:
            factor *= numbers[0]
        elif name == "divide" and is_number(node.inputs[1]):
            factor /= numbers[-1]
        else:
            break
        node = next(x for x in node.inputs if not is_number(x))
    return None, "", math.nan


def is_batch(terms, axis=0):
    """Whether row i of the terms is computed from row i of the data, and from no other row; or columns for rows."""
    count = np.shape(terms.data)[axis] if np.ndim(terms.data) else 1
    copies, data = on_data(terms, count, axis)
    if count == 1 or not data or terms not in copies:
        return False
    return all(is_alone(copies[terms], data, row, axis) for row in (0, count - 1))


def on_data(terms, count, axis):
    """The graph again, such that gradients come to data: copies of nodes; and the data that have a row for each sample."""
    nodes = whole_graph(terms)
    given = [x for x in nodes if x.op is None and not x.requires_grad and not is_number(x) and x.data.dtype.kind == "f"]
    copies = {x: Tensor(x.data, requires_grad=True) for x in given if np.ndim(x.data) and np.shape(x.data)[axis] == count}
    data = list(copies.values())
    for node in nodes:
        if any(x in copies for x in node.inputs):
            copies[node] = node.op(*[copies.get(x, x) for x in node.inputs])
    return copies, data


def is_alone(terms, data, row, axis):
    """Whether a row of the terms depends on this row of the data alone."""
    seed = np.zeros_like(terms.data)
    np.moveaxis(seed, axis, 0)[row] = 1
    gradients = backpropagate(terms, seed, reachable(terms), data_of)
    others = np.arange(np.shape(seed)[axis]) != row
    found = [np.asarray(gradients[x]) for x in data if gradients.get(x) is not None]
    return not any(np.any(np.moveaxis(gradient, axis, 0)[others]) for gradient in found)
