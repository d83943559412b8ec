"""Norms of vectors and of matrices, and condition numbers. The legend is in ops/__init__.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import refuse_complex
from ..graph import ndim_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .arithmetic import where
from .conversion import as_floating
from .decompositions import is_zero, svdvals
from .elementwise import abs
from .inverses import inv
from .reduction import Reduction, all_axes, max, min, sum
from .rounding import sign
from .shaping import expand_dims, moveaxis, squeeze

if TYPE_CHECKING:
    from typing import Literal

    from ..annotations import Axes, Operand
    from ..tensor import Tensor


class Norm(Reduction):
    """z = √(Σ x²); where it is 0 the slope is taken as 0"""

    def forward(self, x):
        return np.sqrt((x * x).sum(axis=self.axis, keepdims=self.keepdims))

    def dx(self, dz, z, x):
        z = self.with_axes(z)
        return self.with_axes(dz) * (z != 0) * x / (z + (z == 0))

    vjps = (dx,)


class OneNorm(Reduction):
    """z = Σ |x|; where an element is 0 its slope is taken as 0"""

    def forward(self, x):
        return np.abs(x).sum(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        return self.with_axes(dz) * np.sign(x)

    vjps = (dx,)


class PNorm(Reduction):
    """z = (Σ |x|ᵖ)^(1/p); where it is 0 the slope is taken as 0"""

    def __init__(self, p, axis=None, keepdims=False):
        super().__init__(axis, keepdims)
        self.p = p

    def forward(self, x):
        return (np.abs(x) ** self.p).sum(axis=self.axis, keepdims=self.keepdims) ** (1 / self.p)

    def dx(self, dz, z, x):
        z = self.with_axes(z)
        return self.with_axes(dz) * (z != 0) * np.sign(x) * ((np.abs(x) + (z == 0)) / (z + (z == 0))) ** (self.p - 1)

    vjps = (dx,)


@operation(np.linalg.norm, method=True)
@with_numbers_given
def norm(x: Operand, ord: float | Literal["fro", "nuc"] | None = None, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The norm of vectors or matrices.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    ord : number, "fro" or "nuc", optional
        None or "fro": √(Σ x²), whose slope at 0 is taken as 0. Of vectors, p: (Σ |x|ᵖ)^(1/p), and inf, −inf: the largest
        and the smallest |x|; 0: how many are not 0, whose slope is 0. Of matrices, 1 and inf (−1 and −inf): the largest
        (smallest) sum of |x| in a column, in a row; 2 (−2): the largest (smallest) singular value; "nuc": their sum, to
        whose gradient those that are 0 add nothing.
    axis : int or pair of int, optional
        One axis for vectors, two for matrices; all of x if None.
    keepdims : bool, optional
        Whether these axes stay, with length 1.

    Returns
    -------
    Tensor
        Of x's shape without these axes, or with length 1 there.

    Raises
    ------
    ValueError
        For other orders.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([3.0, -4.0]).norm(), Tensor([3.0, -4.0]).norm(1)
    (Tensor(5.), Tensor(7.))
    """
    x, axes = as_floating(x), all_axes(axis, ndim_of(x), "norm")
    if ord is None or (ord == "fro" and len(axes) == 2):
        return _of_vectors(x, 2, axes, keepdims)
    if len(axes) == 1 and ord not in ("fro", "nuc"):
        return _of_vectors(x, ord, axes, keepdims)
    if len(axes) == 2 and ord in (1, -1, math.inf, -math.inf):
        added, compared = axes if math.isfinite(ord) else axes[::-1]
        z = (max if ord > 0 else min)(sum(abs(x), added, keepdims=True), compared, keepdims=True)
        return z if keepdims else squeeze(z, axes)
    if len(axes) == 2 and ord in (2, -2, "nuc"):
        z = _spectral(svdvals(moveaxis(x, axes, (-2, -1))), ord)
        return expand_dims(z, axes) if keepdims else z
    raise _no_order(ord, len(axes))


