"""Weighted averages, and what has a place in the order of the elements: median and quantiles. See ops/__init__.py.

An element of the sorted order gets the gradient that comes to its place there. Of equal ones the first in x counts as the
smaller, as it does for `sort`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import refuse_complex
from ..graph import as_array, ndim_of, shape_of, values_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .arithmetic import multiply
from .broadcasting import broadcast_to
from .conversion import as_floating
from .indexing import Scatter
from .reduction import Reduction, all_axes, mean, prepared, sum
from .shaping import reshape, transpose
from .spread import values_without_gradient

if TYPE_CHECKING:
    from ..annotations import Axes, Operand
    from ..tensor import Tensor


@operation(np.average)
def average(
    x: Operand, axis: Axes = None, weights: Operand | None = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    """The weighted mean Σ w x / Σ w along an axis. The weights have a gradient, too.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or tuple of int, optional
        The axes to average over; all of them if None.
    weights : Tensor or array, optional
        Of x's shape, or of the lengths of those axes alone; all 1 if None.
    returned : bool, optional
        Whether Σ w is returned, too.
    keepdims : bool, optional
        Whether these axes stay, with length 1.

    Returns
    -------
    Tensor, or a pair of them if `returned`

    Raises
    ------
    ZeroDivisionError
        If the weights sum to 0.
    ValueError
        If the weights have another shape.

    Examples
    --------
    >>> from microgradnn import Tensor, average
    >>> average(Tensor([1.0, 4.0]), weights=[2, 1])
    Tensor(2.)
    """
    x, weights = as_array(x), as_array(weights)
    shape, axes = shape_of(x), all_axes(axis, ndim_of(x), "average")
    if weights is None:
        z = mean(x, axis, keepdims=keepdims)
        return (z, np.full(z.shape, math.prod(shape[i] for i in axes), z.dtype)) if returned else z
    if shape_of(weights) != shape:
        if shape_of(weights) != tuple(shape[i] for i in axes):
            raise ValueError(f"average: weights of shape {shape_of(weights)} fit neither x, of shape {shape}, nor axis={axis}.")
        total = sum(weights)
        if sorted(axes) != list(axes):
            weights = transpose(weights, tuple(np.argsort(axes)))
        if sorted(axes) != list(range(len(shape) - len(axes), len(shape))):
            weights = reshape(weights, [length if i in axes else 1 for i, length in enumerate(shape)])
    else:
        total = sum(weights, axis, keepdims=keepdims)
    if not np.all(values_of(total)):
        raise ZeroDivisionError("average: the weights sum to 0.")
    z = sum(multiply(x, weights), axis, keepdims=keepdims) / total
    return (z, broadcast_to(total, z.shape)) if returned else z


class Ordered(Reduction):
    """What the operations below share: the elements that are put in order, as rows of a matrix."""

    def rows_of(self, x):
        """x as a matrix with a row for each element of z."""
        axes, last = self.axes_of(x)
        moved = x if axes == last else np.moveaxis(x, axes, last)
        return moved.reshape(-1, math.prod(x.shape[i] for i in axes))

    def in_shape_of(self, x, rows):
        """Such a matrix in x's shape again."""
        axes, last = self.axes_of(x)
        if axes == last:
            return rows.reshape(x.shape)
        others = [length for i, length in enumerate(x.shape) if i not in axes]
        return np.moveaxis(rows.reshape(*others, *(x.shape[i] for i in axes)), last, axes)

    def shape_of_one(self, x):
        """The shape of z; if there are several, of each."""
        axes, _ = self.axes_of(x)
        return tuple(1 if i in axes else length for i, length in enumerate(x.shape) if self.keepdims or i not in axes)

    def axes_of(self, x):
        """The axes along which elements are put in order, and the last of x, where they are moved for that."""
        everything = tuple(range(x.ndim))
        if self.axis is None:
            return everything, everything
        axes = tuple(sorted(all_axes(self.axis, x.ndim)))
        return axes, everything[x.ndim - len(axes) :]


