"""Products of vectors and matrices. The legend is in ops/__init__.py.

Axes in front of the last two are a batch of matrices. `Matmul` and `Cross` have rules; the others are said with
`matmul`, or with products of elements.
"""

from __future__ import annotations

import math
from operator import index
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..errors import describe, refuse_complex
from ..graph import Op, ndim_of, shape_of
from ..tensor import called_by, operation
from .arithmetic import multiply
from .conversion import in_dtype_of
from .reduction import sum
from .shaping import expand_dims, moveaxis, ravel, reshape, transpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..annotations import Axis, Operand
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


_matmul = Matmul().__call__


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


@operation(getattr(np, "matvec", None))  # NumPy has it since 2.2
def matvec(x1: Operand, x2: Operand) -> Tensor:
    """A matrix times a vector, or each of a batch: z[..., i] = Σₖ x1[..., i, k] x2[..., k].

    Parameters
    ----------
    x1 : Tensor or array
        Of shape (..., n, k).
    x2 : Tensor or array
        Of shape (..., k). The axes in front are a batch, and broadcast.

    Returns
    -------
    Tensor
        Of shape (..., n).

    Raises
    ------
    ValueError
        If k differs, or an operand has too few axes.

    Examples
    --------
    >>> from microgradnn import Tensor, matvec
    >>> matvec(Tensor([[1.0, 0.0], [2.0, 3.0]]), [1.0, 10.0])
    Tensor([ 1., 32.])
    """
    _need_axes("matvec", (x1, 2), (x2, 1))
    return _matmul(x1, x2) if ndim_of(x2) == 1 else _matmul(x1, expand_dims(x2, -1))[..., 0]


@operation(getattr(np, "vecmat", None))
def vecmat(x1: Operand, x2: Operand) -> Tensor:
    """A vector times a matrix, or each of a batch: z[..., j] = Σₖ x1[..., k] x2[..., k, j].

    Parameters
    ----------
    x1 : Tensor or array
        Of shape (..., k). Real: of complex numbers NumPy would take the conjugate.
    x2 : Tensor or array
        Of shape (..., k, n). The axes in front are a batch, and broadcast.

    Returns
    -------
    Tensor
        Of shape (..., n).

    Raises
    ------
    ValueError
        If k differs, or an operand has too few axes.

    Examples
    --------
    >>> from microgradnn import Tensor, vecmat
    >>> vecmat([1.0, 10.0], Tensor([[1.0, 0.0], [2.0, 3.0]]))
    Tensor([21., 30.])
    """
    _need_axes("vecmat", (x1, 1), (x2, 2))
    refuse_complex("vecmat", x1)
    return _matmul(x1, x2) if ndim_of(x1) == 1 else _matmul(expand_dims(x1, -2), x2)[..., 0, :]


@operation(np.vecdot, np.linalg.vecdot)
def vecdot(x1: Operand, x2: Operand, *, axis: int = -1) -> Tensor:
    """The scalar products of vectors along an axis: z[...] = Σₖ x1[..., k] x2[..., k].

    Parameters
    ----------
    x1, x2 : Tensor or array
        Of shapes that broadcast, but for the axis, whose length is the same. Real: of complex numbers NumPy would take the
        conjugate of x1.
    axis : int, optional
        Along which axis the vectors lie.

    Returns
    -------
    Tensor
        Without this axis.

    Raises
    ------
    ValueError
        If the vectors differ in length.

    Examples
    --------
    >>> from microgradnn import Tensor, vecdot
    >>> vecdot(Tensor([[1.0, 2.0], [3.0, 4.0]]), [1.0, 10.0])
    Tensor([21., 43.])
    """
    _need_axes("vecdot", (x1, 1), (x2, 1))
    refuse_complex("vecdot", x1)
    if axis != -1:
        x1, x2 = moveaxis(x1, axis, -1), moveaxis(x2, axis, -1)
    if shape_of(x1)[-1] != shape_of(x2)[-1]:
        raise ValueError(f"vecdot cannot be computed for {describe(x1)} and {describe(x2)}: the vectors differ in length.")
    products = multiply(x1, x2)
    z = sum(products, -1)
    return in_dtype_of(products, z) if products.dtype.kind in "biu" else z  # small whole numbers stay as small as in NumPy


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
    shape_x, shape_y = shape_of(x), shape_of(y)
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
    return multiply(reshape(x, (-1, 1)), y if ndim_of(y) == 1 else ravel(y))


@called_by(np.linalg.outer)
def outer_of_vectors(x1: Operand, x2: Operand, /) -> Tensor:
    """`outer`, of vectors alone, as in `numpy.linalg`."""
    if ndim_of(x1) != 1 or ndim_of(x2) != 1:
        raise ValueError(
            f"np.linalg.outer is for vectors; it was given {describe(x1)} and {describe(x2)}. np.outer flattens them."
        )
    return outer(x1, x2)


