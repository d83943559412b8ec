"""Groups of operations that have a name of their own, such as cross-entropy: found in the graph, whoever composed them.

Each is one box, with the derivative that a person writes for it, p − y, in place of those of its parts. The patterns are few,
and asked of each result in turn; the largest come first.
"""

from typing import NamedTuple

import numpy as np

MEAN, SUM = "mean", "sum"


class Meaning(NamedTuple):
    """What a result is: its name, what it is made of, the nodes within, and its derivative as a person writes it.

    `also` are those within that are results themselves, such as the memory of an LSTM cell: others may use them.
    """

    name: str
    inputs: tuple[object, ...]
    inside: frozenset[object]
    rule: str
    also: tuple[object, ...] = ()


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


def normalisation(node):
    """(x − mean x) / √(var x + eps), with γ and β or without: a layer norm, or over the samples a batch norm."""
    inside, at = set(), node
    shifted = _operand(at, "add", "divide", "multiply") if made_by(at, "add") else None
    inside |= {at}
    beta, at = shifted or (None, at)
    scaled = _operand(at, "multiply", "divide")
    inside |= {at}
    gamma, at = scaled or (None, at)
    inside |= {at}
    parts = _standardised_parts(at)
    if parts is None:
        return None
    x, name, within = parts
    rule = "∂L/∂x = (g − mean g − x̂ ⊙ mean(g ⊙ x̂)) / σ"
    rule += "\ng = γ ⊙ ∂L/∂y" if gamma is not None else "\ng = ∂L/∂y"
    learned = tuple(each for each in (gamma, beta) if each is not None)
    return Meaning(name, (x, *learned), frozenset((inside | within) - {node}), rule)


def _operand(node, name, *inner):
    """(other, inner) of a result of two operands, one of which was made by one of the inner operations, the other a leaf."""
    if not made_by(node, name):
        return None
    for other, made in (node.inputs, node.inputs[::-1]):
        if other.op is None and made.op is not None and made.op.name in inner:
            return other, made
    return None


def _standardised_parts(node):
    """x, the name of what is done, and the nodes within, where a node is x less its mean, over its standard deviation."""
    if not made_by(node, "divide") or not made_by(node.inputs[0], "subtract") or not made_by(node.inputs[1], "sqrt"):
        return None
    difference, root = node.inputs
    x, mu = difference.inputs
    under, inside = root.inputs[0], {difference, root, mu}
    if made_by(under, "add") and np.size(under.inputs[1].data) == 1:
        inside |= {under}
        under = under.inputs[0]
    if not made_by(mu, MEAN) or mu.inputs[0] is not x:
        return None
    if made_by(under, "var"):
        is_variance = under.inputs[0] is x and getattr(under.op, "ddof", 0) == 0
    else:
        squares = under.inputs[0] if made_by(under, MEAN) else None
        squared = squares.inputs[0] if squares is not None and squares.op is not None else None
        is_power = made_by(squares, "power") and squares.inputs[1].data == 2 if squares is not None else False
        is_product = squares is not None and made_by(squares, "multiply") and squares.inputs[0] is squares.inputs[1]
        is_variance = (is_power or is_product) and _same(squared, difference)
        inside |= {squares, squared} if is_variance else set()
    name = _name_of_axes(mu.op.axis, np.ndim(x.data))
    if not is_variance or name is None or _axes(under.op.axis, np.ndim(x.data)) != _axes(mu.op.axis, np.ndim(x.data)):
        return None
    return x, name, inside | {under}


def _axes(axis, ndim):
    """The axes of a reduction as a set, counted from the first."""
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return {int(each) % ndim for each in axes} if ndim else set()


def _name_of_axes(axis, ndim):
    """What standardising over these axes is called, if anything."""
    axes = _axes(axis, ndim)
    if ndim and ndim - 1 in axes and (ndim == 1 or 0 not in axes):
        return "layer norm"
    return "batch norm" if ndim > 1 and axes == set(range(ndim - 1)) else None


