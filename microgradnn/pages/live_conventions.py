"""Conventions: one network as courses write it differently, x W or W x, with ½ in the loss or without.

Each way to write it is a graph of its own, made from the operations of the first. So values, gradients, formulas, rules and
steps are those of what is written, and nothing on the page is written one way and computed another.

With W x all is transposed: the weights of a unit are a row, a sample is a column, and (x W)ᵀ = Wᵀ xᵀ. The loss is the same.
"""

import copy
import json

import numpy as np

from ..formulas.spelling import spell_made
from ..graph import recompute, whole_graph
from ..ops.products import matmul
from ..passes import record
from ..programs.evidence import is_number
from ..tensor import Tensor
from .live_network import Network, Unlivable
from .live_recording import Recording

SQUARED_DISTANCES = ("squared_distance", "mean_squared_distance")
FIXED = "This is a recording: it is written as it was computed."
SEED = 0  # of the numbers with which two ways to write a network are compared


class Unfit(Exception):
    """A graph is not written in this way; the message says why, for the page."""


class Written:
    """A recorded graph as the page is told of it, in each way in which it can be written.

    Parameters
    ----------
    output : Tensor
        The loss.
    recorded : Pass, optional
        What is shown if the numbers cannot be computed on a page; recorded anew if there is none.
    why : str, optional
        Why this pass is shown in any case.

    Attributes
    ----------
    recorded : Network or Recording
        As it was recorded.
    data : dict
        All that is no program, for JSON.
    programs : str
        JavaScript: an object with the programs of each way.
    """

    def __init__(self, output, recorded=None, why=""):
        try:
            if why:
                raise Unlivable(why)
            self.recorded = Network(output)
        except Unlivable as reason:
            self.show(recorded or record(output), str(reason))
        else:
            self.write(output)

    def show(self, recorded, why):
        """As a recording, in one way."""
        self.recorded = Recording(recorded, why)
        told = self.recorded.data | {"same": [], "is_turned": False}
        self.data = {"ways": {"": told}, "refused": dict.fromkeys(("half", "columns"), FIXED)}
        self.data |= {"has": {"half": has_half(recorded.output), "columns": is_on_columns(recorded.output)}}
        self.programs = '{"": ' + self.recorded.programs + "}"

    def write(self, output):
        """In each way that there is."""
        ways, refused = ways_of(output)
        networks = {"": self.recorded} | {name: Network(way.output, way.is_turned) for name, way in ways.items() if name}
        told = {name: network.data | self.place_of(ways[name], network) for name, network in networks.items()}
        has = {"half": has_half(output), "columns": is_on_columns(output)}
        self.data = {"ways": told, "refused": refused, "has": has}
        self.programs = (
            "{\n" + ",\n".join(f"{json.dumps(name)}: {network.programs}" for name, network in networks.items()) + "\n}"
        )

    def place_of(self, way, network):
        """Which nodes stand for those that were recorded, by number; and whether they are transposed."""
        same = [network.ids.get(way.same.get(node)) for node in self.recorded.nodes]
        return {"same": same, "is_turned": way.is_turned}


class Way:
    """A graph as it is written in one way.

    Attributes
    ----------
    output : Tensor
        The loss.
    same : dict of Tensor to Tensor
        For nodes of the graph as it was recorded, those that stand for them here.
    is_turned : bool
        Whether these are transposed.
    """

    def __init__(self, output, same, is_turned=False):
        self.output, self.same, self.is_turned = output, same, is_turned

    def then(self, other):
        """This way, written in another one too."""
        same = {node: other.same[x] for node, x in self.same.items() if x in other.same}
        return Way(other.output, same, self.is_turned or other.is_turned)


def ways_of(output):
    """The ways in which a graph can be written, and why it cannot in others.

    Returns
    -------
    ways : dict of str to Way
        "" is as it was recorded; "half", "columns" and "half columns" are with that changed.
    refused : dict of str to str
        For "half" and "columns", why there is no such way.
    """
    ways, refused = {"": Way(output, {node: node for node in whole_graph(output)})}, {}
    for name, change in (("half", halved), ("columns", on_columns)):
        try:
            for known, way in list(ways.items()):
                ways[f"{known} {name}".strip()] = way.then(change(way.output))
        except Unfit as reason:
            refused[name] = str(reason)
    return ways, refused


# ---- ½ in the loss


def has_half(output):
    """Whether ½ is the last thing that a loss is multiplied by."""
    return output.op is not None and factor_of(output) == 0.5


def halved(output):
    """The Way with ½ in the loss, or without it if it is there.

    >>> t, o = Tensor(1.0, name="t"), Tensor(0.5, requires_grad=True, name="o")
    >>> float(halved((t - o) ** 2).output), float(halved((t - o) ** 2 / 2).output)
    (0.125, 0.25)
    >>> halved(o * 2)
    Traceback (most recent call last):
        ...
    microgradnn.pages.live_conventions.Unfit: ½ is for squared errors, (t − o)²; this loss is 2 o.
    """
    require_squares(output)
    whole = next(x for x in output.inputs if not is_number(x)) if has_half(output) else output
    again = whole.op(*whole.inputs)
    made = again if has_half(output) else again / 2
    return Way(made.named(output.name), {node: node for node in whole_graph(output)} | {whole: again, output: made})


