"""Other axes for the same elements: their lengths and their order. The legend is in ops/__init__.py.

Their vjps move the upstream gradient back to where the elements came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..errors import describe
from ..graph import Op, as_array, ndim_of
from ..tensor import operation
from ..watching.calls import Own

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from ..annotations import Axes, Operand
    from ..tensor import Tensor


class Reshape(Op):
    """z = x with other lengths of the axes, the elements in the same order"""

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        return x.reshape(self.shape)

    def dx(self, dz, z, x):
        return dz.reshape(x.shape)

    vjps = (dx,)


@operation(np.reshape, method=True)
def reshape(
    x: Operand, *lengths: int | Sequence[int], shape: int | Sequence[int] | None = None, order: Literal["C", "F"] = "C"
) -> Tensor:
    """The same elements in the same order, with other lengths of the axes.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    *lengths : int or tuple of int
        The new lengths; one of them may be −1 and follows from the others.
    shape : int or tuple of int, optional
        The same, as NumPy calls it.
    order : {"C", "F"}, optional
        In which order the elements are taken and put: the last axis fastest, or the first, as in Fortran.

    Returns
    -------
    Tensor
        Of that shape.

    Raises
    ------
    ValueError
        If the number of elements would change.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0, 3.0, 4.0]).reshape(2, -1)
    Tensor([[1., 2.],
            [3., 4.]])
    """
    lengths = _one_tuple(lengths if shape is None else (shape,))
    if order == "C":
        return Reshape(lengths)(x)
    return transpose(Reshape(lengths[::-1])(_in_order("reshape", x, order)))


class Transpose(Op):
    """z = x with its axes in another order; reversed if no order is given"""

    def __init__(self, axes=None):
        self.axes = axes

    def forward(self, x):
        return x.T if self.axes is None else x.transpose(self.axes)

    def dx(self, dz, z, x):
        if self.axes is None:
            return dz.transpose()
        return dz.transpose(tuple(np.argsort([axis % x.ndim for axis in self.axes]).tolist()))

    vjps = (dx,)


@operation(np.transpose, np.permute_dims, method=True)
def transpose(x: Operand, *order: int | Sequence[int] | None, axes: Sequence[int] | None = None) -> Tensor:
    """The axes in another order; reversed if none is given.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    *order : int or tuple of int, optional
        For each axis of the result, the axis of x that it is.
    axes : tuple of int, optional
        The same, as NumPy calls it.

    Returns
    -------
    Tensor
        The same elements; its memory is that of x, as in NumPy.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).transpose()
    Tensor([[1., 3.],
            [2., 4.]])
    """
    order = order if axes is None else (axes,)
    return Transpose(None if order in ((), (None,)) else _one_tuple(order))(x)


class ExpandDims(Op):
    """z = x with new axes of length 1"""

    makes_plain_arrays = True

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        return np.expand_dims(x, self.axis)

    def dx(self, dz, z, x):
        return dz.reshape(x.shape)

    vjps = (dx,)


@operation(np.expand_dims, method=True)
def expand_dims(x: Operand, axis: int | tuple[int, ...]) -> Tensor:
    """x with a new axis of length 1 at each given position of the result.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or tuple of int
        The places in the result.

    Returns
    -------
    Tensor
        Of as many axes more.

    Examples
    --------
    >>> from microgradnn import Tensor, expand_dims
    >>> expand_dims(Tensor([1.0, 2.0]), 1).shape
    (2, 1)
    """
    return ExpandDims(axis)(x)


@operation(np.atleast_1d)
def atleast_1d(*xs: Operand) -> Any:
    """x, with an axis if it has none. Of several arrays a tuple.

    Parameters
    ----------
    *xs : Tensor or array
        Of any shapes.

    Returns
    -------
    Tensor or tuple of Tensor
        Each as it is, if it has as many axes.

    Examples
    --------
    >>> from microgradnn import Tensor, atleast_1d
    >>> atleast_1d(Tensor(5.0))
    Tensor([5.])
    """
    return _each(xs, [(0,)])


@operation(np.atleast_2d)
def atleast_2d(*xs: Operand) -> Any:
    """x with two axes or more: a vector becomes a row. Of several arrays a tuple.

    Parameters and result as for `atleast_1d`.

    Examples
    --------
    >>> from microgradnn import Tensor, atleast_2d
    >>> atleast_2d(Tensor([1.0, 2.0])).shape
    (1, 2)
    """
    return _each(xs, [(0, 1), (0,)])


@operation(np.atleast_3d)
def atleast_3d(*xs: Operand) -> Any:
    """x with three axes or more: a vector becomes one of shape (1, n, 1), a matrix (m, n, 1). Of several arrays a tuple.

    Parameters and result as for `atleast_1d`.

    Examples
    --------
    >>> from microgradnn import Tensor, atleast_3d
    >>> atleast_3d(Tensor([1.0, 2.0])).shape
    (1, 2, 1)
    """
    return _each(xs, [(0, 1, 2), (0, 2), (2,)])


def _each(xs, new_axes):
    """Each array, with those new axes that stand in a list for the number of axes that it has."""
    made = [expand_dims(x, new_axes[ndim_of(x)]) if ndim_of(x) < len(new_axes) else as_array(x) for x in xs]
    return made[0] if len(made) == 1 else tuple(made)


class Squeeze(Op):
    """z = x without axes of length 1"""

    def __init__(self, axis=None):
        self.axis = axis

    def forward(self, x):
        return x.squeeze(self.axis)

    def dx(self, dz, z, x):
        return dz.reshape(x.shape)

    vjps = (dx,)


@operation(np.squeeze, method=True)
def squeeze(x: Operand, axis: Axes = None) -> Tensor:
    """x without the given axes, which must have length 1, or without all such axes.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or tuple of int, optional
        Which axes.

    Returns
    -------
    Tensor
        Of as many axes fewer.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0]]).squeeze(0)
    Tensor([1., 2.])
    """
    return Squeeze(axis)(x)


@operation(np.ravel, method=True)
def ravel(x: Operand, order: Literal["C", "F"] = "C") -> Tensor:
    """All elements in one row, the last axis fastest.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    order : {"C", "F"}, optional
        With "F", the first axis fastest.

    Returns
    -------
    Tensor
        Of shape (size,).

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).ravel()
    Tensor([1., 2., 3., 4.])
    """
    return Reshape((Own(-1),))(x if order == "C" else _in_order("ravel", x, order))


@operation(method=True)
def flatten(x: Operand, order: Literal["C", "F"] = "C") -> Tensor:
    """All elements in one row: `ravel`, as NumPy's arrays have it too.

    Parameters and result as for `ravel`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).flatten("F")
    Tensor([1., 3., 2., 4.])
    """
    return ravel(x, order)


@operation(np.swapaxes, method=True)
def swapaxes(x: Operand, axis1: int, axis2: int) -> Tensor:
    """Two axes exchanged: a transpose that names only these two.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis1, axis2 : int
        Which two.

    Returns
    -------
    Tensor
        Of x's shape, with these two lengths exchanged.

    Raises
    ------
    numpy.exceptions.AxisError
        If there is no such axis.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).swapaxes(0, 1)
    Tensor([[1., 3.],
            [2., 4.]])
    """
    axes = list(range(ndim_of(x)))
    try:
        axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    except IndexError:
        raise np.exceptions.AxisError(
            f"swapaxes({axis1}, {axis2}) cannot be computed for x = {describe(x)}: it has {len(axes)} axes."
        ) from None
    return Transpose(tuple(axes))(x)


@operation(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Operand) -> Tensor:
    """The last two axes exchanged: the transpose of each matrix of a batch. `x.mT` is the same.

    Parameters
    ----------
    x : Tensor or array
        Of two axes or more.

    Returns
    -------
    Tensor
        Of x's shape, with the last two lengths exchanged.

    Raises
    ------
    ValueError
        If x has fewer axes.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[[1.0, 2.0], [3.0, 4.0]]]).mT
    Tensor([[[1., 3.],
             [2., 4.]]])
    """
    if ndim_of(x) < 2:
        raise ValueError(f"matrix_transpose, and .mT, need two axes or more; x = {describe(x)}.")
    return swapaxes(x, -1, -2)


@operation(np.moveaxis, method=True)
def moveaxis(x: Operand, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Axes moved to other places; the others stay in their order.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    source, destination : int or sequence of int
        Which axes, and their places in the result.

    Returns
    -------
    Tensor
        The same elements; its memory is that of x, as in NumPy.

    Raises
    ------
    AxisError
        If x has no such axis.
    ValueError
        If an axis is given twice, or not as many places as axes.

    Examples
    --------
    >>> from microgradnn import Tensor, moveaxis
    >>> import numpy as np
    >>> moveaxis(Tensor(np.ones((2, 3, 4))), 0, -1).shape
    (3, 4, 2)
    """
    axes = range(ndim_of(x))
    source = normalize_axis_tuple(source, len(axes), "source")
    destination = normalize_axis_tuple(destination, len(axes), "destination")
    if len(source) != len(destination):
        raise ValueError(f"moveaxis: {len(source)} axes to move, but {len(destination)} places for them.")
    order = [axis for axis in axes if axis not in source]
    for place, axis in sorted(zip(destination, source, strict=True)):
        order.insert(place, axis)
    return Transpose(tuple(order))(x)


