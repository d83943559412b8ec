"""What one graph shows by itself: shapes that broadcast in a loss, a softmax of a softmax, numbers near the largest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..source.lines import place_of
from .building import note_class_numbers, note_distance, note_nothing_between, note_reach
from .stages import WEIGHING, is_array, label_of_node, unshaped

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ..graph import Node
    from ..source.lines import Place

COMPARING = {"subtract", "multiply", "divide", "add", "squared_distance", "maximum", "minimum"}
NEAR_LIMIT = 0.6  # of the largest number that exp takes
LARGE_INPUT = 30.0  # what counts as not standardised
UNEQUAL_INPUTS = 1000.0
LIKE_A_WEIGHT = re.compile(r"(W|V|U|w|weights?|theta|beta)(_?[a-z0-9]{0,3})?$")


class Sign(NamedTuple):
    """What was seen, and when: `figures` are what the finding will say."""

    kind: str
    label: str
    place: Place | None
    figures: dict[str, Any]
    number: int  # of the pass that showed it first


def signs_in(signs: dict[Hashable, Sign], health: Any, output: Node, nodes: list[Node], grads: dict[Any, Any]) -> None:
    """Add the signs of one graph, whose nodes are given oldest first, to those of earlier ones."""
    users: dict[Any, list[Any]] = {}
    for node in nodes:
        for x in node.inputs:
            users.setdefault(x, []).append(node)

    def add(kind, node, label, **figures):
        key = (kind, place_of(node) or label)
        if health.pace.ended and any(of == kind for of, _ in signs):
            return  # at the end no lines are known: it is one of those
        if key not in signs or "most" in figures:
            known = signs.get(key, Sign(kind, label, place_of(node), figures, health.passes))
            signs[key] = known._replace(figures=figures)

    for node in nodes:
        if node.op is not None:
            for note in NOTES.get(node.op.name, ()):
                note(node, users, output, health, add)
            note_size(node, add)
    note_unrecorded_weights(health, signs, users)
    if is_array(output.data):
        note_nonfinite(nodes, output, health, add)


def note_unrecorded_weights(health, signs, users):
    """Weights that require no gradient, at operations of which nothing was recorded."""
    for op, inputs, made, place in health.attention.unrecorded:
        if op.name in WEIGHING and made in users:
            for x in inputs:
                note_constant_weight(x, place, health, signs)


def note_shapes(node, users, output, health, add):
    """A comparison of each prediction with each target."""
    if len(node.inputs) == 2 and repeats_wrongly(node, users, output):
        x, y = node.inputs
        label = label_of_node(x if x.requires_grad else y)
        add("broadcast in the loss", node, label, shapes=(x.shape, y.shape, node.shape), op=node.op.name)


def note_logits(node, users, output, health, add):
    """A sigmoid before a loss that takes logits, or a relu, after which none is below 0."""
    first = getattr(node.inputs[0].op, "name", "")
    if first in ("sigmoid", "relu"):
        add("squashed twice", node, label_of_node(node.inputs[0]), first=first, second="the loss, which takes logits")


def note_labels(node, users, output, health, add):
    """y log p + (1 − y) log(1 − p) with y of −1 and 1: it has no floor."""
    if len(node.inputs) != 2 or not all(getattr(x.op, "name", "") == "multiply" for x in node.inputs):
        return
    weights = [next((x.data for x in product.inputs if not x.requires_grad), None) for product in node.inputs]
    if any(w is None or np.size(w) < 2 for w in weights) or np.shape(weights[0]) != np.shape(weights[1]):
        return
    if any(map(is_log_of_rest, node.inputs)) and np.all(weights[0] + weights[1] == 1) and np.min(weights) < 0:
        y = next(w for w, x in zip(weights, node.inputs, strict=True) if not is_log_of_rest(x))
        text = f"The targets of a cross-entropy go from {np.min(y):.3g} to {np.max(y):.3g}: below 0, the loss has no floor."
        way = "They are to be 0 and 1, or between; (y + 1) / 2 makes that of -1 and 1. nn.binary_cross_entropy refuses others."
        add("out of reach", node, label_of_node(node), severity="error", text=text, way=way)


def note_size(node, add):
    """Numbers in single or half precision that come near its largest."""
    z = node.data
    if node.op.name != "exp" and is_array(z) and z.dtype.itemsize < 8 and z.size:
        most, limit = float(np.abs(z).max()), float(np.finfo(z.dtype).max)
        if np.isfinite(most) and most > limit ** (0.6 if z.dtype.itemsize > 2 else 0.85):
            add("overflow ahead", node, label_of_node(node), most=most, limit=limit, dtype=str(z.dtype), op=node.op.name)


def repeats_wrongly(node, users, output):
    """Whether (n, 1) and (n,) made (n, n) of a prediction and a target, and all of it becomes one number."""
    x, y = node.inputs
    shapes = sorted((x.shape, y.shape), key=len)
    if [len(shape) for shape in shapes] != [1, 2] or shapes[1] != (*shapes[0], 1) or shapes[0][0] < 2:
        return False
    if x.requires_grad == y.requires_grad or (y if x.requires_grad else x).op is not None:
        return False
    while node is not output:
        if len(users.get(node, ())) != 1:
            return False
        before, (node,) = node, users[node]
        if node.shape == () and node.op.name in ("sum", "mean"):
            return True
        if node.shape != before.shape:
            return False
    return False


def note_softmax(node, users, output, health, add):
    """A softmax of what went through one before, or along the samples."""
    (x,) = node.inputs
    before = getattr(x.op, "name", "")
    if before in ("softmax", "sigmoid", "relu") or (before == "log_softmax" and node.op.name == "softmax"):
        second = "cross_entropy's own log_softmax" if node.op.name == "log_softmax" else "softmax"
        add("squashed twice", node, label_of_node(x), first=before, second=second)
    axis = getattr(node.op, "axis", -1)
    if isinstance(axis, int) and node.ndim >= 2 and axis % node.ndim == 0 and node.shape[0] > 1:
        add("unusual axis", node, label_of_node(node), axis=axis, shape=node.shape, share="if that is the batch, samples")
    elif isinstance(axis, int) and node.ndim >= 3 and axis % node.ndim == node.ndim - 2 and compares_positions(x):
        share = "if those are queries, they, and not the keys,"
        add("unusual axis", node, label_of_node(node), axis=axis, shape=node.shape, share=share)


def compares_positions(scores):
    """Whether scores are products of each of a row with each, q @ kᵀ, perhaps scaled or masked: those of an attention."""
    while scores.op is not None and scores.op.name in ("divide", "multiply", "add", "where"):
        scores = next((x for x in scores.inputs if x.shape == scores.shape and x.requires_grad), scores.inputs[0])
    left, right = scores.inputs if getattr(scores.op, "name", "") == "matmul" else (None, None)
    return left is not None and left.ndim >= 3 and left.op is not None and right.op is not None and right.ndim >= 3


def note_exp(node, users, output, health, add):
    """An exp whose operand comes near the largest that it takes."""
    x = np.asarray(node.inputs[0].data)
    if x.dtype.kind != "f":
        return
    limit = float(np.log(np.finfo(x.dtype).max))
    most = float(x.max()) if x.size else 0.0
    if NEAR_LIMIT * limit < most < np.inf:
        label = label_of_node(node.inputs[0])
        add("overflow ahead", node, label, most=most, limit=limit, dtype=str(x.dtype), op="exp")


def note_operands(node, users, output, health, add):
    """Inputs far from standardised, and weights that require no gradient, at an operation with weights."""
    for x in node.inputs[:2]:
        if x.requires_grad or x.op is not None or not is_array(x.data):
            continue
        note_constant_weight(x, place_of(node), health, health.signs)
        weights = [other for other in map(unshaped, node.inputs) if other.op is None and other.requires_grad]
        if x.data.ndim >= 2 and x.data.shape[0] > 1 and weights:
            columns = np.asarray(x.data, float).reshape(-1, x.data.shape[-1])
            mean, deviation = np.abs(columns.mean(axis=0)), columns.std(axis=0)
            most, least = float(deviation.max()), float(deviation[deviation > 0].min(initial=np.inf))
            if (mean + deviation).max() > LARGE_INPUT or most > UNEQUAL_INPUTS * least:
                # Of a position encoding or counts that is meant; numbers alone cannot tell.
                figures = {"mean": float(mean.max()), "deviation": most, "least": least}
                add("not standardised", node, label_of_node(x), **figures)


def note_constant_weight(x, place, health, signs):
    """A tensor that weighs as a parameter does, and requires no gradient: an attribute of the user's module, or called W."""
    if x.requires_grad or x.op is not None or getattr(x, "ndim", 0) < 2 or x.dtype.kind != "f":
        return
    label = health.labels.get(id(x)) or x.name
    if id(x) in health.buffers or (label and not health.modules and LIKE_A_WEIGHT.match(label)):
        signs.setdefault(
            ("no parameter", id(x)), Sign("no parameter", label or x.name, place, {"shape": x.shape}, health.passes)
        )


