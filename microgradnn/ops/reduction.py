"""Reductions along axes: sums, products, extremes and norms. The legend is in ops/__init__.py.

An `axis` is None (all axes), an int or a tuple of ints; with `keepdims` the reduced axes stay, with length 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..errors import describe
from ..graph import Op, as_array, ndim_of, shape_of, values_of
from ..tensor import operation
from .arithmetic import add, maximum, minimum, multiply, where
from .conversion import as_floating, astype
from .shaping import expand_dims, moveaxis, reshape

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from ..annotations import Axes, Operand
    from ..tensor import Tensor

HALF, LARGEST_HALF = np.dtype(np.float16), 65504


class Reduction(Op):
    """What the operations below share: the axes they reduce, and how to put these back."""

    makes_plain_arrays = True

    def __init__(self, axis=None, keepdims=False):
        self.axis = axis
        self.keepdims = keepdims

    def with_axes(self, reduced):
        """Give z or dz its reduced axes back, with length 1, so that it broadcasts against x; one number does anyway."""
        if self.keepdims or self.axis is None or not reduced.shape:
            return reduced
        return np.expand_dims(reduced, self.axis)


class Sum(Reduction):
    """z = Σ x"""

    def forward(self, x):
        return x.sum(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        return self.with_axes(dz) * np.ones_like(x)

    vjps = (dx,)


@operation(np.sum, method=True)
def sum(
    x: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    initial: Operand | None = None,
    where: Operand = True,
) -> Tensor:
    """The sum of the elements along an axis.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or tuple of int, optional
        The axes to sum over; all of them if None.
    dtype : dtype, optional
        In which type the elements are added up; x's own if None. The gradient comes back in x's own.
    out : None
        There as NumPy has it, and refused: what is written into an array is not recorded.
    keepdims : bool, optional
        Whether these axes stay, with length 1.
    initial : number or Tensor, optional
        One term more.
    where : array of bool, optional
        Which elements take part, of a shape that broadcasts to x's. The others get the gradient 0, also where they are NaN.

    Returns
    -------
    Tensor
        Of x's shape without these axes, or with length 1 there.

    Raises
    ------
    AxisError
        If x has no such axis.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0)
    Tensor([4., 6.])
    """
    if dtype is not None or out is not None or where is not True:
        x = prepared(x, dtype, out, where, 0)
    z = Sum(axis, keepdims)(x)
    return z if initial is None else add(z, initial)


class Mean(Reduction):
    """z = Σ x / n, where n elements of x go into each element of z"""

    def forward(self, x):
        return x.mean(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        n = x.size // (z.size or 1)
        return self.with_axes(dz) / n * np.ones_like(x)

    vjps = (dx,)


@operation(np.mean, method=True)
def mean(
    x: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Operand = True,
) -> Tensor:
    """The mean of the elements along an axis. Parameters, result and errors as for `sum`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).mean(axis=0)
    Tensor([2., 3.])
    """
    if dtype is not None or out is not None or where is not True:
        x = prepared(x, dtype, out, where, 0)
    if where is True:
        return counted(Mean(axis, keepdims), x)
    x = as_floating(x)
    return shared_out(Sum(axis, keepdims)(with_room(x)), count_of(where, x, axis, keepdims), x)


class Max(Reduction):
    """z = max x; elements that tie share the gradient evenly"""

    def forward(self, x):
        return x.max(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        largest = (x == self.with_axes(z)) | np.isnan(x)  # NaN is the largest where there is one, and equal to nothing
        ties = largest.sum(axis=self.axis, keepdims=True)
        return np.where(largest, self.with_axes(dz) / ties, 0)

    vjps = (dx,)


@operation(np.max, np.amax, method=True)
def max(
    x: Operand,
    axis: Axes = None,
    out: None = None,
    keepdims: bool = False,
    initial: Operand | None = None,
    where: Operand = True,
) -> Tensor:
    """The largest element along an axis. Tied elements share the gradient evenly; a tie with `initial` gives half to each.

    Parameters, result and errors as for `sum`; `where` needs an `initial`, for where it leaves nothing.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([3.0, 1.0, 3.0], requires_grad=True)
    >>> x.max().backward()
    >>> x.grad
    array([0.5, 0. , 0.5])
    """
    if out is not None or where is not True:
        x = prepared(x, None, out, where, least_of(x), initial)
    if initial is not None and not np.size(values_of(x)):
        return sum(x, axis, keepdims=keepdims, initial=initial)  # of nothing else, it is the largest as it is the sum
    z = Max(axis, keepdims)(x)
    return z if initial is None else maximum(z, initial)


class Min(Reduction):
    """z = min x; elements that tie share the gradient evenly"""

    def forward(self, x):
        return x.min(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        smallest = (x == self.with_axes(z)) | np.isnan(x)
        ties = smallest.sum(axis=self.axis, keepdims=True)
        return np.where(smallest, self.with_axes(dz) / ties, 0)

    vjps = (dx,)


@operation(np.min, np.amin, method=True)
def min(
    x: Operand,
    axis: Axes = None,
    out: None = None,
    keepdims: bool = False,
    initial: Operand | None = None,
    where: Operand = True,
) -> Tensor:
    """The smallest element along an axis. Parameters, result, ties and errors as for `max`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([3.0, 1.0, 3.0]).min()
    Tensor(1.)
    """
    if out is not None or where is not True:
        x = prepared(x, None, out, where, most_of(x), initial)
    if initial is not None and not np.size(values_of(x)):
        return sum(x, axis, keepdims=keepdims, initial=initial)
    z = Min(axis, keepdims)(x)
    return z if initial is None else minimum(z, initial)


class Prod(Reduction):
    """z = x₀ x₁ x₂ ... along one axis"""

    def forward(self, x):
        return x.prod(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        # Of each element, the product of those before it and of those after it: not z / x, which is 0/0 where x is 0.
        after = np.flip(products_before(np.flip(x, self.axis), self.axis), self.axis)
        return self.with_axes(dz) * products_before(x, self.axis) * after

    vjps = (dx,)


@operation(np.prod, method=True)
def prod(
    x: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    initial: Operand | None = None,
    where: Operand = True,
) -> Tensor:
    """The product of the elements along an axis. Its gradient is exact with zeros too.

    Parameters, result and errors as for `sum`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([2.0, 0.0, 5.0], requires_grad=True)
    >>> x.prod().backward()
    >>> x.grad
    array([ 0., 10.,  0.])
    """
    if dtype is not None or out is not None or where is not True:
        x = prepared(x, dtype, out, where, 1)
    axes = all_axes(axis, ndim_of(x) or 1, "prod")[: ndim_of(x)]  # of a number there is axis 0, as in NumPy, and nothing to do
    if len(axes) == 1:
        z = Prod(axes[0], keepdims)(x)
    else:
        z = Prod(-1)(in_lines(x, axes))
        z = expand_dims(z, axes) if keepdims else z
    return z if initial is None else multiply(z, initial)


def products_before(x, axis):
    """1, x₀, x₀ x₁, x₀ x₁ x₂, ...: of each element, the product of those before it."""
    whole = (slice(None),) * normalize_axis_index(axis, x.ndim)
    first, but_last = (*whole, slice(0, 1)), (*whole, slice(0, -1))
    return np.cumprod(np.concatenate([np.ones_like(x[first]), x[but_last]], axis), axis)


def all_axes(axis, ndim, name=None):
    """`axis` as a tuple of axes counted from the first: None, a number and several are all allowed. `name` is for the error."""
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim, name)


def in_lines(x, axes):
    """x with some axes moved to the end and made one."""
    shape = shape_of(x)
    if axes == (len(shape) - 1,):
        return x
    kept = [length for i, length in enumerate(shape) if i not in axes]
    lines = moveaxis(x, axes, range(len(kept), len(shape))) if kept else x
    return reshape(lines, (*kept, math.prod(shape[i] for i in axes)))


# What the keywords of NumPy's reductions come down to


def prepared(x, dtype=None, out=None, mask=True, fill=0, initial=0):
    """x in another type, with `fill` where the mask is false; `out` is refused."""
    if out is not None:
        raise TypeError(
            f"out= cannot be given for {describe(x)}: what is written into an array is not recorded.\n"
            "Leave it out, and use the result."
        )
    x = as_array(x) if dtype is None else astype(x, dtype)
    if mask is True:
        return x
    if initial is None:
        raise ValueError("where= may leave nothing, of which there is no largest or smallest: say initial=, which then is it.")
    return where(checked_mask(mask, x), x, fill)


def checked_mask(mask, x):
    """The values of a mask, which must be one and broadcast to x's shape."""
    mask = np.asarray(values_of(mask))
    if mask.dtype.kind != "b":
        raise TypeError(f"where= takes True and False; it was given {mask.dtype}.")
    if mask.shape != shape_of(x) and np.broadcast_shapes(shape_of(x), mask.shape) != shape_of(x):
        raise ValueError(f"where= of shape {mask.shape} does not broadcast to the shape of {describe(x)}.")
    return mask