@operation(np.tensordot, np.linalg.tensordot)
def tensordot(x: Operand, y: Operand, axes: int | Sequence[int] | Sequence[Sequence[int]] = 2) -> Tensor:
    """The sum of products over some axes of x and as many of y.

    Parameters
    ----------
    x, y : Tensor or array
        Of any shapes.
    axes : int or pair of axes, optional
        How many: the last of x, and the first of y, in order. Or which: an axis, or several, of x, and those of y.

    Returns
    -------
    Tensor
        With the other axes of x, and then those of y.

    Raises
    ------
    ValueError
        If there are not as many axes of each, of the same lengths.

    Examples
    --------
    >>> from microgradnn import Tensor, tensordot
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> tensordot(x, x), tensordot(x, [1.0, 10.0], axes=(0, 0))
    (Tensor(30.), Tensor([31., 42.]))
    """
    ndim_x, ndim_y = ndim_of(x), ndim_of(y)
    if ndim_of(axes) == 0:
        axes = range(ndim_x - index(axes), ndim_x), range(index(axes))
    axes_x, axes_y = (normalize_axis_tuple(some, ndim, "tensordot") for some, ndim in zip(axes, (ndim_x, ndim_y), strict=True))
    shape_x, shape_y = shape_of(x), shape_of(y)
    lengths = [shape_x[i] for i in axes_x]
    if lengths != [shape_y[i] for i in axes_y]:
        raise ValueError(
            f"tensordot cannot be computed for {describe(x)} and {describe(y)}: the axes {axes_x} of the first have other "
            f"lengths than the axes {axes_y} of the second."
        )
    rows = [length for i, length in enumerate(shape_x) if i not in axes_x]
    columns = [length for i, length in enumerate(shape_y) if i not in axes_y]
    inner_size = math.prod(lengths)
    x = reshape(moveaxis(x, axes_x, range(len(rows), ndim_x)), (math.prod(rows), inner_size))
    y = reshape(moveaxis(y, axes_y, range(len(axes_y))), (inner_size, math.prod(columns)))
    return reshape(_matmul(x, y), (*rows, *columns))


@operation(np.inner)
def inner(x: Operand, y: Operand) -> Tensor:
    """The sum of products over the last axis of x and the last of y; numbers multiply.

    Parameters
    ----------
    x, y : Tensor, array or number
        Of shapes (..., k).

    Returns
    -------
    Tensor
        With the other axes of x, and then those of y.

    Raises
    ------
    ValueError
        If k differs.

    Examples
    --------
    >>> from microgradnn import Tensor, inner
    >>> inner(Tensor([[1.0, 2.0], [3.0, 4.0]]), [1.0, 10.0])
    Tensor([21., 43.])
    """
    if ndim_of(x) == 0 or ndim_of(y) == 0:
        return multiply(x, y)
    if ndim_of(y) > 2 or shape_of(x)[-1] != shape_of(y)[-1]:
        return tensordot(x, y, (-1, -1))
    return _matmul(x, transpose(y))


@operation(np.vdot)
def vdot(x: Operand, y: Operand) -> Tensor:
    """The scalar product of all elements, in order: Σ x y.

    Parameters
    ----------
    x, y : Tensor, array or number
        Of as many elements; they are flattened. Real: of complex numbers NumPy would take the conjugate of x.

    Returns
    -------
    Tensor
        One number.

    Raises
    ------
    ValueError
        If there are not as many elements.

    Examples
    --------
    >>> from microgradnn import Tensor, vdot
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> vdot(x, x)
    Tensor(30.)
    """
    refuse_complex("vdot", x)
    return _matmul(ravel(x), ravel(y))


@operation(np.kron)
def kron(x: Operand, y: Operand) -> Tensor:
    """The Kronecker product: each element of x times all of y, in its place as a block.

    Parameters
    ----------
    x, y : Tensor, array or number
        Of any shapes; the one with fewer axes gets axes of length 1 in front.

    Returns
    -------
    Tensor
        Whose lengths are the products of those of x and y.

    Examples
    --------
    >>> from microgradnn import Tensor, kron
    >>> kron(Tensor([[1.0, 2.0]]), [[1.0], [10.0]])
    Tensor([[ 1.,  2.],
            [10., 20.]])
    """
    ndim = max(ndim_of(x), ndim_of(y))
    shape_x = (1,) * (ndim - ndim_of(x)) + shape_of(x)
    shape_y = (1,) * (ndim - ndim_of(y)) + shape_of(y)
    blocks = reshape(x, [part for length in shape_x for part in (length, 1)])
    block = reshape(y, [part for length in shape_y for part in (1, length)])
    return reshape(multiply(blocks, block), [n * m for n, m in zip(shape_x, shape_y, strict=True)])


class Cross(Op):
    """z = x × y, along the last axis"""

    makes_plain_arrays = True

    def forward(self, x, y):
        return np.cross(x, y)

    def dx(self, dz, z, x, y):
        return np.cross(y, dz)

    def dy(self, dz, z, x, y):
        return np.cross(dz, x)

    vjps = dx, dy


@operation(np.cross, np.linalg.cross)
def cross(x: Operand, y: Operand, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Axis = None) -> Tensor:
    """The cross product of vectors in space: orthogonal to both, x₂y₃ − x₃y₂, x₃y₁ − x₁y₃, x₁y₂ − x₂y₁.

    Parameters
    ----------
    x, y : Tensor or array
        Of shapes that broadcast, but for the axis along which the three numbers of a vector lie.
    axisa, axisb, axisc : int, optional
        Which axis that is of x, of y, and of the result.
    axis : int, optional
        The same for all three.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a vector has not three numbers. (Of vectors in the plane: x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0].)

    Examples
    --------
    >>> from microgradnn import Tensor, cross
    >>> cross(Tensor([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0])
    Tensor([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    _need_axes("cross", (x, 1), (y, 1))
    x, y = (x if axis == -1 else moveaxis(x, axis, -1) for x, axis in ((x, axisa), (y, axisb)))
    if shape_of(x)[-1] != 3 or shape_of(y)[-1] != 3:
        raise ValueError(
            f"cross is for vectors of three numbers, along the last axis; it was given {describe(x)} and {describe(y)}.\n"
            "In the plane: x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]."
        )
    z = Cross()(x, y)
    return z if axisc == -1 else moveaxis(z, -1, axisc)


def _need_axes(name, *operands):
    """Refuse an operand that has fewer axes than a vector, or a matrix."""
    for x, ndim in operands:
        if ndim_of(x) < ndim:
            raise ValueError(f"{name} cannot be computed for {describe(x)}: it needs {ndim} axes or more.")
