"""Operations that put arrays together. The legend is in ops/__init__.py.

Each input gets the piece of the upstream gradient that stands where it went.
"""

from __future__ import annotations

from functools import partial
from itertools import accumulate, pairwise
from types import NoneType
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..errors import describe
from ..graph import Op, ndim_of, shape_of
from ..tensor import operation
from .broadcasting import broadcast_to, fits
from .conversion import in_dtype_of
from .indexing import along, plain_part, take
from .shaping import Reshape, atleast_1d, atleast_2d, atleast_3d, moveaxis, ravel, reshape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..annotations import Axis, Index, Operand
    from ..tensor import Tensor


class Concatenate(Op):
    """z = x1, x2, ... one after the other along an axis; x_i ends at position ends[i]"""

    rules_need_operands = False

    def __init__(self, axis, ends):
        self.axis = axis
        self.ends = ends

    def forward(self, *xs):
        return np.concatenate(xs, self.axis)

    def dx(self, dz, z, *xs, start, end):
        piece = (slice(None),) * (self.axis % z.ndim) + (slice(start, end),)
        return dz[piece]

    @property
    def vjps(self):
        return [partial(Concatenate.dx, start=start, end=end) for start, end in pairwise([0, *self.ends])]


@operation(np.concatenate, np.concat)
def concatenate(tensors: Sequence[Operand], axis: Axis = 0) -> Tensor:
    """Arrays one after the other along an axis that they have.

    Parameters
    ----------
    tensors : sequence of Tensor or array
        Of equal shapes but for that axis.
    axis : int or None, optional
        None lays the elements of each in one row first.

    Returns
    -------
    Tensor
        As long along that axis as all of them together.

    Raises
    ------
    numpy.exceptions.AxisError
        If one of them has no such axis.
    ValueError
        If another length differs, or there is nothing to join.

    Examples
    --------
    >>> from microgradnn import Tensor, concatenate
    >>> concatenate([Tensor([1.0]), Tensor([2.0, 3.0])])
    Tensor([1., 2., 3.])
    """
    tensors = _several("concatenate", tensors, axis)
    if axis is None:
        return concatenate([x if ndim_of(x) == 1 else reshape(x, -1) for x in tensors])
    try:
        lengths = [shape_of(x)[axis] for x in tensors]
    except IndexError:
        operands = ", ".join(map(describe, tensors))
        raise np.exceptions.AxisError(
            f"concatenate(axis={axis}) cannot be computed for {operands}: the axis must be there already.\n"
            "stack puts arrays side by side along a new one."
        ) from None
    return Concatenate(axis, [*accumulate(lengths)])(*tensors)


class Stack(Op):
    """z = x1, x2, ... side by side along a new axis"""

    rules_need_operands = False
    makes_plain_arrays = True  # NumPy's stack of matrices, of its class np.matrix, may crash

    def __init__(self, axis, count):
        self.axis = axis
        self.count = count

    def forward(self, *xs):
        return np.stack(xs, self.axis)

    def dx(self, dz, z, *xs, i):
        ith = (slice(None),) * (self.axis % z.ndim) + (i,)
        return dz[ith]

    @property
    def vjps(self):
        return [partial(Stack.dx, i=i) for i in range(self.count)]


@operation(np.stack)
def stack(tensors: Sequence[Operand], axis: int = 0) -> Tensor:
    """Arrays of one shape, side by side along a new axis.

    Parameters
    ----------
    tensors : sequence of Tensor or array
        Of one shape.
    axis : int, optional
        Where the new axis stands in the result.

    Returns
    -------
    Tensor
        Of one axis more than each of them.

    Raises
    ------
    ValueError
        If the shapes differ, or there is nothing to join.

    Examples
    --------
    >>> from microgradnn import Tensor, stack
    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])], axis=1)
    Tensor([[1., 3.],
            [2., 4.]])
    """
    tensors = _several("stack", tensors, axis)
    return Stack(axis, len(tensors))(*tensors)


