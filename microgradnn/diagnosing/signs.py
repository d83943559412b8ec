"""What one graph shows by itself: shapes that broadcast in a loss, a softmax of a softmax, numbers near the largest there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..source.lines import place_of
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
        if health.ended is not None and any(of == kind for of, _ in signs):
            return  # at the end no lines are known: it is one of those
        if key not in signs or "most" in figures:
            first = signs[key].number if key in signs else health.passes
            signs[key] = Sign(kind, label, place_of(node), figures, first)

    for node in nodes:
        if node.op is None:
            continue
        name = node.op.name
        if name in COMPARING and len(node.inputs) == 2 and repeats_wrongly(node, users, output):
            x, y = node.inputs
            prediction = x if x.requires_grad else y
            add("broadcast in the loss", node, label_of_node(prediction), shapes=(x.shape, y.shape, node.shape), op=name)
        elif name in ("softmax", "log_softmax"):
            note_softmax(node, add)
        elif name == "logistic_loss" and getattr(node.inputs[0].op, "name", "") == "sigmoid":
            add("squashed twice", node, label_of_node(node.inputs[0]), first="sigmoid", second="the loss, which takes logits,")
        elif name == "exp" and is_array(node.inputs[0].data):
            note_exp(node, add)
        if name in WEIGHING:
            note_operands(node, health, add)
        if name != "exp" and is_array(node.data) and node.data.dtype.itemsize < 8 and node.data.size:
            most, limit = float(np.abs(node.data).max()), float(np.finfo(node.data.dtype).max)
            if np.isfinite(most) and most > limit ** (0.6 if node.data.dtype.itemsize > 2 else 0.85):
                add("overflow ahead", node, label_of_node(node), most=most, limit=limit, dtype=str(node.data.dtype), op=name)
    for op, inputs, made, place in health.attention.unrecorded:
        if op.name in WEIGHING and made in users:
            for x in inputs:
                note_constant_weight(x, place, health, signs)
    if is_array(output.data):
        note_nonfinite(nodes, output, health, add)


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


def note_softmax(node, add):
    """A softmax of what went through one before, or along the samples."""
    (x,) = node.inputs
    before = getattr(x.op, "name", "")
    if before in ("softmax", "sigmoid") or (before == "log_softmax" and node.op.name == "softmax"):
        second = "cross_entropy's own log_softmax" if node.op.name == "log_softmax" else "softmax"
        add("squashed twice", node, label_of_node(x), first=before, second=second)
    axis = getattr(node.op, "axis", -1)
    if isinstance(axis, int) and node.ndim >= 2 and axis % node.ndim == 0 and node.shape[0] > 1:
        add("unusual axis", node, label_of_node(node), axis=axis, shape=node.shape)


def note_exp(node, add):
    """An exp whose operand comes near the largest that it takes."""
    x = np.asarray(node.inputs[0].data)
    limit = float(np.log(np.finfo(x.dtype).max))
    most = float(x.max()) if x.size else 0.0
    if NEAR_LIMIT * limit < most < np.inf:
        label = label_of_node(node.inputs[0])
        add("overflow ahead", node, label, most=most, limit=limit, dtype=str(x.dtype), op="exp")


def note_operands(node, health, add):
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
        if is_finite(node) or not all(is_finite(x) for x in node.inputs):
            continue
        bad = int(np.size(node.data) - np.count_nonzero(np.isfinite(node.data)))
        add("not finite", node, label_of_node(node), bad=bad, size=int(np.size(node.data)), op=node.op.name if node.op else "")
        return


def is_finite(node):
    """Whether there is neither NaN nor inf in a node."""
    return not is_array(node.data) or bool(np.isfinite(node.data).all())
