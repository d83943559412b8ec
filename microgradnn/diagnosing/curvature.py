"""How the loss is curved along its gradient: the second derivative that limits the learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..backprop import backpropagate, between, data_of, itself
from ..graph import Node, recording

if TYPE_CHECKING:
    from collections.abc import Sequence


def curvature_along_gradient(output: Node, leaves: Sequence[Any]) -> float | None:
    """gᵀ H g / gᵀ g, with the gradient g and the Hessian H of a recorded output with respect to its leaves.

    Gradient descent with a learning rate above 2 over this number makes the loss larger, as long as it is a parabola along g.
    H g is the gradient of ⟨gradient, g⟩ (Pearlmutter, 1994, "Fast exact multiplication by the Hessian").

    Returns
    -------
    float or None
        None if a rule on the way has no second derivative, or all gradients are 0.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> w = Tensor([1.0, 0.0], requires_grad=True)
    >>> curvature_along_gradient((w * w * [3.0, 5.0]).sum(), [w])
    6.0
    """
    leaves = [leaf for leaf in leaves if leaf.dtype.kind == "f"]
    before = recording.get()
    try:
        recording.set(True)
        seed = type(output)(np.ones_like(output.data))
        first = backpropagate(output, seed, between(output, leaves), itself)
        g = [(leaf, first[leaf]) for leaf in leaves if first.get(leaf) is not None]
        squared = sum(float(np.vdot(values(dx), values(dx))) for _, dx in g)
        recorded = [dx for _, dx in g if isinstance(dx, Node) and dx.requires_grad]
        if not squared:
            return None
        if not recorded:
            return 0.0
        along = sum((dx * values(dx)).sum() for dx in recorded)
        second = backpropagate(along, np.ones_like(along.data), between(along, leaves), data_of)
        return sum(float(np.vdot(second[leaf], values(dx))) for leaf, dx in g if second.get(leaf) is not None) / squared
    except (TypeError, ValueError, ArithmeticError, AttributeError, RuntimeError):  # a rule of the user's may do what it likes
        return None
    finally:
        recording.set(before)


def values(dx):
    """The array of a gradient."""
    return dx.data if isinstance(dx, Node) else dx
