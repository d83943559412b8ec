"""Ways out that are longer than a line, or depend on how something came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .unreached import Lost

BROADCAST = "Give both one shape: target.reshape(-1, 1), or prediction[:, 0]. nn.mse_loss refuses shapes that differ."
SQUASHED = "Leave the first one out: cross_entropy and binary_cross_entropy_with_logits take scores, any numbers."
AXIS = "If the classes are along the last axis: softmax(x), or softmax(x, axis=-1)."


def LEFT(lost: Lost, label: str) -> str:
    """What to do where values left the graph."""
    if lost.way in ("np.array()", ".item()", "float()", "int()"):
        return f"Leave {lost.way} out: a Tensor of one number can be computed with as it is; stack([...]) joins several."
    if lost.way == "no_grad()":
        return "Compute it outside of no_grad()."
    return f"Compute with {lost.label or label} itself, without {lost.way}."


def OVERFLOW(op: str) -> str:
    """What to do before numbers are too large."""
    if op == "exp":
        return "softmax, log_softmax, logsumexp and softplus of this package never overflow; or clip what exp is given."
    return "Scale what goes in, or compute in float64."