def note_nonfinite(nodes, output, health, add):
    """The oldest value that is not finite and was made of values that are, if the loss is not finite."""
    if np.isfinite(output.data).all() or any(kind == "not finite" for kind, _ in health.signs):
        return
    for node in nodes:
        given = next((x for x in node.inputs if x.op is None and not x.requires_grad and has_nan(x.data)), None)
        if given is not None:
            bad = int(np.count_nonzero(np.isnan(given.data)))
            add("not finite", node, label_of_node(given), bad=bad, size=int(np.size(given.data)), op="data")
            return
        if is_finite(node) or not all(is_finite(x) for x in node.inputs):
            continue
        bad = int(np.size(node.data) - np.count_nonzero(np.isfinite(node.data)))
        add("not finite", node, label_of_node(node), bad=bad, size=int(np.size(node.data)), op=node.op.name if node.op else "")
        return


def has_nan(data):
    """Whether there is a NaN in an array; inf may be a mask."""
    return is_array(data) and bool(np.isnan(data).any())


def is_finite(node):
    """Whether there is neither NaN nor inf in a node."""
    return not is_array(node.data) or bool(np.isfinite(node.data).all())


def is_likelihood(node):
    """Whether an output is a mean or a sum of log-probabilities, weighed by what is never negative: their loss has a minus."""
    name, inputs = getattr(node.op, "name", ""), node.inputs if node.op is not None else ()
    if name in ("mean", "sum", "reshape", "getitem", "take_along_axis", "nan_to_num"):
        return is_likelihood(inputs[0])
    if name == "add":  # y log p + (1 − y) log(1 − p)
        return any(map(is_likelihood, inputs)) and all(is_likelihood(x) or is_log_of_rest(x) for x in inputs)
    if name in ("multiply", "divide"):
        weights = [x for x in inputs if not x.requires_grad]
        computed = [x for x in inputs if x.requires_grad]
        return len(computed) == len(weights) == 1 and np.min(weights[0].data) >= 0 and is_likelihood(computed[0])
    if name == "log_softmax":
        return True
    return name == "log" and is_probability(inputs[0])


