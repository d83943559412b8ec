"""Determinants, whose slope is the matrix of cofactors. The legend is in ops/__init__.py.

Axes in front of the last two are a batch of matrices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Node, Op, constant, values_of
from ..tensor import operation
from .decompositions import refuse_infinite
from .reduction import products_before

if TYPE_CHECKING:
    from numpy.linalg._linalg import SlogdetResult

    from ..annotations import Operand
    from ..tensor import Tensor


LARGEST_EXPANDED = 6  # rows of a matrix whose cofactors are computed one by one, by determinants of what is left
WORST_INVERTED = 1e3  # condition number of a larger one; beyond it det(x) · x⁻ᵀ and its derivatives lose their digits


class Det(Op):
    """z = det x"""

    makes_plain_arrays = True

    def forward(self, x):
        return np.linalg.det(x)

    def dx(self, dz, z, x):
        if x.shape[-1] <= LARGEST_EXPANDED:
            return dz[..., None, None] * _cofactors(x)
        refuse_infinite(values_of(x), "det's slope")
        if np.all(np.linalg.cond(values_of(x)) < WORST_INVERTED):
            return (dz * z)[..., None, None] * _inverse_transposed(x)
        return dz[..., None, None] * Cofactors()(x)

    vjps = (dx,)


class Cofactors(Op):
    """z = the cofactors of x: det(x) x⁻ᵀ, and right also where x has no inverse

    Between the singular vectors x is diagonal, and there a cofactor is the product of the other singular values. The slope
    of a cofactor is made of the products without two of them; nothing is divided, so small ones do no harm.
    """

    def forward(self, x):
        refuse_infinite(x, "det's slope")
        u, s, vt = np.linalg.svd(x)
        return _orientation(u, vt) * (u * _products_of_others(s)[..., None, :]) @ vt

    def dx(self, dz, z, x):
        u, s, vt = np.linalg.svd(x)
        same = np.eye(s.shape[-1], dtype=bool)
        without_two = np.where(same, 0, _products_of_others(np.where(same, 1, s[..., None, :])))
        turned = u.swapaxes(-1, -2) @ dz @ vt.swapaxes(-1, -2)
        on_diagonal = without_two @ (turned * same).sum(-1)[..., None]
        return _orientation(u, vt) * u @ (on_diagonal * same - without_two * turned.swapaxes(-1, -2)) @ vt

    vjps = (dx,)


@operation(np.linalg.det, method=True)
def det(x: Operand) -> Tensor:
    """The determinant of a matrix, or of each of a batch. Parameters as for `inv`.

    The gradient, the matrix of cofactors, is right for a singular x too, and so are its derivatives.

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

    makes_plain_arrays = True

    def forward(self, x):
        return np.linalg.slogdet(x).logabsdet

    def dx(self, dz, z, x):
        return dz[..., None, None] * _inverse_transposed(x)

    vjps = (dx,)


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
    values: Any = np.linalg.slogdet(values_of(x))
    if not isinstance(x, Node):
        return values
    return values._replace(sign=constant(type(x), values.sign), logabsdet=Logabsdet()(x))


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


def _products_of_others(s):
    """Of each number along the last axis, the product of all others."""
    after = np.flip(products_before(np.flip(s, -1), -1), -1)
    return products_before(s, -1) * after


def _orientation(u, vt):
    """Whether two orthogonal matrices turn, 1, or also mirror, −1: the sign of det(u) det(vt), as a 1 × 1 matrix."""
    return np.sign(np.linalg.det(values_of(u)) * np.linalg.det(values_of(vt)))[..., None, None]