def lstm_cell(node):
    """h = o ⊙ tanh(c), c = f ⊙ c₀ + i ⊙ g, with three gates that are sigmoids, and g a tanh, of sums of products."""
    output = _gated(node, "tanh")
    if output is None or not made_by(output[1].inputs[0], "add"):
        return None
    c = output[1].inputs[0]
    for new, kept in (c.inputs, c.inputs[::-1]):
        taken_in, forgotten = _gated(new, "tanh"), _gated(kept)
        if taken_in is None or forgotten is None:
            continue
        gates = (*taken_in, forgotten[0], output[0])
        inside, inputs = {c, output[1], new, kept, *gates}, [forgotten[1]]
        for gate in gates:
            _open_sum(gate.inputs[0], inside, inputs)
        if any(x.op is not None and x.birth >= c.birth for x in inputs):
            return None  # a gate that looks at the memory itself
        return Meaning("LSTM cell", tuple(dict.fromkeys(inputs)), frozenset(inside), "∂c′/∂c = diag(f)", also=(c,))
    return None


def _gated(node, name=None):
    """(the sigmoid, what it is multiplied by), which must be made by an operation of that name, if one is given."""
    if not made_by(node, "multiply"):
        return None
    for gate, other in (node.inputs, node.inputs[::-1]):
        if made_by(gate, "sigmoid") and (name is None or made_by(other, name)):
            return gate, other
    return None


def gru_cell(node):
    """h′ = (1 − z) ⊙ n + z ⊙ h, or z and 1 − z the other way round; n is a tanh in which a gate r lets some of h through."""
    if not made_by(node, "add"):
        return None
    for new, kept in (node.inputs, node.inputs[::-1]):
        for taken_in, left in (_shares(new, kept), _shares(kept, new)[::-1]):
            if taken_in is None or not made_by(taken_in[1], "tanh") or left[1] is taken_in[1]:
                continue
            (one, n), (other, h) = taken_in, left
            z = one.inputs[1] if made_by(one, "subtract") else one
            inside, inputs = {new, kept, n, z, one, other}, [h]
            _open_sum(z.inputs[0], inside, inputs)
            gates = _open_sum(n.inputs[0], inside, inputs, h)
            if len(gates) != 1 or any(x.op is not None and x.birth >= z.birth for x in inputs):
                continue
            rule = f"directly ∂h′/∂h = diag({'z' if other is z else '1 − z'})"
            return Meaning("GRU cell", tuple(dict.fromkeys(inputs)), frozenset(inside), rule)
    return None


def _shares(whole, rest):
    """((gate, what it lets through), (1 − gate, what that does)) of two products; (None, None) if there is no such pair."""
    if not made_by(whole, "multiply") or not made_by(rest, "multiply"):
        return None, None
    for gate, x in (whole.inputs, whole.inputs[::-1]):
        for other, y in (rest.inputs, rest.inputs[::-1]):
            is_pair = made_by(gate, "sigmoid") and made_by(other, "subtract") and other.inputs[1] is gate
            if is_pair and np.size(other.inputs[0].data) == 1 and np.all(other.inputs[0].data == 1):
                return (gate, x), (other, y)
    return None, None


def _open_sum(node, inside, inputs, state=None):
    """Put a gate's sum of products, or its part of one, into the nodes within, and what it is of into the inputs.

    If a state is given, gates that let it, or a product of it, through are opened too; returns them.
    """
    waiting, gates = [node], []
    while waiting:
        part = waiting.pop()
        if made_by(part, "add") or (made_by(part, "getitem") and (part is node or _is_sum(part.inputs[0]))):
            inside.add(part)
            waiting.extend(part.inputs)
        elif made_by(part, "matmul") or made_by(part, "affine"):
            inside.add(part)
            for x in part.inputs:
                (waiting if state is not None and _gated(x) and _gated(x)[1] is state else inputs).append(x)
        elif state is not None and _gated(part):
            gate, other = _gated(part)
            gates.append(gate)
            inside |= {part, gate}
            waiting.extend((gate.inputs[0], other))
        elif part not in inside:
            inputs.append(part)
    return gates


def _is_sum(node):
    """Whether a node is a product of matrices, or a sum of such."""
    return any(made_by(node, name) for name in ("add", "matmul", "affine"))


CELLS = ("LSTM cell", "GRU cell")
NAMES = ("attention", "cross-entropy", *CELLS, "layer norm", "batch norm", "softmax")
PATTERNS = (attention, cross_entropy, lstm_cell, gru_cell, normalisation, softmax)
"""Groups of operations with a name of their own, whoever composed them, and the derivative that is said of each."""