@operation(np.vstack)
def vstack(tensors: Sequence[Operand]) -> Tensor:
    """Matrices one below the other, in which a row counts as a matrix.

    Parameters
    ----------
    tensors : sequence of Tensor or array
        Of equal shapes but for the first axis.

    Returns
    -------
    Tensor
        Of two axes or more.

    Examples
    --------
    >>> from microgradnn import Tensor, vstack
    >>> vstack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])])
    Tensor([[1., 2.],
            [3., 4.]])
    """
    tensors = list(tensors)
    if tensors and all(ndim_of(x) == 1 for x in tensors):
        return stack(tensors)
    return concatenate([atleast_2d(x) for x in tensors])


@operation(np.hstack)
def hstack(tensors: Sequence[Operand]) -> Tensor:
    """Matrices side by side, and rows one after the other.

    Parameters
    ----------
    tensors : sequence of Tensor or array
        Of equal shapes but for the second axis, or the only one.

    Returns
    -------
    Tensor
        Of as many axes.

    Examples
    --------
    >>> from microgradnn import Tensor, hstack
    >>> hstack([Tensor([[1.0], [3.0]]), Tensor([[2.0], [4.0]])])
    Tensor([[1., 2.],
            [3., 4.]])
    """
    tensors = [atleast_1d(x) for x in tensors]
    return concatenate(tensors, 0 if tensors and ndim_of(tensors[0]) == 1 else 1)


@operation(np.dstack)
def dstack(tensors: Sequence[Operand]) -> Tensor:
    """Matrices one behind the other, along a third axis; a row counts as a matrix.

    Parameters
    ----------
    tensors : sequence of Tensor or array
        Of equal shapes but for the third axis.

    Returns
    -------
    Tensor
        Of three axes or more.

    Examples
    --------
    >>> from microgradnn import Tensor, dstack
    >>> dstack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])])
    Tensor([[[1., 3.],
             [2., 4.]]])
    """
    tensors = list(tensors)
    if tensors and all(ndim_of(x) == 2 for x in tensors):
        return stack(tensors, 2)
    return concatenate([atleast_3d(x) for x in tensors], 2)


@operation(np.column_stack)
def column_stack(tensors: Sequence[Operand]) -> Tensor:
    """Vectors as the columns of a matrix; what is a matrix brings its columns.

    Parameters
    ----------
    tensors : sequence of Tensor or array
        With as many rows.

    Returns
    -------
    Tensor
        Of two axes.

    Examples
    --------
    >>> from microgradnn import Tensor, column_stack
    >>> column_stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])])
    Tensor([[1., 3.],
            [2., 4.]])
    """
    tensors = list(tensors)
    if tensors and all(ndim_of(x) == 1 for x in tensors):
        return stack(tensors, 1)
    return concatenate([Reshape((-1, 1))(x) if ndim_of(x) < 2 else x for x in tensors], 1)


@operation(np.append)
def append(x: Operand, values: Operand, axis: Axis = None) -> Tensor:
    """`values` after x, along an axis that they have; both flattened, if `axis` is None.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    values : Tensor, array or number
        Of x's shape, but for that axis.
    axis : int, optional
        If None, both are flattened first.

    Returns
    -------
    Tensor
        Longer than x along the axis; of one axis if `axis` is None.

    Examples
    --------
    >>> from microgradnn import Tensor, append
    >>> append(Tensor([1.0, 2.0]), 3.0)
    Tensor([1., 2., 3.])
    """
    return concatenate([x, values], axis)


class Insert(Op):
    """z[rest] = x, and z[inserted] = y: together these are all elements of z"""

    makes_plain_arrays = True

    def __init__(self, inserted, rest, shape):
        self.inserted = inserted
        self.rest = rest
        self.shape = shape

    def forward(self, x, y):
        z = np.zeros_like(x, shape=self.shape)
        z[self.rest] = x
        z[self.inserted] = y
        return z

    def dx(self, dz, z, x, y):
        return dz[self.rest]

    def dy(self, dz, z, x, y):
        return dz[self.inserted]

    vjps = (dx, dy)


