"""Products of vectors and matrices, and what undoes them. The legend is in ops/__init__.py.

Axes in front of the last two are a batch of matrices. The rules of inverses and determinants are those of M. Giles, An
extended collection of matrix derivative results for forward and reverse mode algorithmic differentiation (2008).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..graph import Node, Op, constant, values_of
from ..tensor import operation
from .arithmetic import multiply
from .shaping import moveaxis, ravel, reshape, swapaxes

if TYPE_CHECKING:
    from numpy.linalg._linalg import SlogdetResult

    from ..annotations import Operand
    from ..tensor import Tensor


class Matmul(Op):
    """z = x y, the matrix product: z[i, j] = Σₖ x[i, k] y[k, j]

    A 1-D x is a row, a 1-D y a column, and their axis of length 1 is left out of z. Further axes in front are a batch
    and broadcast.
    """

    def forward(self, x, y):
        return x @ y

    def dx(self, dz, z, x, y):
        if y.ndim == 1:
            return dz[..., None] * y if dz.ndim else dz * y  # the outer product of dz and the column y
        if x.ndim == 1:
            return y @ dz if y.ndim == 2 else (y @ dz[..., None])[..., 0]  # dz yᵀ for a row dz
        return dz @ y.swapaxes(-1, -2)

    def dy(self, dz, z, x, y):
        if x.ndim == 1 and y.ndim == 1:
            return x * dz
        if x.ndim == 1:
            return x[:, None] * dz[..., None, :]  # the outer product of the row x and dz
        if y.ndim == 1:
            return dz @ x if x.ndim == 2 else (dz[..., None, :] @ x)[..., 0, :]  # xᵀ dz for a column dz
        return x.swapaxes(-1, -2) @ dz

    vjps = dx, dy


_matmul = Matmul()


@operation(np.matmul, np.linalg.matmul, method=True)
def matmul(x: Operand, y: Operand) -> Tensor:
    """The matrix product x @ y.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., n, k), or (k,) for a row.
    y : Tensor or array
        Of shape (..., k, m), or (k,) for a column. The axes in front are a batch, and broadcast.

    Returns
    -------
    Tensor
        Of shape (..., n, m), without the axis of a row or a column.

    Raises
    ------
    ValueError
        If k differs.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0]) @ Tensor([[1.0, 0.0, 3.0], [0.0, 1.0, 4.0]])
    Tensor([ 1.,  2., 11.])
    """
    return _matmul(x, y)


class Solve(Op):
    """z = a⁻¹ b, the matrix for which a z = b"""

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
    if np.ndim(b) == 1:
        return Solve()(a, reshape(b, (-1, 1)))[..., 0]
    return Solve()(a, b)


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


LARGEST_EXPANDED = 6  # rows of a matrix whose cofactors are computed one by one
WORST_INVERTED = 1e6  # condition number of a larger one; beyond it det(x) · x⁻ᵀ and its derivatives lose their digits


class Det(Op):
    """z = det x"""

    def forward(self, x):
        return np.linalg.det(x)

    def dx(self, dz, z, x):
        is_exact = x.shape[-1] > LARGEST_EXPANDED and np.all(np.linalg.cond(values_of(x)) < WORST_INVERTED)
        return dz[..., None, None] * (z[..., None, None] * _inverse_transposed(x) if is_exact else _cofactors(x))

    vjps = (dx,)


@operation(np.linalg.det, method=True)
def det(x: Operand) -> Tensor:
    """The determinant of a matrix, or of each of a batch. Parameters as for `inv`.

    The gradient, the matrix of cofactors, is right for a singular x too; there it takes n² determinants.

    Returns
    -------
    Tensor
        Of shape (...): one number for each matrix.

    Raises
    ------
    LinAlgError
        If x is not square.

    Examples
    --------
    >>> from microgradnn import Tensor, det
    >>> x = Tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    >>> det(x).backward()
    >>> x.grad
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    return Det()(x)


class Logabsdet(Op):
    """z = log |det x|"""

    def forward(self, x):
        return np.linalg.slogdet(x).logabsdet

    def dx(self, dz, z, x):
        return dz[..., None, None] * _inverse_transposed(x)

    vjps = (dx,)


class Cholesky(Op):
    """z = the lower triangular matrix for which z zᵀ = x; of x, which is symmetric, only the lower triangle is read"""

    def forward(self, x):
        return np.linalg.cholesky(x)

    def dx(self, dz, z, x):
        inverse = np.linalg.inv(z)
        s = inverse.swapaxes(-1, -2) @ _half_lower(z.swapaxes(-1, -2) @ dz) @ inverse
        return _half_lower(s + s.swapaxes(-1, -2))

    vjps = (dx,)


