"""Operations that put arrays together. The legend is in ops/__init__.py.

Each input gets the piece of the upstream gradient that stands where it went.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from types import NoneType
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..errors import describe
from ..graph import Op, values_of
from ..tensor import operation
from .indexing import along, take
from .shaping import ravel, reshape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..annotations import Axis, Operand, PadMode, Widths
    from ..tensor import Tensor


class Concatenate(Op):
    """z = x1, x2, ... one after the other along an axis; x_i ends at position ends[i]"""

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
        return concatenate([reshape(x, -1) for x in tensors])
    try:
        lengths = [np.shape(x)[axis] for x in tensors]
    except IndexError:
        operands = ", ".join(map(describe, tensors))
        raise np.exceptions.AxisError(
            f"concatenate(axis={axis}) cannot be computed for {operands}: the axis must be there already.\n"
            "stack puts arrays side by side along a new one."
        ) from None
    return Concatenate(axis, np.cumsum(lengths).tolist())(*tensors)


class Stack(Op):
    """z = x1, x2, ... side by side along a new axis"""

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


class Pad(Op):
    """z = x in a frame of constant elements, `widths[i]` of them before and after it along axis i"""

    def __init__(self, widths, constant=0):
        self.widths = widths
        self.constant = constant

    def forward(self, x):
        return np.pad(x, self.widths, constant_values=self.constant)

    def dx(self, dz, z, x):
        inside = tuple(slice(before, before + length) for (before, _), length in zip(self.widths, x.shape, strict=True))
        return dz[inside]

    vjps = (dx,)


@operation(np.pad, method=True)
def pad(x: Operand, pad_width: Widths, mode: PadMode = "constant", constant_values: float = 0) -> Tensor:
    """x with more elements around it.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    pad_width : int or sequence
        How many: n everywhere, (before, after) along every axis, or one such pair for each axis.
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}, optional
        Which elements: constants, or such of x itself, as in NumPy; these add up their gradients.
    constant_values : number, optional
        The constant.

    Returns
    -------
    Tensor
        Longer than x, along each axis by the sum of its two widths.

    Raises
    ------
    ValueError
        If the widths do not fit x, or for another mode.

    Examples
    --------
    >>> from microgradnn import Tensor, pad
    >>> pad(Tensor([1.0, 2.0, 3.0]), (1, 2))
    Tensor([0., 1., 2., 3., 0., 0.])
    >>> pad(Tensor([1.0, 2.0, 3.0]), (1, 2), mode="reflect")
    Tensor([2., 1., 2., 3., 2., 1.])
    """
    shape = np.shape(x)
    if mode == "constant":
        try:
            widths = np.broadcast_to(pad_width, (len(shape), 2)).tolist()
        except ValueError:
            raise ValueError(
                f"pad: the widths {pad_width} do not fit x, which has {len(shape)} axes: "
                "give n, (before, after), or a pair for each."
            ) from None
        return Pad(tuple(map(tuple, widths)), constant_values)(x)
    if mode not in PICKING_MODES:
        raise ValueError(f"pad(mode={mode!r}): there are 'constant', {', '.join(map(repr, PICKING_MODES))}.")
    positions = np.pad(np.arange(np.size(values_of(x))).reshape(shape), pad_width, mode)
    return take(x, positions)


def _several(name, tensors, axis):
    """What is joined, as a list; TypeError if an axis is none, as in stack(a, b)."""
    if not isinstance(axis, (int, np.integer, NoneType)):
        raise TypeError(f"{name} takes what it joins as one list, and then the axis: {name}([a, b], axis=0).")
    return list(tensors)


PICKING_MODES = ("edge", "reflect", "symmetric", "wrap")


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
    shape = np.shape(x)
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), shape)
    for places, at in zip(*(array.ravel().tolist() for array in np.broadcast_arrays(shift, axis)), strict=True):
        length = shape[normalize_axis_index(at, len(shape), "roll")]
        cut = length - places % max(length, 1)
        back, front = along(at, len(shape), slice(cut, None)), along(at, len(shape), slice(None, cut))
        x = concatenate([x[back], x[front]], at)
    return x  # type: ignore[return-value]  # without an axis, what was given
