"""How much each element differs from the one before it. The legend is in ops/__init__.py.

The sums that undo them, `cumsum`, stand in reduction.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..graph import Op, ndim_of, shape_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .broadcasting import broadcast_to
from .indexing import along, getitem
from .joining import concatenate
from .shaping import ravel

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor


class Diff(Op):
    """z = x[1:] - x[:-1] along an axis"""

    def __init__(self, axis=-1):
        self.axis = axis

    def forward(self, x):
        return np.diff(x, axis=self.axis)

    def dx(self, dz, z, x):
        nothing = np.zeros_like(x[along(self.axis, x.ndim, slice(0, 1))])
        return np.concatenate([nothing, dz], self.axis) - np.concatenate([dz, nothing], self.axis)

    vjps = (dx,)


@operation(np.diff)
@with_numbers_given
def diff(x: Operand, n: int = 1, axis: int = -1, prepend: Operand | None = None, append: Operand | None = None) -> Tensor:
    """The differences x[1:] - x[:-1] along an axis, taken n times.

    Parameters
    ----------
    x : Tensor or array
        Of one axis or more.
    n : int, optional
        How often.
    axis : int, optional
        Along which axis.
    prepend, append : Tensor, array or number, optional
        What is put before and after x first; a number counts as one element for each line.

    Returns
    -------
    Tensor
        Along the axis n elements shorter than x with what is put to it.

    Raises
    ------
    ValueError
        If n is negative.
    AxisError
        If x has no such axis.

    Examples
    --------
    >>> from microgradnn import Tensor, diff
    >>> diff(Tensor([1.0, 4.0, 9.0, 16.0]), n=2)
    Tensor([2., 2.])
    """
    if n < 0:
        raise ValueError(f"diff takes differences n times, 0 or more; n is {n}.")
    if n == 0:
        return getitem(x, ...)
    axis = normalize_axis_index(axis, ndim_of(x), "diff")
    one = tuple(1 if i == axis else length for i, length in enumerate(shape_of(x)))
    parts = [broadcast_to(part, one) if ndim_of(part) == 0 else part for part in (prepend, x, append) if part is not None]
    z = concatenate(parts, axis) if len(parts) > 1 else x
    for _ in range(n):
        z = Diff(axis)(z)
    return z  # type: ignore[return-value]  # n is not 0


@operation(np.ediff1d)
def ediff1d(x: Operand, to_end: Operand | None = None, to_begin: Operand | None = None) -> Tensor:
    """The differences between the elements of x in one row, with others before and after them.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    to_end, to_begin : Tensor, array or number, optional
        What is put after and before the differences.

    Returns
    -------
    Tensor
        Of one axis.

    Examples
    --------
    >>> from microgradnn import Tensor, ediff1d
    >>> ediff1d(Tensor([1.0, 4.0, 9.0]), to_begin=0.0)
    Tensor([0., 3., 5.])
    """
    z = Diff()(x if ndim_of(x) == 1 else ravel(x))
    if to_end is None and to_begin is None:
        return z
    return concatenate([ravel(part) for part in (to_begin, z, to_end) if part is not None])
