"""A frame of more elements around an array. The legend is in ops/__init__.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..graph import Op, shape_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .indexing import Getitem

if TYPE_CHECKING:
    from ..annotations import Operand, PadMode, Widths
    from ..tensor import Tensor

PICKING_MODES = ("edge", "reflect", "symmetric", "wrap")


class Pad(Op):
    """z = x in a frame of constant elements, `widths[i]` of them before and after it along axis i"""

    makes_plain_arrays = True

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
@with_numbers_given
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
    if mode != "constant" and mode not in PICKING_MODES:
        raise ValueError(f"pad(mode={mode!r}): there are 'constant', {', '.join(map(repr, PICKING_MODES))}.")
    shape = shape_of(x)
    widths = _widths(pad_width, len(shape))
    if mode == "constant":
        return Pad(widths, constant_values)(x)
    padded = [i for i, width in enumerate(widths) if width != (0, 0)]
    if not padded:
        return Getitem(...)(x)
    for i in padded:
        if not shape[i]:
            raise ValueError(f"pad(mode={mode!r}): can't extend empty axis {i} using modes other than 'constant'.")
    positions = [_positions(shape[i], widths[i], mode) for i in range(padded[0], padded[-1] + 1)]
    return Getitem((slice(None),) * padded[0] + (np.ix_(*positions) if len(positions) > 1 else tuple(positions)))(x)


def _widths(pad_width, ndim):
    """How many elements go before and after each axis."""
    if isinstance(pad_width, dict):  # by axis
        pad_width = [np.broadcast_to(pad_width.get(i, pad_width.get(i - ndim, 0)), 2) for i in range(ndim)]
    widths = np.asarray(pad_width)
    try:
        widths = np.broadcast_to(widths, (ndim, 2))
    except ValueError:
        raise ValueError(
            f"pad: the widths {pad_width} do not fit x, which has {ndim} axes: give n, (before, after), or a pair for each."
        ) from None
    if widths.dtype.kind not in "iu":
        raise TypeError(f"pad: the widths must be whole numbers; they are {pad_width}.")
    pairs = tuple(map(tuple, widths.tolist()))
    if any(before < 0 or after < 0 for before, after in pairs):
        raise ValueError(f"pad: no width can be negative; they are {pad_width}.")
    return pairs


def _positions(n, width, mode):
    """Which of n elements stand in a row with some before and after them."""
    i = np.arange(-width[0], n + width[1])
    if mode == "edge":
        return np.minimum(np.maximum(i, 0), n - 1)
    if mode == "wrap":
        return i % n
    last = 2 * n - 1 if mode == "symmetric" else 2 * n - 2  # there and back again, with both ends twice, or once
    i = i % (2 * n if mode == "symmetric" else max(2 * n - 2, 1))
    return np.minimum(i, last - i)