@operation(np.rollaxis)
def rollaxis(x: Operand, axis: int, start: int = 0) -> Tensor:
    """One axis moved until it stands before the one at `start`. `moveaxis` says it more plainly.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int
        Which axis.
    start : int, optional
        Before which it stands afterwards.

    Returns
    -------
    Tensor
        The same elements.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, rollaxis
    >>> rollaxis(Tensor(np.ones((2, 3, 4))), 2).shape
    (4, 2, 3)
    """
    ndim = ndim_of(x)
    axis, start = normalize_axis_index(axis, ndim), normalize_axis_index(start + ndim if start < 0 else start, ndim + 1)
    order = [other for other in range(ndim) if other != axis]
    order.insert(start - (axis < start), axis)
    return Transpose(tuple(order))(x)


def _in_order(name, x, order):
    """x with its axes reversed, for an operation in Fortran's order; other orders depend on where x stands in memory."""
    if order != "F":
        raise ValueError(f"{name}(order={order!r}): there are 'C', the last axis fastest, and 'F', the first.")
    return transpose(x)


def _one_tuple(lengths):
    """(2, 3), whether it was given as 2, 3 or as (2, 3)."""
    return tuple(lengths[0]) if len(lengths) == 1 and not isinstance(lengths[0], (int, np.integer)) else lengths
