"""Operations on diagonals of matrices, and on the triangles at their sides. The legend is in ops/__init__.py.

What they give lies at rows and columns that are equally far apart, and so do the elements that its upstream gradient goes to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..errors import describe
from ..graph import Op, ndim_of, shape_of
from ..tensor import called_by, operation
from .arithmetic import where
from .indexing import Getitem, Scatter
from .shaping import moveaxis, ravel

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor


@operation(np.diagonal, method=True)
def diagonal(x: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The elements of a matrix whose row and column are the same, or `offset` apart.

    Parameters
    ----------
    x : Tensor or array
        Of two axes or more.
    offset : int, optional
        How far above the main diagonal (below, if negative).
    axis1, axis2 : int, optional
        The axes of rows and of columns. The diagonal becomes the last axis of the result.

    Returns
    -------
    Tensor
        Of one axis fewer than x.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).diagonal()
    Tensor([1., 4.])
    """
    x = as_matrices(x, axis1, axis2)
    rows, columns = shape_of(x)[-2:]
    n = max(min(rows - max(-offset, 0), columns - max(offset, 0)), 0)
    return Getitem((..., *on_diagonal(n, offset)))(x)


@operation(np.diag)
def diag(x: Operand, k: int = 0) -> Tensor:
    """Of a row the matrix that has it as its k-th diagonal, and 0 elsewhere; of a matrix its k-th diagonal.

    Parameters
    ----------
    x : Tensor or array
        Of one axis or two.
    k : int, optional
        How far above the main diagonal (below, if negative).

    Returns
    -------
    Tensor
        Of two axes or one.

    Raises
    ------
    ValueError
        If x has neither one axis nor two.

    Examples
    --------
    >>> from microgradnn import Tensor, diag
    >>> diag(Tensor([1.0, 2.0]))
    Tensor([[1., 0.],
            [0., 2.]])
    """
    if ndim_of(x) == 2:
        return diagonal(x, k)
    if ndim_of(x) != 1:
        raise ValueError(f"diag takes a row or a matrix; it was given {describe(x)}: diagonal takes any axes.")
    (n,) = shape_of(x)
    return Scatter(on_diagonal(n, k), (n + max(k, -k),) * 2)(x)


@operation(np.diagflat)
def diagflat(x: Operand, k: int = 0) -> Tensor:
    """The matrix that has the elements of x, in one row, as its k-th diagonal.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    k : int, optional
        How far above the main diagonal (below, if negative).

    Returns
    -------
    Tensor
        Of two axes.

    Examples
    --------
    >>> from microgradnn import Tensor, diagflat
    >>> diagflat(Tensor([[1.0], [2.0]]))
    Tensor([[1., 0.],
            [0., 2.]])
    """
    return diag(ravel(x), k)


class Trace(Op):
    """z = Σ xᵢᵢ, or another diagonal, over the last two axes"""

    makes_plain_arrays = True

    def __init__(self, offset=0):
        self.offset = offset

    def forward(self, x):
        return np.diagonal(x, self.offset, -2, -1).sum(axis=-1)

    def dx(self, dz, z, x):
        return dz[..., None, None] * np.eye(*x.shape[-2:], k=self.offset, dtype=x.dtype)

    vjps = (dx,)


@operation(np.trace, method=True)
def trace(x: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of the diagonal. Parameters as for `diagonal`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).trace()
    Tensor(5.)
    """
    return Trace(offset)(as_matrices(x, axis1, axis2))


@called_by(np.linalg.diagonal)
def diagonal_of_matrix(x: Operand, /, *, offset: int = 0) -> Tensor:
    """`diagonal`, of the last two axes, as in `numpy.linalg`."""
    return diagonal(x, offset, -2, -1)


@called_by(np.linalg.trace)
def trace_of_matrix(x: Operand, /, *, offset: int = 0) -> Tensor:
    """`trace`, of the last two axes, as in `numpy.linalg`."""
    return trace(x, offset, -2, -1)


@operation(np.tril, method=True)
def tril(x: Operand, k: int = 0) -> Tensor:
    """The lower triangle of a matrix (of each, if there are axes in front), with 0 above the k-th diagonal.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., rows, columns).
    k : int, optional
        Which diagonal: 0 is the main one, 1 that above it, −1 that below.

    Returns
    -------
    Tensor
        Of x's shape.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).tril()
    Tensor([[1., 0.],
            [3., 4.]])
    """
    lengths = shape_of(x)[-2:]  # one or two
    return where(np.tri(*lengths, k=k, dtype=bool), x, 0)  # type: ignore[call-overload]  # which checkers do not count


@operation(np.triu, method=True)
def triu(x: Operand, k: int = 0) -> Tensor:
    """The upper triangle of a matrix (of each, if there are axes in front), with 0 below the k-th diagonal.

    Parameters and result as for `tril`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).triu()
    Tensor([[1., 2.],
            [0., 4.]])
    """
    lengths = shape_of(x)[-2:]  # one or two
    return where(np.tri(*lengths, k=k - 1, dtype=bool), 0, x)  # type: ignore[call-overload]  # which checkers do not count


def as_matrices(x, axis1, axis2):
    """x with the axes of rows and of columns as the last two."""
    ndim = ndim_of(x)
    if ndim < 2:
        raise ValueError(f"diagonal, trace: two axes or more are needed; x = {describe(x)}.")
    if (axis1, axis2) in ((ndim - 2, ndim - 1), (-2, -1)):
        return x
    return moveaxis(x, [normalize_axis_index(axis, ndim) for axis in (axis1, axis2)], (-2, -1))


def on_diagonal(n, offset):
    """The rows and the columns of n elements, one below the other's right neighbour."""
    row, column = max(-offset, 0), max(offset, 0)
    return np.arange(row, row + n), np.arange(column, column + n)
