"""What undoes products of matrices, exactly or as well as can be. The legend is in ops/__init__.py.

Axes in front of the last two are a batch of matrices. The rules of inverses are those of M. Giles, An
extended collection of matrix derivative results for forward and reverse mode algorithmic differentiation (2008).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe, refuse_complex
from ..graph import Op, ndim_of, shape_of, values_of
from ..tensor import operation
from .conversion import as_floating
from .decompositions import as_constants, is_recorded, refuse_infinite, svdvals
from .diagonals import tril, triu
from .indexing import getitem
from .shaping import moveaxis, ravel, reshape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..annotations import Operand
    from ..tensor import Tensor


class Solve(Op):
    """z = a⁻¹ b, the matrix for which a z = b"""

    makes_plain_arrays = True

    def forward(self, a, b):
        return np.linalg.solve(a, b)

    def da(self, dz, z, a, b):
        return -np.linalg.solve(a.swapaxes(-1, -2), dz) @ z.swapaxes(-1, -2)

    def db(self, dz, z, a, b):
        return np.linalg.solve(a.swapaxes(-1, -2), dz)

    vjps = da, db


@operation(np.linalg.solve)
def solve(a: Operand, b: Operand) -> Tensor:
    """The z for which a z = b: a⁻¹ b, without the inverse.

    Parameters
    ----------
    a : Tensor or array
        Of shape (..., n, n).
    b : Tensor or array
        Of shape (n,), or (..., n, k) for k columns. The axes in front are a batch, and broadcast.

    Returns
    -------
    Tensor
        Of b's shape, with the broadcast batch in front.

    Raises
    ------
    LinAlgError
        If a is singular or not square.

    Examples
    --------
    >>> from microgradnn import Tensor, solve
    >>> solve(Tensor([[2.0, 0.0], [0.0, 4.0]]), [1.0, 1.0])
    Tensor([0.5 , 0.25])
    """
    if ndim_of(b) == 1:
        return Solve()(a, reshape(b, (-1, 1)))[..., 0]
    return Solve()(a, b)


@operation()
def solve_triangular(a: Operand, b: Operand, lower: bool = False) -> Tensor:
    """The z for which a z = b, where one triangle of a counts: what lies in the other is taken for 0, and gets no gradient.

    As `scipy.linalg.solve_triangular`; of a Cholesky factor L, `solve_triangular(L, b, lower=True)`.

    Parameters
    ----------
    a, b : Tensor or array
        As for `solve`.
    lower : bool, optional
        Whether it is the lower triangle; else the upper one.

    Returns
    -------
    Tensor
        Of b's shape, with the broadcast batch in front.

    Raises
    ------
    LinAlgError
        If a number on the diagonal is 0, or a is not square.

    Examples
    --------
    >>> from microgradnn import Tensor, solve_triangular
    >>> solve_triangular(Tensor([[2.0, 9.0], [1.0, 4.0]]), [2.0, 5.0], lower=True)
    Tensor([1., 1.])
    """
    return solve(tril(a) if lower else triu(a), b)


class Inv(Op):
    """z = x⁻¹, the matrix for which x z = 1"""

    def forward(self, x):
        return np.linalg.inv(x)

    def dx(self, dz, z, x):
        transposed = z.swapaxes(-1, -2)
        return -transposed @ dz @ transposed

    vjps = (dx,)


@operation(np.linalg.inv, method=True)
def inv(x: Operand) -> Tensor:
    """The inverse of a matrix, or of each of a batch.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., n, n).

    Returns
    -------
    Tensor
        Of x's shape.

    Raises
    ------
    LinAlgError
        If x is singular or not square.

    Examples
    --------
    >>> from microgradnn import Tensor, inv
    >>> inv(Tensor([[2.0, 0.0], [0.0, 4.0]]))
    Tensor([[0.5 , 0.  ],
            [0.  , 0.25]])
    """
    return Inv()(x)


class Pinv(Op):
    """z = x⁺, the pseudo-inverse of a matrix with independent rows or columns; of what is below rcond nothing is left"""

    def __init__(self, rcond=None):
        self.rcond = rcond

    def forward(self, x):
        refuse_infinite(x, "pinv")
        return np.linalg.pinv(x, self.rcond)

    def dx(self, dz, z, x):
        rows, columns = x.shape[-2:]
        _refuse_lower_rank(values_of(x), self.rcond)
        zt, dzt = z.swapaxes(-1, -2), dz.swapaxes(-1, -2)
        dx = -zt @ dz @ zt
        if rows > columns:
            dx = dx + (dzt - x @ (z @ dzt)) @ z @ zt
        if columns > rows:
            dx = dx + zt @ z @ (dzt - (dzt @ z) @ x)
        return dx

    vjps = (dx,)


@operation(np.linalg.pinv)
def pinv(x: Operand, rcond: float | None = None, hermitian: bool = False, *, rtol: Any = ...) -> Tensor:
    """The pseudo-inverse x⁺: x⁺ b is the least-squares solution of x z = b, of several the shortest.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., m, n).
    rcond, rtol : float or None, optional
        Singular values below this part of the largest count as 0. The two mean the same, but for None: as rcond it is 1e-15,
        as rtol the precision times max(m, n).
    hermitian : bool, optional
        True is refused where a gradient is required.

    Returns
    -------
    Tensor
        Of shape (..., n, m).

    Raises
    ------
    ValueError
        If `hermitian` is asked for where a gradient is required.
    LinAlgError
        In the backward pass, if neither the rows nor the columns are independent: there x⁺ is not even continuous.

    Notes
    -----
    G. H. Golub and V. Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
    separate (1973).

    Examples
    --------
    >>> from microgradnn import Tensor, pinv
    >>> pinv(Tensor([[1.0], [1.0]]))
    Tensor([[0.5, 0.5]])
    """
    if rtol is not ...:
        rcond = max(shape_of(x)[-2:]) * np.finfo(values_of(x).dtype).eps if rtol is None else rtol
    if not is_recorded(x, "pinv"):
        return as_constants(x, np.linalg.pinv(values_of(x), rcond, hermitian))
    if hermitian:
        raise ValueError(f"pinv(hermitian=True) has no gradient for {describe(x)}: leave hermitian out.")
    return Pinv(rcond)(x)


def _refuse_lower_rank(x, rcond):
    """Refuse the gradient of a pseudo-inverse where a singular value counts as 0."""
    s = np.linalg.svdvals(x)
    least = np.maximum(np.finfo(s.dtype).eps * max(x.shape[-2:]), 0 if rcond is None else rcond)
    if np.any(s <= (least * np.max(s, -1, initial=0))[..., None]):
        raise lower_rank("pinv")


def lower_rank(name):
    """The exception to raise where a pseudo-inverse would be differentiated that jumps."""
    return np.linalg.LinAlgError(
        f"{name}: neither the rows nor the columns of the matrix are independent, up to rounding or rcond: there its "
        "pseudo-inverse jumps, and has no derivative.\nA small multiple of the identity helps: (xᵀx + λI)⁻¹ xᵀ."
    )


class Lstsq(Op):
    """z = a⁺ b, the z that makes ‖a z − b‖² least, for a matrix with independent rows or columns"""

    makes_plain_arrays = True

    def __init__(self, rcond=-1):
        self.rcond = rcond

    def forward(self, a, b):
        if np.isnan(a).any():
            raise np.linalg.LinAlgError("lstsq: there is a NaN in the matrix.")  # LAPACK would also say it to the terminal
        refuse_infinite(a, "lstsq")
        return np.linalg.lstsq(a, b, self.rcond)[0]

    def da(self, dz, z, a, b):
        rows, columns = a.shape
        dz, z, b = map(as_columns, (dz, z, b))
        if rows == columns:
            return -(self.inverse(a, a).T @ dz) @ z.T
        q, r = np.linalg.qr(a if rows > columns else a.T)
        inverse = self.inverse(r, a)
        if columns > rows:  # a⁺ = q r⁻ᵀ
            db = inverse @ (q.T @ dz)
            return inverse @ (q.T @ z) @ (dz - a.T @ db).T - db @ z.T
        w = inverse.T @ dz  # a⁺ = r⁻¹ qᵀ
        return (b - a @ z) @ (inverse @ w).T - (q @ w) @ z.T

    def db(self, dz, z, a, b):
        rows, columns = a.shape
        if rows == columns:
            return self.inverse(a, a).T @ dz
        q, r = np.linalg.qr(a if rows > columns else a.T)
        inverse = self.inverse(r, a)
        return inverse @ (q.T @ dz) if columns > rows else q @ (inverse.T @ dz)

    def inverse(self, x, a):
        """The inverse of x, which is a itself or its r, with the same singular values, if a⁺ has a derivative."""
        try:
            inverse = np.linalg.inv(x)
        except np.linalg.LinAlgError:
            raise lower_rank("lstsq") from None
        least = max(self.rcond, max(a.shape) * np.finfo(a.dtype if a.dtype.kind == "f" else float).eps)  # symbols are objects
        # The largest singular value, divided by the smallest, is not more than this product: mostly these need not be known.
        if np.linalg.norm(values_of(x)) * np.linalg.norm(values_of(inverse)) * least >= 1:
            s = np.linalg.svdvals(values_of(x))  # descending
            if (s[-1:] <= least * s[:1]).any():
                raise lower_rank("lstsq")
        return inverse

    vjps = da, db


def as_columns(x):
    """x, or a row of numbers as a column."""
    return x if x.ndim == 2 else x[:, None]


class SquaredResiduals(Op):
    """z = Σ (a x − b)² in each column"""

    def forward(self, a, x, b):
        return np.square(a @ x - b).sum(axis=0)

    def da(self, dz, z, a, x, b):
        return 2 * dz * (a @ x - b) @ x.T

    def dx(self, dz, z, a, x, b):
        return a.T @ (2 * dz * (a @ x - b))

    def db(self, dz, z, a, x, b):
        return -2 * dz * (a @ x - b)

    vjps = da, dx, db


@operation(np.linalg.lstsq)
def lstsq(a: Operand, b: Operand, rcond: float | None = None) -> tuple[Tensor, Tensor, int, Tensor]:
    """The z that makes ‖a z − b‖² least; of several the shortest.

    Parameters
    ----------
    a : Tensor or array
        Of shape (m, n).
    b : Tensor or array
        Of shape (m,), or (m, k) for k systems.
    rcond : float, optional
        Singular values below this part of the largest count as 0; the precision times max(m, n) if None, the precision
        alone if negative.

    Returns
    -------
    solution : Tensor
        Of shape (n,) or (n, k): a⁺ b.
    residuals : Tensor
        ‖a z − b‖² of each system, of shape (1,) or (k,); empty if the rank is below n or m ≤ n.
    rank : int
    singular_values : Tensor
        Of shape (min(m, n),).

    Raises
    ------
    LinAlgError
        If a is no matrix; in the backward pass, if its rank is below min(m, n), as for `pinv`.

    Examples
    --------
    >>> from microgradnn import Tensor, lstsq
    >>> solution, residuals, rank, _ = lstsq(Tensor([[1.0], [1.0]]), [1.0, 3.0])
    >>> solution, residuals, rank
    (Tensor([2.]), Tensor([2.]), 1)
    """
    refuse_complex("lstsq", a)
    refuse_complex("lstsq", b)
    if ndim_of(a) != 2 or ndim_of(b) not in (1, 2):
        raise np.linalg.LinAlgError(
            f"lstsq is for a matrix, and one column or several; it was given {describe(a)}, {describe(b)}."
        )
    a, b = as_floating(a), as_floating(b)
    rows, columns = shape_of(a)
    s = svdvals(a)
    eps = np.finfo(s.dtype).eps
    rcond = eps * max(rows, columns) if rcond is None else eps if rcond < 0 else rcond
    rank = int(np.count_nonzero(values_of(s) > rcond * values_of(s).max(initial=0)))
    z, is_one = Lstsq(rcond)(a, b), ndim_of(b) == 1
    if rank == columns < rows:
        return z, SquaredResiduals()(a, *(reshape(x, (-1, 1)) if is_one else x for x in (z, b))), rank, s
    return z, getitem(z if is_one else ravel(z), slice(0)), rank, s


@operation(np.linalg.tensorinv)
def tensorinv(x: Operand, ind: int = 2) -> Tensor:
    """The inverse of what `tensordot` over the last axes does: x taken for a matrix of its first `ind` axes by the others.

    Parameters
    ----------
    x : Tensor or array
        The product of the first `ind` lengths is that of the others.
    ind : int, optional
        How many axes are those of the rows.

    Returns
    -------
    Tensor
        With the other axes first.

    Raises
    ------
    LinAlgError
        If the matrix is singular or not square.

    Examples
    --------
    >>> from microgradnn import Tensor, tensorinv
    >>> tensorinv(Tensor([[2.0, 0.0], [0.0, 4.0]]), ind=1)
    Tensor([[0.5 , 0.  ],
            [0.  , 0.25]])
    """
    shape = shape_of(x)
    if ind <= 0:
        raise ValueError(f"tensorinv: ind counts axes, and must be 1 or more; it is {ind}.")
    z = inv(reshape(x, (math.prod(shape[:ind]), math.prod(shape[ind:]))))
    return reshape(z, (*shape[ind:], *shape[:ind]))


@operation(np.linalg.tensorsolve)
def tensorsolve(a: Operand, b: Operand, axes: Sequence[int] | None = None) -> Tensor:
    """The z for which tensordot(a, z, z.ndim) = b.

    Parameters
    ----------
    a : Tensor or array
        Of b's shape, followed by that of z, which has as many elements.
    b : Tensor or array
        Of any shape.
    axes : sequence of int, optional
        Axes of a that are moved to its end first.

    Returns
    -------
    Tensor
        Of the shape that a has after b's.

    Raises
    ------
    LinAlgError
        If a, taken for a matrix, is singular or not square.

    Examples
    --------
    >>> from microgradnn import Tensor, tensorsolve
    >>> tensorsolve(Tensor([[2.0, 0.0], [0.0, 4.0]]), [1.0, 1.0])
    Tensor([0.5 , 0.25])
    """
    if axes is not None:
        a = moveaxis(a, axes, range(ndim_of(a) - len(axes), ndim_of(a)))
    shape = shape_of(a)[ndim_of(b) :]
    return reshape(solve(reshape(a, (-1, math.prod(shape))), ravel(b)), shape)
