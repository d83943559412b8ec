"""Softmax and its logarithms, which turn scores into probabilities. The legend is in ops/__init__.py.

None of them overflows: eˣ is taken of x minus its largest element, which changes neither value nor gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe
from ..graph import Op, values_of
from ..tensor import operation
from ..watching.calls import Own
from .conversion import as_floating
from .reduction import Reduction

if TYPE_CHECKING:
    from ..annotations import Axes, Operand
    from ..tensor import Tensor


LAST = Own(-1)


class Logsumexp(Reduction):
    """z = log Σ eˣ; its slope is softmax(x)"""

    def forward(self, x):
        largest = x.max(axis=self.axis, keepdims=True)
        largest = np.where(np.isfinite(largest), largest, 0)  # −inf − (−inf) would be NaN
        with np.errstate(divide="ignore"):  # log 0 = −inf is the value where all of x is −inf
            z = largest + np.log(np.exp(x - largest).sum(axis=self.axis, keepdims=True))
        return z if self.keepdims else z.reshape(x.max(axis=self.axis).shape)

    def dx(self, dz, z, x):
        z = self.with_axes(z)
        return self.with_axes(dz) * np.exp(x - np.where(z == -np.inf, 0, z))

    vjps = (dx,)


@operation(method=True)
def logsumexp(x: Operand, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """log Σ eˣ along an axis, without overflow. Parameters, result and errors as for `sum`.

    The gradient is softmax(x). Where all of x is −inf the value is −inf and the gradient is taken as 0.

    Examples
    --------
    >>> from microgradnn import Tensor, logsumexp
    >>> logsumexp(Tensor([1000.0, 1000.0]))
    Tensor(1000.6931)
    """
    return Logsumexp(axis, keepdims)(as_floating(x))


class Softmax(Op):
    """z = eˣ / Σ eˣ along one axis"""

    def __init__(self, axis=-1):
        self.axis = axis

    def forward(self, x):
        e = np.exp(x - x.max(axis=self.axis, keepdims=True))
        return e / e.sum(axis=self.axis, keepdims=True)

    def dx(self, dz, z, x):
        return z * (dz - (dz * z).sum(axis=self.axis, keepdims=True))

    vjps = (dx,)


@operation(method=True)
def softmax(x: Operand, axis: int = LAST) -> Tensor:
    """eˣ / Σ eˣ along an axis: positive numbers that sum to 1. Does not overflow.

    Parameters
    ----------
    x : Tensor or array
        Of at least one axis.
    axis : int, optional
        The axis whose elements compete.

    Returns
    -------
    Tensor
        Of x's shape.

    Raises
    ------
    AxisError
        If x has no such axis.
    ValueError
        If x is one number: there is nothing that it could be weighed against.

    Examples
    --------
    >>> from microgradnn import Tensor, softmax
    >>> softmax(Tensor([1000.0, 0.0]))
    Tensor([1., 0.])
    """
    refuse_number("softmax", x)
    return Softmax(axis)(as_floating(x))


class LogSoftmax(Op):
    """z = x − log Σ eˣ along one axis"""

    def __init__(self, axis=-1):
        self.axis = axis

    def forward(self, x):
        shifted = x - x.max(axis=self.axis, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=self.axis, keepdims=True))

    def dx(self, dz, z, x):
        return dz - np.exp(z) * dz.sum(axis=self.axis, keepdims=True)

    vjps = (dx,)


@operation(method=True)
def log_softmax(x: Operand, axis: int = LAST) -> Tensor:
    """log(softmax(x)) along an axis, also where the softmax itself is too small to be a number.

    Parameters, result and errors as for `softmax`.

    Examples
    --------
    >>> from microgradnn import Tensor, log_softmax
    >>> log_softmax(Tensor([1000.0, 0.0]))
    Tensor([    0., -1000.])
    """
    refuse_number("log_softmax", x)
    return LogSoftmax(axis)(as_floating(x))


def refuse_number(name, x):
    """Raise ValueError for one number, which NumPy would take for an axis of length 1."""
    if isinstance(x, (int, float)) or getattr(values_of(x), "shape", None) == ():
        raise ValueError(
            f"{name} weighs the numbers along an axis against each other; {describe(x)} has no axis.\n"
            "Give it the scores of all classes at once, or for the probability of one thing use sigmoid."
        )
