"""Operations that pick elements: indices, positions, sorting. The legend is in ops/__init__.py.

All come down to z = x[index], whose vjp puts the upstream gradient back to where the elements came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..graph import Op, ndim_of, shape_of, values_of
from ..scattered import Scattered
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .shaping import ravel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..annotations import Axis, Index, Operand
    from ..tensor import Tensor


class Getitem(Op):
    """z = x[index]"""

    def __init__(self, index):
        self.index = index

    def forward(self, x):
        return x[self.index]

    def dx(self, dz, z, x):
        return scattered(dz, self.index, x.shape)

    vjps = (dx,)


@operation()
def getitem(x: Operand, index: Index) -> Tensor:
    """x[index], with every kind of index NumPy has. Elements picked twice add up their gradients.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    index : int, slice, None, ..., array of int or bool, or a tuple of them
        As in NumPy; a Tensor of whole numbers counts as an array.

    Returns
    -------
    Tensor
        Of the shape that NumPy would give it; its memory is that of x where NumPy makes a view.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([5.0, 6.0], requires_grad=True)
    >>> x[[0, 0, 1]].sum().backward()
    >>> x.grad
    array([2., 1.])
    """
    if isinstance(index, tuple):
        return Getitem(tuple(map(plain_part, index)))(x)
    return Getitem(plain_part(index))(x)


class Scatter(Op):
    """z = zeros, and z[index] += x: what `Getitem` does, backwards. Where an index repeats, its elements add up."""

    def __init__(self, index, shape):
        self.index = index
        self.shape = shape

    def forward(self, x):
        z = np.zeros_like(x, shape=self.shape)
        if picks_each_once(self.index):
            z[self.index] = x
        elif type(z) is np.ndarray and z.flags.c_contiguous and x.size > z.size > len(z):
            places = np.arange(z.size).reshape(z.shape)[
                self.index
            ]  # of many, which pays: NumPy is five times as fast on flat ones
            np.add.at(z.reshape(-1), places.reshape(-1), x.reshape(-1))
        else:
            np.add.at(z, self.index, x)
        return z

    def dx(self, dz, z, x):
        return dz[self.index]

    vjps = (dx,)


def scattered(values, index, shape):
    """Zeros of a shape with these values at an index: `Scatter`; of an array without the zeros, as far as nobody asks for them.

    >>> scattered(np.array([5.0, 6.0]), slice(2, 4), (4,))
    array([0., 0., 5., 6.])
    """
    if shape and isinstance(values, (np.ndarray, np.generic)) and values.dtype.kind == "f":
        lists = lists_in(index)
        if all(map(is_mask, lists)) or ascend(lists):
            return Scattered(shape, index, values)
    return Scatter(index, shape)(values)


@operation(np.take, method=True)
@with_numbers_given
def take(x: Operand, indices: Operand, axis: Axis = None) -> Tensor:
    """The elements at some positions along an axis. Elements taken twice add up their gradients.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    indices : int or array of int
        The positions; negative ones count from the end. Their shape stands in the result in place of the axis.
    axis : int, optional
        If None, x is flattened first.

    Returns
    -------
    Tensor
        Of x's shape, with that of `indices` in place of the axis.

    Raises
    ------
    IndexError
        If x has no such position.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([5.0, 6.0, 7.0]).take([[0, 0], [-1, 1]])
    Tensor([[5., 5.],
            [7., 6.]])
    """
    if axis is None:
        return take(ravel(x), indices, 0)
    if ndim_of(x) == 0:  # where NumPy, too, takes a number for a row of one element
        x = ravel(x)
    indices = np.asarray(values_of(indices))
    if indices.dtype == bool:  # as positions 0 and 1; an index of them would be a mask
        indices = indices.astype(int)
    return Getitem(along(axis, ndim_of(x), indices if indices.ndim else int(indices)))(x)


@operation(np.take_along_axis, method=True)
@with_numbers_given
def take_along_axis(x: Operand, indices: Operand, axis: Axis = -1) -> Tensor:
    """For each line along an axis, the elements at positions of its own: what `argsort` or `argmax` found.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    indices : array of int
        With as many axes as x; the others broadcast with those of x.
    axis : int or None, optional
        If None, x is flattened first.

    Returns
    -------
    Tensor
        Of the shape of `indices`, broadcast against that of x along the other axes.

    Raises
    ------
    ValueError
        If the numbers of axes differ.
    IndexError
        If x has no such position.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, take_along_axis
    >>> x = Tensor([[3.0, 1.0], [2.0, 4.0]])
    >>> take_along_axis(x, np.argmax(x, axis=1)[:, None], axis=1)
    Tensor([[3.],
            [4.]])
    """
    if axis is None:
        x, axis = ravel(x), 0
    indices, shape = np.asarray(values_of(indices)), shape_of(x)
    if indices.ndim != len(shape):
        raise ValueError(f"take_along_axis: x has {len(shape)} axes and the indices have {indices.ndim}; they need as many.")
    if indices.dtype.kind not in "iu":
        raise IndexError(f"take_along_axis: the indices must be whole numbers; they are of {indices.dtype}.")
    index = list(np.ix_(*map(np.arange, shape)))
    index[axis] = indices
    return Getitem(tuple(index))(x)


@operation(np.sort)
@with_numbers_given
def sort(x: Operand, axis: Axis = -1) -> Tensor:
    """The elements in ascending order along an axis. Equal ones keep theirs, and each gets its own gradient.

    There is no method: an array's `x.sort()` would sort in place, and a Tensor stays what others were computed from.
    The order itself, `numpy.argsort(x)`, is an array of positions without a derivative; `take_along_axis` follows it.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or None, optional
        If None, x is flattened first.

    Returns
    -------
    Tensor
        Of x's shape; of one axis if `axis` is None.

    Examples
    --------
    >>> from microgradnn import Tensor, sort
    >>> x = Tensor([3.0, 1.0, 2.0], requires_grad=True)
    >>> sort(x).backward([10.0, 20.0, 30.0])
    >>> x.grad
    array([30., 10., 20.])
    """
    if axis is None:
        x, axis = ravel(x), 0
    return take_along_axis(x, np.argsort(values_of(x), axis, kind="stable"), axis)


@operation(np.partition)
@with_numbers_given
def partition(x: Operand, kth: int | Sequence[int], axis: Axis = -1) -> Tensor:
    """The elements along an axis in an order in which that at position `kth` is where sorting would put it.

    No smaller one stands behind it, and no larger one before it: what a median needs, and quicker than `sort`.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    kth : int or sequence of int
        Which positions.
    axis : int, optional
        If None, x is flattened first.

    Returns
    -------
    Tensor
        Of x's shape; of one axis if `axis` is None.

    Examples
    --------
    >>> from microgradnn import Tensor, partition
    >>> partition(Tensor([7.0, 1.0, 5.0]), 1)[1]
    Tensor(5.)
    """
    if axis is None:
        x, axis = ravel(x), 0
    return take_along_axis(x, np.argpartition(values_of(x), kth, axis), axis)


@operation(np.delete)
@with_numbers_given
def delete(x: Operand, obj: Index, axis: Axis = None) -> Tensor:
    """x without some positions along an axis; flattened, if `axis` is None.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    obj : int, slice, array of int or of bool
        Which positions.
    axis : int, optional
        If None, x is flattened first.

    Returns
    -------
    Tensor
        Of x's shape, but for that axis; of one axis if `axis` is None.

    Examples
    --------
    >>> from microgradnn import Tensor, delete
    >>> delete(Tensor([5.0, 6.0, 7.0]), [0, -1])
    Tensor([6.])
    """
    if axis is None:
        x, axis = ravel(x), 0
    length = shape_of(x)[normalize_axis_index(axis, ndim_of(x), "delete")]
    kept = np.delete(np.arange(length), values_of(obj))  # NumPy says which
    return Getitem(along(axis, ndim_of(x), kept))(x)


def plain_part(index):
    """One part of an index: values for a Tensor, an array for a list."""
    if isinstance(index, list):
        return np.asarray(index, dtype=None if index else int)
    return values_of(index)


def along(axis, ndim, index):
    """The index that applies `index` along one axis and leaves the others whole."""
    return (slice(None),) * normalize_axis_index(axis, ndim) + (index,)


def picks_each_once(index):
    """Whether an index is made of numbers, slices, masks, ... and None only, so that it cannot pick an element twice."""
    return all(map(is_mask, lists_in(index)))


def lists_in(index):
    """Those parts of an index that are more than a number, a slice, ... or None."""
    parts = index if isinstance(index, tuple) else (index,)
    return [part for part in parts if not (part is None or part is ... or isinstance(part, (int, np.integer, slice)))]


def ascend(lists):
    """Whether these parts of an index are rows of positions, the first in ascending order: then no element is picked twice.

    It looks at values. So it may be asked for a gradient in numbers alone, and not for a program, which may get others.
    """
    first = lists[0]
    for part in lists:
        if type(part) is not np.ndarray or part.ndim != 1 or part.shape != first.shape:
            return False
    return first.dtype.kind in "iu" and first.size > 0 and bool(first[0] >= 0 and (first[1:] > first[:-1]).all())


def is_mask(part):
    """Whether a part of an index says of each position whether it is picked."""
    return isinstance(part, np.ndarray) and part.dtype == bool