@operation(np.linalg.cholesky, method=True)
def cholesky(x: Operand, *, upper: bool = False) -> Tensor:
    """The lower triangular matrix z for which z zᵀ = x.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., n, n), symmetric and positive definite. Only the lower triangle is read, as by NumPy; so the gradient
        above the diagonal is 0, and below it counts for both places.
    upper : bool, optional
        Read the upper triangle instead, and return zᵀ.

    Returns
    -------
    Tensor
        Of x's shape.

    Raises
    ------
    LinAlgError
        If x is not positive definite.

    Examples
    --------
    >>> from microgradnn import Tensor, cholesky
    >>> cholesky(Tensor([[4.0, 2.0], [2.0, 5.0]]))
    Tensor([[2., 0.],
            [1., 2.]])
    """
    if upper:
        return swapaxes(cholesky(swapaxes(x, -1, -2)), -1, -2)
    return Cholesky()(x)


def _inverse_transposed(x):
    return np.linalg.inv(x).swapaxes(-1, -2)


def _cofactors(x):
    """For each element of a matrix, ± the determinant of what is left without its row and column.

    It is det(x) · x⁻ᵀ wherever there is an inverse, and also right where there is none.
    """
    n = x.shape[-1]
    others = np.array([[j for j in range(n) if j != i] for i in range(n)], int).reshape(n, max(n - 1, 0))
    minors = x[..., others[:, None, :, None], others[None, :, None, :]]
    signs = (-1) ** np.add.outer(np.arange(n), np.arange(n)).astype(x.dtype)
    return np.linalg.det(minors) * signs


def _half_lower(x):
    """The lower triangle, with half of the diagonal."""
    return np.tril(x) * (1 - np.eye(x.shape[-1], dtype=x.dtype) / 2)


@operation(np.dot, method=True)
def dot(x: Operand, y: Operand) -> Tensor:
    """The sum of products over the last axis of x and the second-to-last of y (its only one, if y is 1-D).

    For vectors and matrices it is x @ y; numbers multiply. Further axes of x and then those of y stand in the result, where
    `matmul` would broadcast them.

    Parameters
    ----------
    x : Tensor, array or number
        Of shape (..., k).
    y : Tensor, array or number
        Of shape (..., k, m), or (k,).

    Returns
    -------
    Tensor
        Of x's shape without its last axis, followed by y's without that of length k.

    Raises
    ------
    ValueError
        If the axes differ in length.

    Examples
    --------
    >>> from microgradnn import Tensor, dot
    >>> dot(Tensor([1.0, 2.0]), Tensor([3.0, 4.0]))
    Tensor(11.)
    """
    shape_x, shape_y = np.shape(x), np.shape(y)
    if not shape_x or not shape_y:
        return multiply(x, y)
    if len(shape_y) <= 2:
        return _matmul(x, y)
    columns = moveaxis(y, -2, 0)
    z = _matmul(x, reshape(columns, (shape_y[-2], math.prod(shape_y[:-2]) * shape_y[-1])))
    return reshape(z, (*shape_x[:-1], *shape_y[:-2], shape_y[-1]))


@operation(np.outer, method=True)
def outer(x: Operand, y: Operand) -> Tensor:
    """All products of an element of x with one of y: z[i, j] = x[i] y[j], each in one row.

    Parameters
    ----------
    x, y : Tensor, array or number
        Of any shapes; their elements are flattened.

    Returns
    -------
    Tensor
        Of shape (x.size, y.size).

    Examples
    --------
    >>> from microgradnn import Tensor, outer
    >>> outer(Tensor([1.0, 2.0]), [1.0, 10.0])
    Tensor([[ 1., 10.],
            [ 2., 20.]])
    """
    return reshape(x, (-1, 1)) * ravel(y)


@operation(np.linalg.slogdet, method=True)
def slogdet(x: Operand) -> SlogdetResult:
    """The sign of the determinant, and the logarithm of its size, where the determinant itself may be too large or small.

    Parameters as for `inv`.

    Returns
    -------
    SlogdetResult
        NumPy's pair of `sign`, a Tensor without gradient, and `logabsdet`, one number each for each matrix. For a singular x
        the logarithm is −inf, and has no slope: the backward pass raises LinAlgError.

    Raises
    ------
    LinAlgError
        If x is not square.

    Examples
    --------
    >>> from microgradnn import Tensor, slogdet
    >>> sign, logabsdet = slogdet(Tensor([[0.0, 1.0], [1.0, 0.0]]))
    >>> sign, logabsdet
    (Tensor(-1.), Tensor(0.))
    """
    values = np.linalg.slogdet(values_of(x))
    if not isinstance(x, Node):
        return values
    return values._replace(sign=constant(type(x), values.sign), logabsdet=Logabsdet()(x))