class Median(Ordered):
    """z = the element in the middle of the order along some axes, or the mean of the two there"""

    def forward(self, x):
        return np.median(x, axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        parts = self.in_shape_of(x, parts_in_the_middle(self.rows_of(x)))
        return np.where(parts == 0, 0, self.with_axes(dz) * parts)

    vjps = (dx,)


def parts_in_the_middle(rows):
    """1 for the element in the middle of each row, or ½ for both; of equal ones for those that `sort` puts there."""
    n = rows.shape[-1]
    lower, upper = (n - 1) // 2, n // 2
    order, missing = np.partition(rows, (lower, upper), -1), np.isnan(rows)
    low, high = order[:, lower : lower + 1], order[:, upper : upper + 1]
    if type(rows) is np.ndarray and not missing.any():
        return halves(rows, lower, upper, low, high)
    parts = is_at(lower, rows, low) if lower == upper else halves(rows, lower, upper, low, high)
    last = missing & (np.cumsum(missing, axis=-1) == missing.sum(axis=-1, keepdims=True))  # NaN stands at the end of the order
    return np.where(missing.any(axis=-1, keepdims=True), last, parts).astype(rows.dtype)


def halves(rows, lower, upper, low, high):
    """½ for the element of each row that `sort` puts at the place `lower`, and ½ for that at `upper`, which may be the same.

    `low` and `high` stand there; others may be equal to them.
    """
    if type(rows) is np.ndarray:  # mostly none is, and the work is done
        middle, known, two = (rows == low) | (rows == high), ~np.isnan(low), upper > lower
        if np.count_nonzero(middle) == np.count_nonzero(known) + np.count_nonzero(known & two):
            return (middle * (1 - 0.5 * two)).astype(rows.dtype, copy=False)
    return (is_at(lower, rows, low) * 0.5 + is_at(upper, rows, high) * 0.5).astype(rows.dtype)


def is_at(k, rows, value):
    """Which element of each row `sort` puts at place k, where this value stands."""
    equal, smaller = rows == value, (rows < value).sum(axis=-1, keepdims=True)
    return equal & (smaller + np.cumsum(equal, axis=-1) == k + 1)


@operation(np.median)
def median(x: Operand, axis: Axes = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False) -> Tensor:
    """The element in the middle of the sorted order along an axis; the mean of the two there of an even number.

    It alone gets the gradient, or each of the two half; of equal elements those get it that `sort` puts there. Where an
    element is NaN, so is the median, and that element gets the gradient.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or tuple of int, optional
        Along which axes; all of them if None.
    out : None
        Refused, as by `sum`.
    overwrite_input : bool, optional
        As NumPy has it; x stays as it is.
    keepdims : bool, optional
        Whether these axes stay, with length 1.

    Returns
    -------
    Tensor
        Of x's shape without these axes, or with length 1 there.

    Raises
    ------
    ValueError
        If there are no elements.

    Examples
    --------
    >>> from microgradnn import Tensor, median
    >>> x = Tensor([5.0, 1.0, 9.0, 3.0], requires_grad=True)
    >>> median(x).backward()
    >>> x.grad
    array([0.5, 0. , 0. , 0.5])
    """
    x = as_floating(prepared(x, None, out))
    if not np.size(values_of(x)):
        raise ValueError("median of no elements is not defined.")
    return Median(axis, keepdims)(x)


@operation(np.quantile)
@with_numbers_given
def quantile(
    x: Operand,
    q: Operand,
    axis: Axes = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: None = None,
) -> Tensor:
    """The number below which a fraction q of the elements lies, along an axis, with gradients as those of `median`.

    Parameters
    ----------
    q : number or array
        Fractions from 0 to 1; their shape stands in front in the result. They get no gradient.
    method : str, optional
        How to come between two elements: "linear", "lower", "higher", "midpoint", "nearest", or one of "hazen", "weibull",
        "median_unbiased", "normal_unbiased" (Hyndman and Fan, Sample quantiles in statistical packages, 1996).
    weights : None
        Not supported.

    Other parameters and result as for `median`.

    Raises
    ------
    ValueError
        If q is not between 0 and 1, for other methods, and if there are no elements.

    Examples
    --------
    >>> from microgradnn import Tensor, quantile
    >>> quantile(Tensor([1.0, 2.0, 5.0]), [0.5, 0.75])
    Tensor([2. , 3.5])
    """
    return at_fractions("quantile", x, q, axis, out, method, keepdims, weights, leave_out_nan=False)


@operation(np.percentile)
@with_numbers_given
def percentile(
    x: Operand,
    q: Operand,
    axis: Axes = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: None = None,
) -> Tensor:
    """`quantile`, with q from 0 to 100. Parameters, result and errors as for `quantile`.

    Examples
    --------
    >>> from microgradnn import Tensor, percentile
    >>> percentile(Tensor([1.0, 2.0, 5.0]), 75)
    Tensor(3.5)
    """
    q = values_without_gradient(q, "percentile: the q") / 100
    return at_fractions("percentile", x, q, axis, out, method, keepdims, weights, leave_out_nan=False)


POSITIONS = {  # α and β of Hyndman and Fan: element k of n stands at the fraction (k − α) / (n + 1 − α − β)
    **dict.fromkeys(("linear", "lower", "higher", "midpoint", "nearest"), (1, 1)),
    "hazen": (0.5, 0.5),
    "weibull": (0, 0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
ROUNDED = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}


class Quantile(Ordered):
    """z = the element that a fraction q of all is below, along some axes, or what lies between the two there"""

    def __init__(self, q, axis=None, keepdims=False, method="linear", leave_out_nan=False):
        super().__init__(axis, keepdims)
        self.q = q
        self.method = method
        self.leave_out_nan = leave_out_nan

    def forward(self, x):
        rows = self.rows_of(x)
        places, parts = self.places(rows)
        n = np.size(self.q)
        ends = np.sort(rows, axis=-1)[np.arange(len(rows))[:, None], places]
        lower, upper, part = ends[:, :n], ends[:, n:], parts[..., n:]
        gap = np.where(part == 0, 0, upper) - np.where(part == 0, 0, lower)  # of inf at a place there is none
        z = lower + gap * part
        return np.reshape(z.T, (*np.shape(self.q), *self.shape_of_one(x)))

    def dx(self, dz, z, x):
        rows = self.rows_of(x)
        places, parts = self.places(rows)
        each, order = np.arange(len(rows))[:, None], np.argsort(rows, axis=-1, kind="stable")
        dz = np.reshape(dz, (np.size(self.q), len(rows))).T
        drows = Scatter((each, order[each, places]), rows.shape)(np.concatenate([dz, dz], axis=1) * parts)
        return self.in_shape_of(x, drows)

    def places(self, rows):
        """For each q the place in the order before it, and that after it, for all q; and which part of z is what stands there.

        NaN stands at the end. If it is not left out, what has one is NaN.
        """
        n, missing, known = rows.shape[-1], np.isnan(rows), None
        if type(rows) is np.ndarray and not missing.any():  # as mostly
            counts = n
        else:
            missing = missing.sum(axis=-1, keepdims=True)
            counts = n - missing if self.leave_out_nan else np.where(missing > 0, 0, n)
            known = counts > 0
        places = places_of(np.ravel(self.q), counts, self.method)
        before = np.floor(places)
        part = places - before
        if known is not None:
            before, part = np.where(known, before, n - 1), np.where(known, part, 0)
        before = before.astype(int)
        parts = np.concatenate([1 - part, part], axis=-1)
        if known is not None and self.leave_out_nan:
            parts = np.where(known, parts, 0)
        return np.concatenate([before, before + (part > 0)], axis=-1), parts.astype(rows.dtype)

    vjps = (dx,)


def places_of(q, counts, method):
    """At which place in the order of so many elements, counted from 0 and mostly between two, a fraction q of them is below."""
    alpha, beta = POSITIONS[method]
    places = counts * q + (alpha + q * (1 - alpha - beta) - 1)
    places = np.minimum(np.maximum(places, 0), np.maximum(counts - 1, 0))
    if method == "midpoint":
        return (np.floor(places) + np.ceil(places)) / 2
    return ROUNDED[method](places) if method in ROUNDED else places


class NanMedian(Ordered):
    """z = the element in the middle of the order of those that are no NaN along some axes, or the mean of the two there"""

    def forward(self, x):
        _, _, low, high = self.middle(self.rows_of(x))
        return np.reshape((low + high) / 2, self.shape_of_one(x))

    def dx(self, dz, z, x):
        rows = self.rows_of(x)
        parts = self.in_shape_of(x, halves(rows, *self.middle(rows)))
        return np.where(parts == 0, 0, self.with_axes(dz) * parts)

    def middle(self, rows):
        """The two places in the middle of the order of each row, which may be the same, and what stands there."""
        counts = np.sum(~np.isnan(rows), axis=-1, keepdims=True)
        lower, upper = (counts - 1) // 2, counts // 2
        order, each = np.sort(rows, axis=-1), np.arange(len(rows))[:, None]
        return lower, upper, order[each, lower], order[each, upper]

    vjps = (dx,)


def at_fractions(name, x, q, axis, out, method, keepdims, weights, leave_out_nan):
    """The elements at the fractions q of the order, along axes, with NaN or without."""
    refuse_complex(name, x)
    q = values_without_gradient(q, f"{name}: the q")
    if weights is not None or method not in POSITIONS:
        asked = f"method={method!r}" if weights is None else "weights="
        raise ValueError(f"{name}({asked}) is not one that microgradnn can differentiate; there are {', '.join(POSITIONS)}.")
    if not ((q >= 0) & (q <= 1)).all():
        raise ValueError(f"{name}: q must be between 0 and {1 if name.endswith('quantile') else 100}.")
    return Quantile(q, axis, keepdims, method, leave_out_nan)(with_elements(name, x, axis, out))


def with_elements(name, x, axis, out):
    """x as floating point numbers, of which there must be some along the axes."""
    x = as_floating(prepared(x, None, out))
    axes = all_axes(axis, ndim_of(x), name)
    if not math.prod(shape_of(x)[i] for i in axes):
        raise ValueError(f"{name} of no elements is not defined.")
    return x
