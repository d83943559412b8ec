"""The same elements in other places, or several times: flipped, turned, rolled, repeated. The legend is in ops/__init__.py.

All but `roll`, `tile` and `resize` are composed of indices and shapes, and have no rules of their own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..graph import Op, ndim_of, shape_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .indexing import Getitem, getitem, take
from .shaping import ravel, swapaxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..annotations import Axes, Axis, Operand
    from ..tensor import Tensor


@operation(np.flip, method=True)
def flip(x: Operand, axis: Axes = None) -> Tensor:
    """The elements in reverse order along an axis, several, or all if None.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or tuple of int, optional
        Which axes; all of them if None.

    Returns
    -------
    Tensor
        Of x's shape.

    Examples
    --------
    >>> from microgradnn import Tensor, flip
    >>> flip(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    Tensor([[2., 1.],
            [4., 3.]])
    """
    ndim = ndim_of(x)
    flipped = range(ndim) if axis is None else normalize_axis_tuple(axis, ndim, "flip")
    return Getitem(tuple(slice(None, None, -1 if i in flipped else None) for i in range(ndim)))(x)


@operation(np.fliplr)
def fliplr(x: Operand) -> Tensor:
    """The columns in reverse order: x[:, ::-1].

    Parameters
    ----------
    x : Tensor or array
        Of two axes or more.

    Returns
    -------
    Tensor
        Of x's shape.

    Examples
    --------
    >>> from microgradnn import Tensor, fliplr
    >>> fliplr(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[2., 1.],
            [4., 3.]])
    """
    return flip(x, 1)


@operation(np.flipud)
def flipud(x: Operand) -> Tensor:
    """The rows in reverse order: x[::-1].

    Parameters
    ----------
    x : Tensor or array
        Of one axis or more.

    Returns
    -------
    Tensor
        Of x's shape.

    Examples
    --------
    >>> from microgradnn import Tensor, flipud
    >>> flipud(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[3., 4.],
            [1., 2.]])
    """
    return flip(x, 0)


@operation(np.rot90)
@with_numbers_given
def rot90(x: Operand, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """x turned k times by 90 degrees, from the first of two axes towards the second.

    Parameters
    ----------
    x : Tensor or array
        Of two axes or more.
    k : int, optional
        How often; the other way round if negative.
    axes : sequence of int, optional
        Which two.

    Returns
    -------
    Tensor
        Of x's shape, for odd k with these two lengths exchanged.

    Raises
    ------
    ValueError
        If these are not two different axes of x.

    Examples
    --------
    >>> from microgradnn import Tensor, rot90
    >>> rot90(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[2., 4.],
            [1., 3.]])
    """
    first, second = normalize_axis_tuple(axes, ndim_of(x), "rot90")
    if k % 4 == 0:
        return getitem(x, ...)
    if k % 4 == 2:
        return flip(x, (first, second))
    return swapaxes(flip(x, second), first, second) if k % 4 == 1 else flip(swapaxes(x, first, second), second)


class Roll(Op):
    """z = x, moved along axes by so many places; what is pushed out at the end of one comes in again at its beginning"""

    makes_plain_arrays = True

    def __init__(self, shifts, axes):
        self.shifts = shifts
        self.axes = axes

    def forward(self, x):
        return rolled(x, self.shifts, self.axes)

    def dx(self, dz, z, x):
        return rolled(dz, [-shift for shift in self.shifts], self.axes)

    vjps = (dx,)


def rolled(x, shifts, axes):
    """np.roll(x, shifts, axes), of axes counted from the front; without axes, of x in one row."""
    if axes is None:
        return rolled(x.reshape(-1), shifts, (0,) * len(shifts)).reshape(x.shape)
    for shift, axis in zip(shifts, axes, strict=True):
        cut = x.shape[axis] - shift % max(x.shape[axis], 1)
        whole = (slice(None),) * axis
        x = np.concatenate([x[(*whole, slice(cut, None))], x[(*whole, slice(None, cut))]], axis)
    return x


@operation(np.roll, method=True)
def roll(x: Operand, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
    """The elements moved along an axis; those pushed out at its end come in again at its beginning.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    shift : int or sequence of int
        By how many places; towards the beginning if negative.
    axis : int or sequence of int, optional
        If None, x is flattened, and afterwards as before.

    Returns
    -------
    Tensor
        Of x's shape.

    Examples
    --------
    >>> from microgradnn import Tensor, roll
    >>> roll(Tensor([1.0, 2.0, 3.0, 4.0]), 1)
    Tensor([4., 1., 2., 3.])
    """
    ndim = ndim_of(x)
    if isinstance(shift, int) and (axis is None or isinstance(axis, int)):
        return Roll((shift,), None if axis is None else (normalize_axis_index(axis, ndim, "roll"),))(x)
    pairs = [array.ravel().tolist() for array in np.broadcast_arrays(shift, 0 if axis is None else axis)]
    axes = None if axis is None else tuple(normalize_axis_index(one, ndim, "roll") for one in pairs[1])
    return Roll(tuple(pairs[0]), axes)(x)


@operation(np.repeat, method=True)
@with_numbers_given
def repeat(x: Operand, repeats: Operand, axis: Axis = None) -> Tensor:
    """Each element several times in a row. Its gradient is summed over the repetitions.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    repeats : int or array of int
        How often: all alike, or a number for each position along the axis.
    axis : int, optional
        If None, x is flattened first.

    Returns
    -------
    Tensor
        Of x's shape, but for that axis; of one axis if `axis` is None.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0]).repeat([1, 3])
    Tensor([1., 2., 2., 2.])
    """
    if axis is None or ndim_of(x) == 0:  # where NumPy, too, takes a number for a row of one element
        x, axis = ravel(x), 0 if axis is None else axis
    length = shape_of(x)[normalize_axis_index(axis, ndim_of(x), "repeat")]
    return take(x, np.repeat(np.arange(length), repeats), axis)


class Tile(Op):
    """z = x with axes of these lengths, and so many copies of it along each"""

    makes_plain_arrays = True

    def __init__(self, lengths, times):
        self.lengths = lengths
        self.times = times

    def forward(self, x):
        one = [part for length in self.lengths for part in (1, length)]
        copies = np.broadcast_to(x.reshape(one), self.with_copies())
        return copies.reshape([n * length for n, length in zip(self.times, self.lengths, strict=True)])

    def dx(self, dz, z, x):
        return dz.reshape(self.with_copies()).sum(axis=tuple(range(0, 2 * len(self.times), 2))).reshape(x.shape)

    def with_copies(self):
        """Each axis as two: one for the copies, one for the elements."""
        return tuple(part for pair in zip(self.times, self.lengths, strict=True) for part in pair)

    vjps = (dx,)


@operation(np.tile, method=True)
def tile(x: Operand, reps: int | Sequence[int]) -> Tensor:
    """Copies of x side by side along its axes. Its gradient is summed over the copies.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    reps : int or sequence of int
        How often along each axis, counted from the last; more of them than x has axes give new axes in front.

    Returns
    -------
    Tensor
        Of x's shape, each length times its number of copies.

    Examples
    --------
    >>> from microgradnn import Tensor, tile
    >>> tile(Tensor([1.0, 2.0]), (2, 2))
    Tensor([[1., 2., 1., 2.],
            [1., 2., 1., 2.]])
    """
    times = (reps,) if ndim_of(reps) == 0 else tuple(reps)
    shape = shape_of(x)
    ndim = max(len(shape), len(times))
    return Tile((1,) * (ndim - len(shape)) + shape, (1,) * (ndim - len(times)) + times)(x)


class Resize(Op):
    """z = the elements of x in order, again and again until another shape is full"""

    makes_plain_arrays = True

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        if x.size == 0:
            return np.zeros_like(x, shape=self.shape)
        size = math.prod(self.shape)
        copies = np.concatenate([np.reshape(x, (-1,))] * max(-(-size // x.size), 1))
        return np.reshape(copies[:size], self.shape)

    def dx(self, dz, z, x):
        if x.size == 0:
            return x  # nothing is its gradient
        missing = np.zeros_like(x, shape=(-z.size % x.size,))  # of the last copy
        copies = np.reshape(np.concatenate([np.reshape(dz, (-1,)), missing]), (-1, x.size))
        return np.reshape(copies if len(copies) == 1 else copies.sum(axis=0), x.shape)

    vjps = (dx,)


@operation(np.resize)
@with_numbers_given
def resize(x: Operand, new_shape: int | Sequence[int]) -> Tensor:
    """The elements in order, from the first again after the last, until another shape is full.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    new_shape : int or tuple of int
        Of any size.

    Returns
    -------
    Tensor
        Of that shape. An element that is there several times gets the sum of their gradients.

    Examples
    --------
    >>> from microgradnn import Tensor, resize
    >>> resize(Tensor([1.0, 2.0, 3.0]), (2, 4))
    Tensor([[1., 2., 3., 1.],
            [2., 3., 1., 2.]])
    """
    shape = (new_shape,) if isinstance(new_shape, (int, np.integer)) else tuple(new_shape)
    if any(length < 0 for length in shape):
        raise ValueError(f"resize: no length can be negative; the shape is {shape}.")
    return Resize(shape)(x)
