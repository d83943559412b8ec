"""Functions that are known at points: interpolated, integrated, differentiated, convolved. See ops/__init__.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..errors import refuse_complex
from ..graph import Op, ndim_of, shape_of, values_of
from ..tensor import operation
from .arithmetic import multiply, subtract, where
from .conversion import as_floating
from .indexing import along, getitem, scattered
from .joining import concatenate
from .rearranging import flip
from .reduction import sum
from .rounding import remainder
from .shaping import moveaxis, reshape

if TYPE_CHECKING:
    from typing import Any, Literal

    from ..annotations import Axes, Operand
    from ..tensor import Tensor


class Convolve(Op):
    """zₖ = Σ xᵢ yₖ₋ᵢ, the coefficients of the product of two polynomials"""

    makes_plain_arrays = True

    def forward(self, x, y):
        return np.convolve(x, y)

    def dx(self, dz, z, x, y):
        return np.convolve(dz, y[::-1])[len(y) - 1 : len(z)]

    def dy(self, dz, z, x, y):
        return np.convolve(dz, x[::-1])[len(x) - 1 : len(z)]

    vjps = dx, dy


@operation(np.convolve)
def convolve(x: Operand, y: Operand, mode: Literal["full", "same", "valid"] = "full") -> Tensor:
    """The sums Σ xᵢ yₖ₋ᵢ for each k: y, backwards, moves along x.

    Parameters
    ----------
    x, y : Tensor or array
        Of one axis.
    mode : str, optional
        "full": wherever the two overlap; "valid": where they overlap wholly; "same": as many of the middle as the longer one
        is long.

    Returns
    -------
    Tensor
        Of one axis.

    Raises
    ------
    ValueError
        If one of them has another number of axes, or is empty, and for other modes.

    Examples
    --------
    >>> from microgradnn import Tensor, convolve
    >>> convolve(Tensor([1.0, 2.0, 3.0]), Tensor([1.0, -1.0]))
    Tensor([ 1.,  1.,  1., -3.])
    """
    if ndim_of(x) > 1 or ndim_of(y) > 1 or 0 in shape_of(x) or 0 in shape_of(y):
        raise ValueError(f"convolve, correlate: of shapes {shape_of(x)} and {shape_of(y)}; each needs one axis, with elements.")
    x, y = (getitem(x, None) if ndim_of(x) == 0 else x for x in (x, y))
    n, m = sorted((len(x), len(y)), reverse=True)
    parts = {"full": slice(None), "same": slice((m - 1) // 2, (m - 1) // 2 + n), "valid": slice(m - 1, n)}
    if mode not in parts:
        raise ValueError(f"convolve, correlate: mode={mode!r} is none of {', '.join(parts)}.")
    z = Convolve()(x, y)
    return z if mode == "full" else getitem(z, parts[mode])


class Correlate(Op):
    """zₖ = Σ xᵢ₊ₖ yᵢ, for those k where y is wholly within x"""

    makes_plain_arrays = True

    def forward(self, x, y):
        return sums_within(x, y)

    def dx(self, dz, z, x, y):
        return np.convolve(dz, y)

    def dy(self, dz, z, x, y):
        return sums_within(x, dz)

    vjps = dx, dy


def sums_within(x, y):
    """np.correlate(x, y), where y is not longer than x: what programs can be written of."""
    return np.convolve(x, y[::-1])[len(y) - 1 : len(x)]


@operation(np.correlate)
def correlate(x: Operand, y: Operand, mode: Literal["full", "same", "valid"] = "valid") -> Tensor:
    """The sums Σ xᵢ₊ₖ yᵢ for each k: y moves along x as it is. Parameters, result and errors as for `convolve`.

    Examples
    --------
    >>> from microgradnn import Tensor, correlate
    >>> correlate(Tensor([1.0, 2.0, 4.0]), [-1.0, 1.0])
    Tensor([1., 2.])
    """
    refuse_complex("correlate", x)
    refuse_complex("correlate", y)
    n, m = np.size(values_of(x)), np.size(values_of(y))
    if m > n:
        return flip(correlate(y, x, mode))
    if mode == "valid" and m and ndim_of(x) == ndim_of(y) == 1:
        return Correlate()(x, y)
    return convolve(x, flip(y), mode)


class Interp(Op):
    """z = the height above x of the line that goes from each point (xp, fp) to the next; beyond the ends, that of the end"""

    makes_plain_arrays = True

    def forward(self, x, xp, fp):
        return np.interp(x, xp, fp).astype(np.result_type(x, xp, fp))

    def dx(self, dz, z, x, xp, fp):
        return dz * slope_at(x, xp, fp)

    def dxp(self, dz, z, x, xp, fp):
        return shared_by_ends(-dz * slope_at(x, xp, fp), x, xp)

    def dfp(self, dz, z, x, xp, fp):
        return shared_by_ends(dz, x, xp)

    vjps = dx, dxp, dfp


def piece_of(x, xp):
    """Which point is the next on the right of each x, whether x is beyond the ends, and whether beyond the last."""
    right = np.searchsorted(xp, x, side="right")
    behind = (right == len(xp)) & ~np.isnan(x)
    return np.minimum(np.maximum(right, 1), len(xp) - 1), behind | (right == 0), behind


def slope_at(x, xp, fp):
    """The slope of the line above x; 0 beyond the ends."""
    right, outside, _ = piece_of(x, xp)
    left = right - 1
    return np.where(outside, 0, (fp[right] - fp[left]) / np.where(outside, 1, xp[right] - xp[left]))


def shared_by_ends(dz, x, xp):
    """The gradient of the points from that of the heights: the nearer x is to an end of its piece, the more goes to that."""
    right, outside, behind = piece_of(x, xp)
    left = right - 1
    part = (np.where(outside, xp[left], x) - xp[left]) / np.where(outside, 1, xp[right] - xp[left]) + behind
    return scattered(dz * (1 - part), (left,), xp.shape) + scattered(dz * part, (right,), xp.shape)


@operation(np.interp)
def interp(
    x: Operand,
    xp: Operand,
    fp: Operand,
    left: Operand | None = None,
    right: Operand | None = None,
    period: float | None = None,
) -> Tensor:
    """The values at x of the function that goes straight from each point (xp, fp) to the next.

    All three have gradients. In x it is the slope of the line; at a point that of the line on its right, and 0 beyond the
    first and from the last point on.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape.
    xp, fp : Tensor or array
        Of one axis and one length; xp in ascending order, unless there is a period.
    left, right : number, optional
        The values before the first and behind the last point; if None, those there.
    period : number, optional
        After which the function repeats.

    Returns
    -------
    Tensor
        Of x's shape.

    Raises
    ------
    ValueError
        If xp is not in ascending order, or the lengths differ.

    Examples
    --------
    >>> from microgradnn import Tensor, interp
    >>> interp(Tensor([0.5, 1.5, 7.0]), [0.0, 1.0, 2.0], Tensor([0.0, 10.0, 30.0]))
    Tensor([ 5., 20., 30.])
    """
    refuse_complex("interp", x)
    refuse_complex("interp", fp)
    x, xp, fp = map(as_floating, (x, xp, fp))
    if ndim_of(xp) != 1 or shape_of(xp) != shape_of(fp) or not np.size(xp):
        raise ValueError(f"interp: xp of shape {shape_of(xp)} and fp of {shape_of(fp)} need one axis, of one length.")
    if period is not None:
        x, xp, fp = _in_one_period(x, xp, fp, period)
        left = right = None
    points, values = np.asarray(values_of(xp)), np.asarray(values_of(x))
    if (points[1:] < points[:-1]).any():
        raise ValueError("interp: xp must be in ascending order; np.argsort(xp) says how to sort it, and fp with it.")
    z = Interp()(x, xp, fp)
    if left is not None:
        z = where(values < points[0], left, z)
    return z if right is None else where(values > points[-1], right, z)


def _in_one_period(x, xp, fp, period):
    """All within one period, the points in order, and the next ones on both sides with them."""
    x, xp = remainder(x, period), remainder(xp, period)
    order = np.argsort(values_of(xp), kind="stable")
    xp, fp = getitem(xp, order), getitem(fp, order)
    return x, concatenate([xp[-1:] - period, xp, xp[:1] + period]), concatenate([fp[-1:], fp, fp[:1]])


APART = 1.0  # how far points are from each other, if nothing is said


class Trapezoid(Op):
    """z = Σ (xᵢ₊₁ − xᵢ) (yᵢ₊₁ + yᵢ) / 2 along an axis"""

    makes_plain_arrays = True

    def __init__(self, axis):
        self.axis = axis

    def forward(self, y, x):
        return (np.diff(x, axis=self.axis) * doubled_middles(y, self.axis) / 2).sum(axis=self.axis)

    def dy(self, dz, z, y, x):
        return ends(np.expand_dims(dz, self.axis) * np.diff(x, axis=self.axis) / 2, self.axis, np.add)

    def dx(self, dz, z, y, x):
        return ends(np.expand_dims(dz, self.axis) * doubled_middles(y, self.axis) / 2, self.axis, np.subtract)

    vjps = dy, dx


class UnitTrapezoid(Op):
    """z = Σ (yᵢ₊₁ + yᵢ) / 2 along an axis"""

    makes_plain_arrays = True

    def __init__(self, axis):
        self.axis = axis

    def forward(self, y):
        return (doubled_middles(y, self.axis) / 2).sum(axis=self.axis)

    def dy(self, dz, z, y):
        pieces = np.ones_like(y[along(self.axis, y.ndim, slice(1, None))])
        return ends(np.expand_dims(dz, self.axis) * pieces / 2, self.axis, np.add)

    vjps = (dy,)


def doubled_middles(y, axis):
    """Twice the heights in the middle between neighbours."""
    return y[along(axis, y.ndim, slice(1, None))] + y[along(axis, y.ndim, slice(None, -1))]


def ends(dz, axis, combine):
    """The gradient of points from that of the pieces between them: each piece ends at one and begins at the one before."""
    nothing = np.zeros_like(dz[along(axis, dz.ndim, slice(0, 1))])
    return combine(np.concatenate([nothing, dz], axis), np.concatenate([dz, nothing], axis))


@operation(np.trapezoid)
def trapezoid(y: Operand, x: Operand | None = None, dx: Operand = APART, axis: int = -1) -> Tensor:
    """The integral along an axis of the function that goes straight from one y to the next.

    Parameters
    ----------
    y : Tensor or array
        Of one axis or more.
    x : Tensor or array, optional
        Where the values are: for one axis, or of y's shape. If None, they are `dx` apart.
    axis : int, optional

    Returns
    -------
    Tensor
        Of y's shape without this axis.

    Examples
    --------
    >>> from microgradnn import Tensor, trapezoid
    >>> trapezoid(Tensor([1.0, 2.0, 5.0]), dx=2.0)
    Tensor(10.)
    """
    axis = normalize_axis_index(axis, ndim_of(y), "trapezoid")
    y = as_floating(y)
    if x is None and ndim_of(dx):
        return sum(multiply(dx, doubled_middles(y, axis)) / 2, axis)
    if x is None:
        z = UnitTrapezoid(axis)(y)
        return z if dx is APART else multiply(dx, z)  # not if it is 1: unroll looks for the number
    x = as_floating(x)
    if ndim_of(x) == 1:
        x = reshape(x, [-1 if i == axis else 1 for i in range(ndim_of(y))])
    return Trapezoid(axis)(y, x)


class UnitGradient(Op):
    """z = half of the differences between the neighbours of f along an axis; at the ends, the difference from the only one"""

    makes_plain_arrays = True

    def __init__(self, axis):
        self.axis = axis

    def forward(self, f):
        first, last, second, last_but_one, after, before = (
            f[along(self.axis, f.ndim, slice(*part))] for part in ((0, 1), (-1, None), (1, 2), (-2, -1), (2, None), (None, -2))
        )
        return np.concatenate([second - first, (after - before) / 2, last - last_but_one], self.axis)

    def df(self, dz, z, f):
        first, inner, last = (dz[along(self.axis, dz.ndim, slice(*part))] for part in ((0, 1), (1, -1), (-1, None)))
        twice = np.concatenate([2 * first, inner, 2 * last], self.axis)  # as the slope of half of that
        return ends(doubled_middles(twice, self.axis) / 2, self.axis, np.subtract)

    vjps = (df,)


@operation(np.gradient)
def gradient(f: Operand, *varargs: Operand, axis: Axes = None, edge_order: int = 1) -> Any:
    """The slope of f at each point, by differences between its neighbours. The gradient of a graph is `grad`, not this.

    Parameters
    ----------
    f : Tensor or array
        Of two points or more along each axis.
    *varargs : numbers or arrays
        How far the points are apart, for all axes or for each: a number, or the coordinates along it.
    axis : int or tuple of int, optional
        Along which axes; all of them if None.
    edge_order : 1 or 2, optional
        At the ends, by two points or by three.

    Returns
    -------
    Tensor, or a tuple of them for several axes
        Of f's shape.

    Examples
    --------
    >>> from microgradnn import Tensor, gradient
    >>> gradient(Tensor([1.0, 4.0, 9.0, 16.0]))
    Tensor([3., 4., 6., 7.])
    """
    axes = tuple(range(ndim_of(f))) if axis is None else normalize_axis_tuple(axis, ndim_of(f), "gradient")
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (APART,) * len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"gradient: {len(varargs)} spacings for {len(axes)} axes; give one for all, or one for each.")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order is 1 or 2, not {edge_order}.")
    slopes = tuple(_slopes(f, h, i, edge_order) for i, h in zip(axes, spacings, strict=True))
    return slopes[0] if len(axes) == 1 else slopes


def _slopes(f, h, axis, edge_order):
    """The slopes along one axis: where f was weighed by its neighbours, the nearer one counts more."""
    f, n, spacing = as_floating(f), shape_of(f)[axis], as_floating(h)
    if n < edge_order + 1:
        raise ValueError(f"gradient: an axis of length {n} is too short; it needs {edge_order + 1} points.")
    if ndim_of(spacing) and shape_of(spacing) != (n,):
        raise ValueError(f"gradient: coordinates of shape {shape_of(spacing)} for an axis of length {n}.")
    if edge_order == 1 and not ndim_of(spacing):
        z = UnitGradient(axis)(f)
        return z if h is APART else z / spacing
    f = moveaxis(f, axis, 0)
    h = _difference(spacing, 0) if ndim_of(spacing) else multiply(spacing, np.ones(n - 1))
    h = h.reshape((-1,) + (1,) * (ndim_of(f) - 1))
    rises = _difference(f, 0) / h
    if n == 2:
        return moveaxis(concatenate([rises, rises]), 0, axis)
    before, after = h[:-1], h[1:]
    middle = (rises[:-1] * after + rises[1:] * before) / (before + after)
    first, last = rises[:1], rises[-1:]
    if edge_order == 2:  # along the parabola through three points the slope changes evenly
        first, last = 2 * first - middle[:1], 2 * last - middle[-1:]
    return moveaxis(concatenate([first, middle, last]), 0, axis)


class Unwrap(Op):
    """z = p, with as many whole periods added along an axis that it does not jump"""

    makes_plain_arrays = True

    def __init__(self, discont=None, axis=-1, period=2 * math.pi):
        self.discont = discont
        self.axis = axis
        self.period = period

    def forward(self, p):
        return np.unwrap(p, self.discont, self.axis, period=self.period)

    def dp(self, dz, z, p):
        return dz

    vjps = (dp,)


@operation(np.unwrap)
def unwrap(p: Operand, discont: float | None = None, axis: int = -1, *, period: float = 2 * math.pi) -> Tensor:
    """Angles without jumps: whole periods are added where one differs from the one before by more than half of one.

    They do not change by a little, so the slope is 1.

    Parameters
    ----------
    p : Tensor or array
        Of one axis or more.
    discont : number, optional
        Only jumps as large as this are undone; half a period if None.
    axis : int, optional
    period : number, optional
        What a whole turn is.

    Returns
    -------
    Tensor
        Of p's shape.

    Examples
    --------
    >>> from microgradnn import Tensor, unwrap
    >>> unwrap(Tensor([350.0, 355.0, 1.0]), period=360)
    Tensor([350., 355., 361.])
    """
    normalize_axis_index(axis, ndim_of(p), "unwrap")
    return Unwrap(discont, axis, period)(as_floating(p))


def _difference(x, axis):
    """Of each element along an axis the difference from the one before."""
    after, before = (getitem(x, along(axis, ndim_of(x), part)) for part in (slice(1, None), slice(None, -1)))
    return subtract(after, before)