def require_squares(output):
    """Raise Unfit if a loss is not the sum or mean of squares (t − o)², perhaps with ½."""
    node, multiplied = output, None
    while node.op is not None and not is_squares(node):
        if node.op.name not in ("sum", "mean"):
            if factor_of(node) == 1:
                break
            multiplied = multiplied if node is output and has_half(output) else node
        node = next(x for x in node.inputs if not is_number(x))
    if node.op is None or not is_squares(node):
        raise Unfit(f"½ is for squared errors, (t − o)²; this loss is {spell_made(output) or 'a number'}.")
    if multiplied is not None:
        raise Unfit(f"There is already a number before the squares of this loss: {spell_made(multiplied)}.")


def is_squares(node):
    """Whether a node is made of squared differences."""
    return node.op.name in SQUARED_DISTANCES or (is_square(node) and is_difference(node.inputs[0]))


def is_square(node):
    """Whether a node is the square of its first input."""
    op, (x, *others) = node.op, node.inputs
    if op.name == "power":
        return is_number(others[0]) and float(others[0].data) == 2
    return op.name == "square" or (op.name == "multiply" and others[0] is x)


def is_difference(node):
    """Whether a node is one thing minus another."""
    return node.op is not None and node.op.name == "subtract"


def factor_of(node):
    """The number that the last operation multiplies by; 1 if it is another operation."""
    numbers = [float(x.data) for x in node.inputs if is_number(x)]
    if (
        len(numbers) != 1
        or node.op.name not in ("multiply", "divide")
        or is_number(node.inputs[0]) > (node.op.name == "multiply")
    ):
        return 1.0
    return numbers[0] if node.op.name == "multiply" else 1 / numbers[0]


# ---- W x


def is_on_columns(output):
    """Whether a graph has W x already: what is learned stands left of what comes in, wherever one matrix is learned."""
    learned = [
        x.inputs[0].requires_grad and x.inputs[0].op is None and (x.inputs[1].op is not None or not x.inputs[1].requires_grad)
        for x in whole_graph(output)
        if x.op is not None and x.op.name in ("matmul", "affine") and np.ndim(x.inputs[0].data) == 2
    ]
    return bool(learned) and all(learned)


def on_columns(output):
    """The Way with all products turned round: W x for x W.

    >>> x, W = Tensor([[1.0, 2.0]], name="x"), Tensor([[3.0], [4.0]], requires_grad=True, name="W")
    >>> spell_made(on_columns(x @ W).output), on_columns(x @ W).same[W].shape
    ('W x', (1, 2))
    """
    nodes, same = whole_graph(output), {}
    if not any(x.op is not None and x.op.name in ("matmul", "affine") for x in nodes):
        raise Unfit("There is no product of a matrix in this network: x W and W x are the same.")
    if any(np.ndim(x.data) > 2 for x in nodes):
        raise Unfit("Arrays of three and more axes have no one transpose.")
    biases = standing(nodes)
    for node in nodes:
        if is_number(node):
            same[node] = node
        elif node.op is None:
            same[node] = turned_leaf(node, node in biases)
        else:
            same[node] = applied(node, [same[x] for x in node.inputs], biases).named(node.name)
    require_alike(output, same)
    return Way(same[output], same, is_turned=True)


def standing(nodes):
    """The given vectors that are added to every row of a matrix: they become columns, of shape (n, 1)."""
    made = [node for node in nodes if node.op is not None and np.ndim(node.data) == 2]
    return {x for node in made if node.op.name != "matmul" for x in node.inputs if x.op is None and np.ndim(x.data) == 1}


def turned_leaf(node, is_standing):
    """A leaf transposed."""
    data = node.data[:, None] if is_standing else np.array(np.transpose(node.data)) if np.ndim(node.data) == 2 else node.data
    return Tensor(data, requires_grad=node.requires_grad, name=node.name)


def applied(node, inputs, biases):
    """An operation on what is transposed, such that its result is too."""
    op, name = node.op, node.op.name
    if name == "matmul":
        return matmul(*inputs[::-1])
    if name == "affine":
        x, W, b = inputs
        return matmul(W, x) + b
    try:
        return (turned(op) if np.ndim(node.inputs[0].data) == 2 else op)(*inputs)
    except (ValueError, IndexError, TypeError):
        raise Unfit(f"The operation {name} is not the same of rows and of columns.") from None


def turned(op):
    """An operation on a matrix with its axes, or indices, the other way round."""
    axis, index = getattr(op, "axis", None), getattr(op, "index", None)
    op = copy.copy(op)
    if axis is not None:
        op.axis = tuple(1 - i % 2 for i in axis) if isinstance(axis, tuple) else 1 - axis % 2
    if isinstance(index, tuple) and len(index) == 2:
        op.index = index[::-1]
    return op


def require_alike(output, same):
    """Raise Unfit unless every value is the transpose of what it stands for: with the numbers as they are, and with others."""
    rng, leaves = np.random.default_rng(SEED), [x for x in same if x.op is None and not is_number(x)]
    for size in (0, 0.1):
        given = {x: x.data * (1 + size * rng.random(np.shape(x.data))) if x.data.dtype.kind == "f" else x.data for x in leaves}
        turned = {same[x]: np.reshape(np.transpose(data), np.shape(same[x].data)) for x, data in given.items()}
        with np.errstate(all="ignore"):
            values, others = recompute(output, given), recompute(same[output], turned)
        for node, x in same.items():
            if node.op is not None and not is_close(others[x], np.transpose(values[node])):
                raise Unfit(f"The operation {node.op.name} is not the same of rows and of columns.")


def is_close(x, y):
    """Whether two arrays are the same but for rounding."""
    return np.shape(x) == np.shape(y) and np.allclose(x, y, rtol=1e-5, atol=1e-8, equal_nan=True)
