"""Sums and products up to each position along an axis. The legend is in ops/__init__.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..graph import Op, ndim_of
from ..tensor import operation
from .joining import concatenate
from .reduction import prepared, products_before
from .shaping import ravel

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from ..annotations import Axis, Operand
    from ..tensor import Tensor


class Cumsum(Op):
    """zₖ = x₀ + x₁ + ... + xₖ along one axis"""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        return x.cumsum(self.axis)

    def dx(self, dz, z, x):
        return np.flip(np.cumsum(np.flip(dz, self.axis), self.axis), self.axis)  # dzₖ + dzₖ₊₁ + ...

    vjps = (dx,)


@operation(np.cumsum, method=True)
def cumsum(x: Operand, axis: Axis = None, dtype: DTypeLike | None = None, out: None = None) -> Tensor:
    """The sums of the elements up to each position along an axis.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int, optional
        Along which axis; if None, x is flattened first.
    dtype : dtype, optional
        In which type the elements are added up; x's own if None.
    out : None
        Refused, as by `sum`.

    Returns
    -------
    Tensor
        Of x's shape; of one axis if `axis` is None.

    Raises
    ------
    AxisError
        If x has no such axis.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).cumsum()
    Tensor([1., 3., 6.])
    """
    if dtype is not None or out is not None:
        x = prepared(x, dtype, out)
    return Cumsum(0)(ravel(x)) if axis is None else Cumsum(axis)(x)


class Cumprod(Op):
    """zₖ = x₀ x₁ ... xₖ along one axis"""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        return x.cumprod(self.axis)

    def dx(self, dz, z, x):
        # ∂L/∂xₖ = x₀ ... xₖ₋₁ (dzₖ + xₖ₊₁ (dzₖ₊₁ + xₖ₊₂ (...))): no division, so exact with zeros too.
        if x.size == 0 or x.ndim == 0:
            return dz
        dz, lines = np.moveaxis(dz, self.axis, 0), np.moveaxis(x, self.axis, 0)
        # The brackets of all k at once. Each holds as many terms as `reach`, and becomes twice as long by the bracket that
        # begins where it ends, times the `factors` up to there; behind the last element follows nothing, which is a factor 0.
        brackets, factors, reach = dz, np.concatenate([lines[1:], np.zeros_like(lines[:1])]), 1
        while reach < len(lines):
            longer = brackets[:-reach] + factors[:-reach] * brackets[reach:]
            brackets = np.concatenate([longer, brackets[-reach:]])
            factors = np.concatenate([factors[:-reach] * factors[reach:], np.zeros_like(factors[-reach:])])
            reach *= 2
        return products_before(x, self.axis) * np.moveaxis(brackets, 0, self.axis)

    vjps = (dx,)


@operation(np.cumprod, method=True)
def cumprod(x: Operand, axis: Axis = None, dtype: DTypeLike | None = None, out: None = None) -> Tensor:
    """The products of the elements up to each position along an axis. Parameters, result and errors as for `cumsum`.

    The gradient is exact with zeros too.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).cumprod()
    Tensor([1., 2., 6.])
    """
    if dtype is not None or out is not None:
        x = prepared(x, dtype, out)
    return Cumprod(0)(ravel(x)) if axis is None else Cumprod(axis)(x)


@operation(np.cumulative_sum)
def cumulative_sum(
    x: Operand, *, axis: Axis = None, dtype: DTypeLike | None = None, out: None = None, include_initial: bool = False
) -> Tensor:
    """`cumsum` along the one axis that x has, or the one that is given; with `include_initial`, it begins with a 0.

    Other parameters and result as for `cumsum`.

    Examples
    --------
    >>> from microgradnn import Tensor, cumulative_sum
    >>> cumulative_sum(Tensor([1.0, 2.0]), include_initial=True)
    Tensor([0., 1., 3.])
    """
    return _begun_with(0, cumsum(x, _only_axis(x, axis, "sum"), dtype, out), axis, include_initial)


@operation(np.cumulative_prod)
def cumulative_prod(
    x: Operand, *, axis: Axis = None, dtype: DTypeLike | None = None, out: None = None, include_initial: bool = False
) -> Tensor:
    """`cumprod` along the one axis that x has, or the one that is given; with `include_initial`, it begins with a 1.

    Other parameters and result as for `cumsum`.

    Examples
    --------
    >>> from microgradnn import Tensor, cumulative_prod
    >>> cumulative_prod(Tensor([3.0, 2.0]), include_initial=True)
    Tensor([1., 3., 6.])
    """
    return _begun_with(1, cumprod(x, _only_axis(x, axis, "prod"), dtype, out), axis, include_initial)


def _only_axis(x, axis, name):
    """The axis, which must be given unless there is but one."""
    if axis is None and ndim_of(x) != 1:
        raise ValueError(f"cumulative_{name}: x has {ndim_of(x)} axes; say along which, axis=0.")
    return 0 if axis is None else axis


def _begun_with(number, z, axis, include_initial):
    """z, with this number in front along an axis, if so asked."""
    if not include_initial:
        return z
    axis = normalize_axis_index(axis or 0, len(z.shape))
    first = np.full((*z.shape[:axis], 1, *z.shape[axis + 1 :]), number, z.dtype)
    return concatenate([first, z], axis)