@operation(np.insert)
def insert(x: Operand, obj: Index, values: Operand, axis: Axis = None) -> Tensor:
    """x with values inserted before some positions along an axis; flattened, if `axis` is None.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    obj : int, slice or array of int
        Before which positions of x.
    values : Tensor, array or number
        As many along the axis as positions, or any number before a single one. They get x's dtype.
    axis : int, optional

    Returns
    -------
    Tensor
        Longer than x along the axis.

    Raises
    ------
    ValueError
        If there are not as many values as positions.
    IndexError
        If x has no such position.

    Examples
    --------
    >>> from microgradnn import Tensor, insert
    >>> insert(Tensor([5.0, 6.0, 7.0]), [0, 2], [1.0, 2.0])
    Tensor([1., 5., 6., 2., 7.])
    """
    if axis is None:
        x, axis = ravel(x), 0
    shape, ndim, values = shape_of(x), ndim_of(x), in_dtype_of(x, values)
    axis = normalize_axis_index(axis, ndim, "insert")
    places = np.arange(shape[axis])[obj] if isinstance(obj, slice) else np.asarray(plain_part(obj))
    places = np.flatnonzero(places) if places.dtype == bool and places.ndim else places
    if ndim_of(values) < ndim and ndim_of(values):
        values = reshape(values, (1,) * (ndim - ndim_of(values)) + shape_of(values))
    if places.ndim == 0 and axis and ndim_of(values):
        values = moveaxis(values, 0, axis)
    count = (shape_of(values)[axis] if ndim_of(values) else 1) if places.size == 1 else places.size
    room = (*shape[:axis], count, *shape[axis + 1 :])
    if not fits(shape_of(values), room):
        raise ValueError(
            f"insert: values of shape {shape_of(values)} do not fit between those of x, where there is room for {room}."
        )
    if places.size == 1 and places.dtype.kind == "i" and -shape[axis] <= (place := places.item()) <= shape[axis]:
        new = np.zeros(shape[axis] + count, bool)
        new[place % shape[axis] if place < 0 else place :][:count] = True
    else:
        order = np.insert(np.full(shape[axis], -1), places, np.arange(count))  # NumPy says where they go
        new = order >= 0
        if (np.diff(order[new]) < 0).any():
            values = take(broadcast_to(values, room), order[new], axis)
    return Insert(along(axis, ndim, new), along(axis, ndim, ~new), (*shape[:axis], new.size, *shape[axis + 1 :]))(x, values)


@operation(np.block)
def block(arrays: Sequence[Any]) -> Tensor:
    """A matrix of blocks, given as lists of its rows of blocks; deeper lists join along axes further in front.

    Parameters
    ----------
    arrays : nested list of Tensor, array or number
        The innermost lists join along the last axis.

    Returns
    -------
    Tensor
        Of as many axes as the lists are deep, or as the arrays have.

    Raises
    ------
    ValueError
        If the lists are not nested equally deep, or one is empty.

    Examples
    --------
    >>> from microgradnn import Tensor, block
    >>> a = Tensor([[1.0, 2.0]])
    >>> block([[a, 0.0], [a, 5.0]])
    Tensor([[1., 2., 0.],
            [1., 2., 5.]])
    """
    depths, ndims = zip(*_leaves_of_blocks(arrays), strict=True)
    if len({*depths}) > 1:
        raise ValueError(
            f"block: all lists must be nested equally deep; here some are {min(depths)} deep and some {max(depths)}."
        )
    ndim = max(*ndims, depths[0])
    return _joined_blocks(arrays, -depths[0], ndim) if depths[0] else reshape(arrays, shape_of(arrays))


def _leaves_of_blocks(part, depth=0):
    """Of each array in nested lists, how deep it stands and how many axes it has."""
    if not isinstance(part, list):
        yield depth, ndim_of(part)
    elif not part:
        raise ValueError("block: an empty list has nothing to join.")
    else:
        for deeper in part:
            yield from _leaves_of_blocks(deeper, depth + 1)


def _joined_blocks(part, axis, ndim):
    """Nested lists joined, the outermost along `axis`; arrays get axes in front to have ndim of them."""
    if not isinstance(part, list):
        return reshape(part, (1,) * (ndim - ndim_of(part)) + shape_of(part)) if ndim_of(part) < ndim else part
    return concatenate([_joined_blocks(deeper, axis + 1, ndim) for deeper in part], axis)


def _several(name, tensors, axis):
    """What is joined, as a list; TypeError if an axis is none, as in stack(a, b)."""
    if not isinstance(axis, (int, np.integer, NoneType)):
        raise TypeError(f"{name} takes what it joins as one list, and then the axis: {name}([a, b], axis=0).")
    return list(tensors)