def least_of(x):
    """What is not larger than any element of x's type, and of that type: whole numbers beyond 2⁵³ are not all floats."""
    dtype = np.result_type(values_of(as_array(x)))
    return dtype.type(np.iinfo(dtype).min) if dtype.kind in "iu" else dtype.type(dtype.kind != "b" and -np.inf)


def most_of(x):
    """What is not smaller than any element of x's type, and of that type."""
    dtype = np.result_type(values_of(as_array(x)))
    return dtype.type(np.iinfo(dtype).max) if dtype.kind in "iu" else dtype.type(dtype.kind == "b" or np.inf)


def count_of(mask, x, axis, keepdims, ddof=0):
    """How many elements take part, less ddof, in a type that can count them."""
    n = np.sum(np.broadcast_to(values_of(mask), x.shape), axis, keepdims=keepdims)
    return np.maximum(n - ddof, 0).astype(np.result_type(x.dtype, np.float32))


def counted(op, x):
    """op(x), for an operation that divides by how many elements there are: as single, if half precision cannot count so far."""
    return astype(op(astype(x, np.float32)), HALF) if are_countless(x) else op(x)


def are_countless(x):
    """Whether the elements of x are more halves than a half can count."""
    return getattr(x, "dtype", None) == HALF and x.size > LARGEST_HALF


def with_room(x):
    """x, whose elements can be added up and counted: half precision as single."""
    return astype(x, np.float32) if x.dtype == np.float16 else x


def shared_out(z, n, x):
    """z / n in x's precision."""
    z, dtype = z / n, np.result_type(x.dtype, np.float16)
    return z if z.dtype == dtype else astype(z, dtype)
