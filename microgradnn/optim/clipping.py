"""Gradient clipping, between `backward()` and the optimiser's `step()`: no step is larger than it may be."""

from __future__ import annotations

from operator import setitem
from typing import TYPE_CHECKING

import numpy as np

from ..backprop import refuse_gradient
from ..errors import describe
from ..graph import Node
from ..watching.changes import all_at_once

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..tensor import Tensor


def clip_grad_norm_(
    parameters: Iterable[Tensor] | Tensor, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    """Scale all gradients down by one factor, in place, so that together they are no longer than `max_norm`.

    The direction stays (Pascanu, Mikolov and Bengio, 2013, "On the difficulty of training recurrent neural networks").
    As in PyTorch, the factor is max_norm / (norm + 10⁻⁶), and at most 1.

    Parameters
    ----------
    parameters : iterable of Tensor, or Tensor
        Those without a gradient are left alone.
    max_norm : float
        How long the vector of all gradients may be.
    norm_type : float, optional
        2 for the Euclidean length, `np.inf` for the largest element.
    error_if_nonfinite : bool, optional
        Whether to refuse gradients whose norm is infinite or NaN. Otherwise the factor is 0 or NaN, and what was infinite
        becomes NaN.

    Returns
    -------
    float
        The norm that the gradients had.

    Raises
    ------
    FloatingPointError
        If the norm is not finite and `error_if_nonfinite`; no gradient has been changed.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> x = Tensor([3.0, 4.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> optim.clip_grad_norm_([x], max_norm=5)
    10.0
    >>> x.grad.round(4)
    array([3., 4.])
    """
    given = _with_gradient(parameters)
    norms = [float(np.linalg.norm(W.grad.ravel(), norm_type)) for W in given if W.grad.size]
    norm = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if error_if_nonfinite and not np.isfinite(norm):
        nonfinite = [describe(W) for W in given if not np.isfinite(W.grad).all()]
        where = f"not finite in {', '.join(nonfinite)}" if nonfinite else "finite, and too large to be squared"
        raise FloatingPointError(
            f"The norm of all gradients is {norm}: they are {where}. None was changed.\n"
            "break_on(when=lambda step: not np.isfinite(step.dx).all()) stops the backward pass where it begins."
        )
    factor = max_norm / (norm + 1e-6)
    if not factor >= 1:  # so that NaN, too, reaches the gradients
        _put([(W.grad, W.grad * factor) for W in given])
    return norm


def clip_grad_value_(parameters: Iterable[Tensor] | Tensor, clip_value: float) -> None:
    """Keep each element of all gradients between −clip_value and clip_value, in place. This may turn their direction.

    Parameters
    ----------
    parameters : iterable of Tensor, or Tensor
        Those without a gradient are left alone.
    clip_value : float
        The bound.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> x = Tensor([3.0, -0.25], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> optim.clip_grad_value_([x], 1)
    >>> x.grad
    array([ 1. , -0.5])
    """
    _put([(W.grad, W.grad.clip(-clip_value, clip_value)) for W in _with_gradient(parameters)])


def _put(gradients):
    """Put clipped gradients in the place of the others: all or none."""
    all_at_once([(setitem, dW, ..., np.asarray(clipped, dW.dtype)) for dW, clipped in gradients])


def _with_gradient(parameters):
    """The parameters whose gradient was computed, as a list."""
    parameters = [parameters] if isinstance(parameters, Node) else parameters
    given = [W for W in parameters if W.grad is not None]
    for W in given:
        refuse_gradient(W)
    return given
