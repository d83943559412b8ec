"""Groups of operations that have a name of their own, such as cross-entropy: found in the graph, whoever composed them.

Each is one box, with the derivative that a person writes for it, p − y, in place of those of its parts. The patterns are few,
and asked of each result in turn; the largest come first.
"""

from typing import NamedTuple

import numpy as np

MEAN, SUM = "mean", "sum"


class Meaning(NamedTuple):
    """What a result is: its name, what it is made of, the nodes within, and its derivative as a person writes it."""

    name: str
    inputs: tuple[object, ...]
    inside: frozenset[object]
    rule: str


def meanings_in(nodes):
    """dict of Node to Meaning: those results of a graph, given oldest first, that have one; none within another.

    >>> from microgradnn import Tensor
    >>> from microgradnn.graph import whole_graph
    >>> s = Tensor([1.0, 2.0], requires_grad=True)
    >>> y = s.exp() / s.exp().sum()
    >>> [meaning.name for meaning in meanings_in(whole_graph(y)).values()]
    ['softmax']
    """
    found, within = {}, set()
    for node in reversed(nodes):
        if node.op is None or node in within:
            continue
        meaning = next(filter(None, (match(node) for match in PATTERNS)), None)
        if meaning is not None:
            found[node] = meaning
            within |= meaning.inside
    return found


def made_by(node, name):
    """Whether a node was made by an operation of that name."""
    return node.op is not None and node.op.name == name


def softmax(node):
    """exp(x) / Σ exp(x), also of x less its largest element; the operation itself has a name already."""
    parts = _softmax_parts(node)
    if parts is None or made_by(node, "softmax"):
        return None
    x, inside = parts
    return Meaning("softmax", (x,), frozenset(inside), "∂p/∂x = diag(p) − p pᵀ")


def _softmax_parts(node):
    """What a softmax is of, and the nodes within; None if it is none."""
    if made_by(node, "softmax"):
        return node.inputs[0], set()
    if not made_by(node, "divide"):
        return None
    above, below = node.inputs
    if not (made_by(above, "exp") and made_by(below, SUM) and made_by(below.inputs[0], "exp")):
        return None
    x, other = above.inputs[0], below.inputs[0].inputs[0]
    if x is not other and not (
        x.op is not None and other.op is not None and x.inputs == other.inputs and x.op.name == other.op.name
    ):
        return None
    inside = {above, below, below.inputs[0]}
    if made_by(x, "subtract") and (x.inputs[1].op is None or made_by(x.inputs[1], "max")):
        return x.inputs[0], inside | {x, other}
    return x, inside


def _same(x, other):
    """Whether two nodes are one, or were made by the same operation from the same ones."""
    if x is other:
        return True
    if x.op is None or other.op is None or repr(x.op) != repr(other.op) or len(x.inputs) != len(other.inputs):
        return False
    return all(a is b for a, b in zip(x.inputs, other.inputs, strict=True))


def cross_entropy(node):
    """The mean, or the sum, of −log p of the right classes, or −Σ y log p."""
    found = _of_classes(node) or _of_probabilities(node)
    if found is None:
        return None
    x, targets, inside, is_mean = found
    samples = int(np.prod(np.shape(x.data)[:-1])) if is_mean else 1
    share = f" / {samples}" if samples > 1 else ""
    return Meaning("cross-entropy", (x, *targets), frozenset(inside), f"∂L/∂x = (p − y){share}" if share else "∂L/∂x = p − y")


def _of_classes(node):
    """Log-probabilities picked by the numbers of the classes."""
    is_mean = made_by(node, MEAN)
    inside, at = set(), node
    for name in ([MEAN] if is_mean else [SUM]) if made_by(node, MEAN) or made_by(node, SUM) else []:
        at = _step(at, name, inside)
    at = _step(at, "negative", inside, first=at is node)
    at = _step(at, "getitem", inside)
    if at is None or not made_by(at, "log_softmax"):
        return None
    inside.add(at)
    inside.discard(node)
    return at.inputs[0], (), inside, is_mean


def _step(node, name, inside, first=False):
    """The operand of a node that was made by an operation; None if it was made by another."""
    if node is None or not made_by(node, name):
        return None
    if not first:
        inside.add(node)
    return node.inputs[0]


def _of_probabilities(node):
    """−Σ y log softmax(x)."""
    if not made_by(node, "negative") or not made_by(node.inputs[0], SUM) or not made_by(node.inputs[0].inputs[0], "multiply"):
        return None
    total, product = node.inputs[0], node.inputs[0].inputs[0]
    for y, logs in (product.inputs, product.inputs[::-1]):
        if not made_by(logs, "log") and not made_by(logs, "log_softmax"):
            continue
        if made_by(logs, "log_softmax"):
            return logs.inputs[0], (y,), {total, product, logs}, False
        parts = _softmax_parts(logs.inputs[0])
        if parts is not None and np.ndim(node.data) == 0 and np.ndim(y.data) == 1 and np.isclose(np.sum(y.data), 1):
            return parts[0], (y,), {total, product, logs, logs.inputs[0], *parts[1]}, False
    return None


def attention(node):
    """softmax(Q Kᵀ / c) V."""
    if not made_by(node, "matmul"):
        return None
    weights, values = node.inputs
    parts = _softmax_parts(weights)
    if parts is None:
        return None
    scores, inside = parts[0], {weights, *parts[1]}
    if made_by(scores, "divide") or made_by(scores, "multiply"):
        inside.add(scores)
        scores = scores.inputs[0]
    if not made_by(scores, "matmul") or not (made_by(scores.inputs[1], "transpose") or made_by(scores.inputs[1], "swapaxes")):
        return None
    keys = scores.inputs[1]
    return Meaning(
        "attention", (scores.inputs[0], keys.inputs[0], values), frozenset(inside | {scores, keys}), "∂L/∂V = Aᵀ · ∂L/∂O"
    )


PATTERNS = (attention, cross_entropy, softmax)