def is_log_of_rest(node):
    """Whether a node is log(1 − p), perhaps weighed."""
    while getattr(node.op, "name", "") == "multiply":
        node = next((x for x in node.inputs if x.requires_grad), node.inputs[0])
    inner = node.inputs[0] if getattr(node.op, "name", "") == "log" else None
    while getattr(getattr(inner, "op", None), "name", "") in ("add", "clip", "maximum"):
        inner = inner.inputs[0]
    return getattr(getattr(inner, "op", None), "name", "") == "subtract" and is_probability(inner.inputs[1])


def is_probability(node):
    """Whether a node is what a softmax or a sigmoid made, or some of that, perhaps with a small number added."""
    while getattr(node.op, "name", "") in ("add", "clip", "maximum", "getitem", "take_along_axis", "reshape"):
        node = next((x for x in node.inputs if x.requires_grad), node.inputs[0])
    return getattr(node.op, "name", "") in ("softmax", "sigmoid")


def is_negated(output):
    """Whether an output is minus an error: a mean or a sum of squares, or of a loss that is never negative."""
    inner = output.inputs[0] if output.op is not None and output.op.name == "negative" else None
    while inner is not None and getattr(inner.op, "name", "") in ("mean", "sum", "negative"):
        inner = inner.inputs[0]
    name = getattr(getattr(inner, "op", None), "name", "")
    return name in ("power", "square", "abs", "squared_distance", "mean_squared_distance", "logistic_loss", "getitem")


NOTES = {
    **dict.fromkeys(COMPARING, (note_shapes,)),
    **dict.fromkeys(("subtract", "squared_distance"), (note_shapes, note_reach, note_distance)),
    "mean_squared_distance": (note_reach, note_distance),
    "multiply": (note_shapes, note_class_numbers),
    "add": (note_shapes, note_labels),
    **dict.fromkeys(("softmax", "log_softmax"), (note_softmax,)),
    "logistic_loss": (note_logits,),
    "exp": (note_exp,),
    **dict.fromkeys(WEIGHING, (note_operands,)),
    **dict.fromkeys(("matmul", "affine"), (note_operands, note_nothing_between)),
}  # of an operation what it may show
