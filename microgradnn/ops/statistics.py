"""Weighted averages, and what has a place in the order of the elements: median and quantiles. See ops/__init__.py.

An element of the sorted order is picked by its position, as `sort` does; so these are written as picking and averaging.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import refuse_complex
from ..graph import as_array, ndim_of, shape_of, values_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .arithmetic import multiply, where
from .broadcasting import broadcast_to
from .conversion import as_floating
from .indexing import take_along_axis
from .reduction import Reduction, all_axes, in_lines, mean, prepared, sum
from .shaping import expand_dims, moveaxis, reshape, transpose
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
        weights = transpose(weights, tuple(np.argsort(axes)))
        weights = reshape(weights, [length if i in axes else 1 for i, length in enumerate(shape)])
    total = sum(broadcast_to(weights, shape), axis, keepdims=keepdims)
    if not np.all(values_of(total)):
        raise ZeroDivisionError("average: the weights sum to 0.")
    z = sum(multiply(x, weights), axis, keepdims=keepdims) / total
    return (z, total) if returned else z


class Median(Reduction):
    """z = the element in the middle of the order along some axes, or the mean of the two there"""

    def forward(self, x):
        return np.median(x, axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        axes = all_axes(self.axis, x.ndim)
        last = tuple(range(x.ndim - len(axes), x.ndim))
        moved = x if axes == last else np.moveaxis(x, axes, last)
        parts = parts_in_the_middle(np.reshape(moved, (*moved.shape[: x.ndim - len(axes)], -1)))
        parts = np.reshape(parts, moved.shape)
        parts = parts if axes == last else np.moveaxis(parts, last, axes)
        return np.where(parts == 0, 0, self.with_axes(dz) * parts)

    vjps = (dx,)


def parts_in_the_middle(lines):
    """1 for the element in the middle of each line, or ½ for both; of equal ones for those that `sort` puts there."""
    n = lines.shape[-1]
    lower, upper = (n - 1) // 2, n // 2
    values = np.partition(lines, (lower, upper), -1)
    missing = np.isnan(lines)
    if type(lines) is np.ndarray and not missing.any():  # mostly none is equal to those, and the work is done
        middle = lines == values[..., lower : lower + 1]
        middle = middle if upper == lower else middle | (lines == values[..., upper : upper + 1])
        each = upper - lower + 1
        if np.count_nonzero(middle) * n == each * lines.size:
            return middle.astype(lines.dtype) / each
    parts = is_at(lower, lines, values)
    if upper != lower:
        parts = (parts + is_at(upper, lines, values)) / 2
    last = missing & (np.cumsum(missing, axis=-1) == missing.sum(axis=-1, keepdims=True))  # NaN stands at the end of the order
    return np.where(missing.any(axis=-1, keepdims=True), last, parts).astype(lines.dtype)


def is_at(k, lines, values):
    """Which element of each line `sort` puts at place k, where `values` has one that is equal to it."""
    value = values[..., k : k + 1]
    equal, smaller = lines == value, (lines < value).sum(axis=-1, keepdims=True)
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


# How they are found


def nan_median(x, axis, out, keepdims):
    """The median of what is no NaN, along axes."""
    lines, axes = lines_along("nanmedian", x, axis, out)
    order, counts = order_of(lines, leave_out_nan=True)
    lower, upper = picked((counts - 1) // 2, order, counts), picked(counts // 2, order, counts)
    middle = lower if (lower == upper).all() else np.concatenate([lower, upper], -1)
    z = known(mean(take_along_axis(lines, middle, -1), -1), counts, leave_out_nan=True)
    return expand_dims(z, axes) if keepdims else z


POSITIONS = {  # α and β of Hyndman and Fan: element k of n stands at the fraction (k − α) / (n + 1 − α − β)
    **dict.fromkeys(("linear", "lower", "higher", "midpoint", "nearest"), (1, 1)),
    "hazen": (0.5, 0.5),
    "weibull": (0, 0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
ROUNDED = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}


def at_fractions(name, x, q, axis, out, method, keepdims, weights, leave_out_nan):
    """The elements at the fractions q of the order, along axes, with NaN or without."""
    refuse_complex(name, x)
    q = values_without_gradient(q, f"{name}: the q")
    if weights is not None or method not in POSITIONS:
        asked = f"method={method!r}" if weights is None else "weights="
        raise ValueError(f"{name}({asked}) is not one that microgradnn can differentiate; there are {', '.join(POSITIONS)}.")
    if not ((q >= 0) & (q <= 1)).all():
        raise ValueError(f"{name}: q must be between 0 and {1 if name.endswith('quantile') else 100}.")
    lines, axes = lines_along(name, x, axis, out)
    order, counts = order_of(lines, leave_out_nan)
    places = places_of(q.ravel(), counts, method)
    below = np.floor(places).astype(int)
    lower, upper = picked(below, order, counts), picked(below + (places > below), order, counts)
    z = take_along_axis(lines, lower, -1)
    if (upper != lower).any():
        between = (places - below).astype(np.result_type(lines.dtype, np.float16))
        z = z + (take_along_axis(lines, upper, -1) - z) * between
    z = known(moveaxis(z, -1, 0), counts, leave_out_nan)
    if keepdims:
        z = expand_dims(z, tuple(i + 1 for i in axes))
    return reshape(z, (*q.shape, *z.shape[1:]))


def places_of(q, counts, method):
    """At which place in the order of so many elements, counted from 0 and mostly between two, a fraction q of them is below."""
    alpha, beta = POSITIONS[method]
    places = np.clip(counts * q + alpha + q * (1 - alpha - beta) - 1, 0, np.maximum(counts - 1, 0))
    if method == "midpoint":
        return (np.floor(places) + np.ceil(places)) / 2
    return ROUNDED[method](places) if method in ROUNDED else places


def lines_along(name, x, axis, out):
    """x with the axes in question as one, the last, and which they are."""
    x = as_floating(prepared(x, None, out))
    axes = all_axes(axis, ndim_of(x), name)
    lines = in_lines(x, axes)
    if not lines.shape[-1]:
        raise ValueError(f"{name} of no elements is not defined.")
    return lines, axes


def order_of(lines, leave_out_nan):
    """Where the elements of each line stand that are smallest, second smallest, ...; NaN comes last. And how many count.

    If NaN is not left out, none counts where there is one.
    """
    values = values_of(lines)
    missing, n = np.isnan(values).sum(-1, keepdims=True), values.shape[-1]
    return np.argsort(values, -1, kind="stable"), n - missing if leave_out_nan else np.where(missing > 0, 0, n)


def picked(places, order, counts):
    """The positions of what has these places in the order; where nothing counts, of the last, which is NaN."""
    last = order.shape[-1] - 1
    return np.take_along_axis(order, np.where(counts > 0, np.minimum(places, last), last), -1)


def known(z, counts, leave_out_nan):
    """z, but where all was left out NaN, without a gradient to any of it."""
    return where(counts[..., 0] > 0, z, np.nan) if leave_out_nan and not counts.all() else z
