"""Which vectors are rows and which are columns in the algebra of a graph, so that what is drawn can be multiplied.

An array of one axis is neither by itself: what it is multiplied with says it. In x W, x is a row and so is the product; in h V,
V is a column; in W h, h is one, and so is the product. What is computed from a vector element by element is what that is.
"""

import numpy as np


def columns_among(nodes):
    """The vectors among the nodes of a graph, oldest first, that are columns.

    What made a vector counts more than what it is used for, and of several uses the first.

    >>> from microgradnn import Tensor
    >>> x, W = Tensor([1.0, 2.0], name="x"), Tensor(np.eye(2), requires_grad=True, name="W")
    >>> V = Tensor([3.0, 4.0], name="V")
    >>> y = (x @ W).tanh() @ V
    >>> from microgradnn.graph import whole_graph
    >>> [node.name for node in columns_among(whole_graph(y))]
    ['V']
    """
    alike, made, used = {node: node for node in nodes if np.ndim(node.data) == 1}, {}, {}
    for node in nodes:
        if node.op is not None and node.op.name == "matmul":
            _multiplied(node, made, used)
        elif node in alike:
            for x in node.inputs:
                if x in alike and np.shape(x.data) == np.shape(node.data):
                    alike[_first(alike, x)] = _first(alike, node)
    roles = {}
    for votes in (made, used):
        for node, role in votes.items():
            roles.setdefault(_first(alike, node), role)
    return {node: None for node in alike if roles.get(_first(alike, node)) == "column"}


def _multiplied(node, made, used):
    """What a product says of its operands and of itself."""
    x, y = node.inputs
    if np.ndim(x.data) == 1:
        used.setdefault(x, "row")
    if np.ndim(y.data) == 1:
        used.setdefault(y, "column")
    if np.ndim(node.data) == 1 and {np.ndim(x.data), np.ndim(y.data)} == {1, 2}:
        made[node] = "row" if np.ndim(x.data) == 1 else "column"


def _first(alike, node):
    """The node that stands for all those that are alike."""
    while alike[node] is not node:
        node = alike[node]
    return node
