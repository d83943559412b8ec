"""How a network is put together: layers with nothing in between, targets out of reach, class numbers as factors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..source.lines import place_of
from .finding import passes_text
from .stages import RANGES, label_of_node, unshaped

MARGIN = 0.1  # by how much a target may be beyond: labels are smoothed, data are noisy
BEYOND = 0.05  # which share of the targets may be: a few outliers have a right to it
FEW_TARGETS = 4
FAR = 100.0  # from 0, where predictions begin; steps of a usual size take thousands of passes there
LATE = 20  # passes after which they should be on their way


def note_reach(node: Any, users: Any, output: Any, health: Any, add: Any) -> None:
    """Predictions that end in a function which never gets as far as the targets go."""
    if len(node.inputs) != 2 or not is_error(node, users):
        return
    for prediction, target in (node.inputs, node.inputs[::-1]):
        squash, data = unshaped(prediction), target.data
        name = getattr(squash.op, "name", "")
        if name not in RANGES or target.op is not None or target.requires_grad or not isinstance(data, np.ndarray):
            continue
        low, high = RANGES[name]
        outside = np.mean((data < low - MARGIN) | (data > high + MARGIN)) if data.size >= FEW_TARGETS else 0.0
        if outside > BEYOND:
            said = f"{name} gives numbers {f'from {low:g} to {high:g}' if high < np.inf else f'above {low:g}'}"
            if low == -np.inf:
                said = f"{name} gives numbers below {high:g}"
            text = f"{said}; the targets go from {data.min():.3g} to {data.max():.3g}, {outside:.0%} of them out of its reach."
            way = f"Leave {name} out at the end, or scale the targets into its range."
            add("out of reach", node, label_of_node(squash), severity="error", text=text, way=way)


def note_distance(node: Any, users: Any, output: Any, health: Any, add: Any) -> None:
    """Targets so large that the predictions have not come half the way there, as they are in each look until they have."""
    if len(node.inputs) != 2 or not is_error(node, users) or health.pace.ended:
        return
    for prediction, target in (node.inputs, node.inputs[::-1]):
        if target.op is None and not target.requires_grad and np.size(target.data) >= FEW_TARGETS and prediction.requires_grad:
            there, here = float(np.mean(target.data)), float(np.mean(prediction.data))
            key = ("targets far away", place_of(node) or label_of_node(node))
            if abs(there) > FAR and here / there < 0.5:
                text = f"After {passes_text(health.passes)} predictions are {here:.3g} on average, and targets {there:.3g}."
                way = "Standardise the targets, (y - y.mean()) / y.std(), and turn predictions back; or let a bias begin there."
                add(*key[:1], node, label_of_node(prediction), severity="hint", text=text, way=way, most=0, since=health.passes)
            else:
                health.signs.pop(key, None)


def is_error(node, users):
    """Whether an operation takes a prediction from its target: what is made of the difference is its size."""
    if node.op.name in ("squared_distance", "mean_squared_distance"):
        return True
    after = users.get(node, ())
    return node.op.name == "subtract" and any(user.op.name in ("power", "square", "abs", "multiply") for user in after)


def note_class_numbers(node: Any, users: Any, output: Any, health: Any, add: Any) -> None:
    """Log-probabilities times class numbers, (n, classes) times (n, 1): one-hot rows were meant, or the right element."""
    if len(node.inputs) != 2:
        return
    for scores, labels in (node.inputs, node.inputs[::-1]):
        data, name = getattr(labels, "data", None), getattr(getattr(scores, "op", None), "name", "")
        if name not in ("log_softmax", "log", "softmax") or labels.op is not None or not isinstance(data, np.ndarray):
            continue
        numbers = data.ndim == scores.ndim and data.shape[-1] == 1 < scores.shape[-1] and data.dtype.kind in "iu"
        if numbers and data.size and data.min() >= 0 and 1 < data.max() < scores.shape[-1]:
            text = (
                f"{label_of_node(scores)} of shape {scores.shape} was multiplied by integers from {data.min()} to {data.max()}"
                f", of shape {data.shape}:\na class number weighs all classes of its sample alike, and picks none."
            )
            way = "nn.cross_entropy(logits, labels) takes class numbers; by hand: -log_p[np.arange(n), labels].mean()."
            add("class numbers", node, label_of_node(scores), severity="error", text=text, way=way)


def note_nothing_between(node: Any, users: Any, output: Any, health: Any, add: Any) -> None:
    """A layer that weighs what another layer weighed, with nothing in between but a bias: both could be one.

    A narrow layer in between is a factorisation, and has a use. A layer that also gets something else is bent elsewhere.
    """
    W = unshaped(node.inputs[1]) if node.op.name in ("affine", "matmul") else None
    if W is None or W.op is not None or not W.requires_grad or W.ndim != 2:
        return
    before = node.inputs[0]
    alone = len(users.get(before, ())) == 1
    if getattr(before.op, "name", "") == "add" and any(x.op is None and x.requires_grad and x.ndim == 1 for x in before.inputs):
        before = next((x for x in before.inputs if x.op is not None), before)  # a bias by itself
        alone = alone and len(users.get(before, ())) == 1
    V = unshaped(before.inputs[1]) if getattr(before.op, "name", "") in ("affine", "matmul") else W
    straight = V is not W and V.op is None and V.requires_grad and V.ndim == 2
    if not (straight and alone and V.shape[1] >= min(V.shape[0], W.shape[-1])):
        health.bent.add(id(W))
        return
    first, second = health.label(V), health.label(W)
    text = f"What {first} of shape {V.shape} weighs, {second} of shape {W.shape} weighs again: together they are one layer."
    way = "If they are to learn more than that, put an activation in between, such as tanh or relu."
    add("nothing between", node, second, severity="hint", text=text, way=way, weight=id(W))