def _no_order(ord, ndim):
    """The exception for an order that norms of vectors, or of matrices, do not have."""
    return ValueError(
        f"norm(ord={ord!r}) over {ndim} axes is not one that microgradnn can differentiate.\n"
        "Of vectors there is every number p, with inf and -inf; of matrices None or 'fro', 'nuc', 1, -1, 2, -2, inf and -inf."
    )


def _of_vectors(x, ord, axes, keepdims):
    """The norm of the elements along some axes, taken as one vector."""
    axis = axes[0] if len(axes) == 1 else axes
    if ord == 2:
        refuse_complex("norm", x)
        return Norm(axis, keepdims)(x)
    if ord == 1:
        return OneNorm(axis, keepdims)(x)
    if ord == 0:
        return sum(sign(abs(x)), axis, keepdims=keepdims)
    if ord in (math.inf, -math.inf):
        return (max if ord > 0 else min)(abs(x), axis, keepdims=keepdims)
    return PNorm(ord, axis, keepdims)(x)


def _spectral(s, ord):
    """The largest (2), the smallest (−2), or the sum ("nuc") of singular values s."""
    if ord == "nuc":
        return sum(where(is_zero(s), 0.0, s), -1)
    return max(s, -1) if ord == 2 else min(s, -1)


@operation(np.linalg.vector_norm)
@with_numbers_given
def vector_norm(x: Operand, /, *, axis: Axes = None, keepdims: bool = False, ord: float = 2) -> Tensor:
    """The norm of the elements along an axis, several, or all of them if None, taken as one vector.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or tuple of int, optional
        Along which axes; all of them if None.
    keepdims : bool, optional
        Whether these axes stay, with length 1.
    ord : number, optional
        As for vectors in `norm`.

    Returns
    -------
    Tensor
        Of x's shape without these axes, or with length 1 there.

    Examples
    --------
    >>> from microgradnn import Tensor, vector_norm
    >>> vector_norm(Tensor([[3.0, 0.0], [0.0, -4.0]]))
    Tensor(5.)
    """
    if isinstance(ord, str):
        raise _no_order(ord, 1)
    return _of_vectors(as_floating(x), 2 if ord is None else ord, all_axes(axis, ndim_of(x), "vector_norm"), keepdims)


@operation(np.linalg.matrix_norm)
@with_numbers_given
def matrix_norm(x: Operand, /, *, keepdims: bool = False, ord: float | Literal["fro", "nuc"] | None = "fro") -> Tensor:
    """The norm of a matrix, or of each of a batch: `norm` over the last two axes.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., m, n).
    keepdims : bool, optional
        Whether the last two axes stay, with length 1.
    ord : number, "fro" or "nuc", optional
        As for matrices in `norm`.

    Returns
    -------
    Tensor
        Of shape (...).

    Examples
    --------
    >>> from microgradnn import Tensor, matrix_norm
    >>> matrix_norm(Tensor([[3.0, 0.0], [0.0, -4.0]]), ord="nuc")
    Tensor(7.)
    """
    return norm(x, ord, (-2, -1), keepdims)


@operation(np.linalg.cond)
@with_numbers_given
def cond(x: Operand, p: float | Literal["fro", "nuc"] | None = None) -> Tensor:
    """The condition number of a matrix, or of each of a batch: by how much solving with it may enlarge an error.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., m, n); square for any p but None, 2 and −2.
    p : number, "fro" or "nuc", optional
        None or 2: the largest singular value by the smallest; −2 the other way round. Else ‖x‖ ‖x⁻¹‖, in that norm.

    Returns
    -------
    Tensor
        Of shape (...).

    Raises
    ------
    LinAlgError
        If x is not square, or singular, where its inverse is needed.

    Examples
    --------
    >>> from microgradnn import Tensor, cond
    >>> cond(Tensor([[3.0, 0.0], [0.0, 2.0]]))
    Tensor(1.5)
    """
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)
