"""Reductions along axes: sums, products, extremes and spreads. The legend is in ops/__init__.py.

An `axis` is None (all axes), an int or a tuple of ints; with `keepdims` the reduced axes stay, with length 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..graph import Op
from ..tensor import operation
from .elementwise import abs
from .shaping import expand_dims, moveaxis, ravel, reshape, squeeze

if TYPE_CHECKING:
    from typing import Literal

    from ..annotations import Axes, Axis, Operand
    from ..tensor import Tensor


class Reduction(Op):
    """What the operations below share: the axes they reduce, and how to put these back."""

    def __init__(self, axis=None, keepdims=False):
        self.axis = axis
        self.keepdims = keepdims

    def with_axes(self, reduced):
        """Give z or dz its reduced axes back, with length 1, so that it broadcasts against x."""
        if self.keepdims or self.axis is None:
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
def sum(x: Operand, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The sum of the elements along an axis.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or tuple of int, optional
        The axes to sum over; all of them if None.
    keepdims : bool, optional
        Whether these axes stay, with length 1.

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
    return Sum(axis, keepdims)(x)


class Mean(Reduction):
    """z = Σ x / n, where n elements of x go into each element of z"""

    def forward(self, x):
        return x.mean(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        n = x.size // (z.size or 1)
        return self.with_axes(dz) / n * np.ones_like(x)

    vjps = (dx,)


@operation(np.mean, method=True)
def mean(x: Operand, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The mean of the elements along an axis. Parameters, result and errors as for `sum`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).mean(axis=0)
    Tensor([2., 3.])
    """
    return Mean(axis, keepdims)(x)


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
def max(x: Operand, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The largest element along an axis. Tied elements share the gradient evenly.

    Parameters, result and errors as for `sum`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([3.0, 1.0, 3.0], requires_grad=True)
    >>> x.max().backward()
    >>> x.grad
    array([0.5, 0. , 0.5])
    """
    return Max(axis, keepdims)(x)


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
def min(x: Operand, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The smallest element along an axis. Tied elements share the gradient evenly.

    Parameters, result and errors as for `sum`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([3.0, 1.0, 3.0]).min()
    Tensor(1.)
    """
    return Min(axis, keepdims)(x)


class Prod(Reduction):
    """z = x₀ x₁ x₂ ... along one axis"""

    def forward(self, x):
        return x.prod(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        # Of each element, the product of those before it and of those after it: not z / x, which is 0/0 where x is 0.
        after = np.flip(_products_before(np.flip(x, self.axis), self.axis), self.axis)
        return self.with_axes(dz) * _products_before(x, self.axis) * after

    vjps = (dx,)


@operation(np.prod, method=True)
def prod(x: Operand, axis: Axes = None, keepdims: bool = False) -> Tensor:
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
    shape = np.shape(x)
    axes = _all_axes(axis, len(shape), "prod")
    if len(axes) == 1:
        return Prod(axes[0], keepdims)(x)
    kept = [length for i, length in enumerate(shape) if i not in axes]
    lines = moveaxis(x, axes, range(len(kept), len(shape)))
    z = Prod(-1)(reshape(lines, (*kept, math.prod(shape[i] for i in axes))))
    return expand_dims(z, axes) if keepdims else z


class Norm(Reduction):
    """z = √(Σ x²); where it is 0 the slope is taken as 0"""

    def forward(self, x):
        return np.sqrt((x * x).sum(axis=self.axis, keepdims=self.keepdims))

    def dx(self, dz, z, x):
        z = self.with_axes(z)
        return self.with_axes(dz) * (z != 0) * x / (z + (z == 0))

    vjps = (dx,)


class PNorm(Reduction):
    """z = (Σ |x|ᵖ)^(1/p); where it is 0 the slope is taken as 0"""

    def __init__(self, p, axis=None, keepdims=False):
        super().__init__(axis, keepdims)
        self.p = p

    def forward(self, x):
        return (np.abs(x) ** self.p).sum(axis=self.axis, keepdims=self.keepdims) ** (1 / self.p)

    def dx(self, dz, z, x):
        z = self.with_axes(z)
        return self.with_axes(dz) * (z != 0) * np.sign(x) * (np.abs(x) / (z + (z == 0))) ** (self.p - 1)

    vjps = (dx,)


@operation(np.linalg.norm, method=True)
def norm(x: Operand, ord: float | Literal["fro"] | None = None, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The norm of vectors or matrices.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    ord : number or "fro", optional
        None or "fro": √(Σ x²), whose slope at 0 is taken as 0. Of vectors, p: (Σ |x|ᵖ)^(1/p), and inf, −inf: the largest
        and the smallest |x|. Of matrices, 1 and inf (−1 and −inf): the largest (smallest) sum of |x| in a column, in a row.
    axis : int or pair of int, optional
        One axis for vectors, two for matrices; all of x if None.
    keepdims : bool, optional
        Whether these axes stay, with length 1.

    Returns
    -------
    Tensor
        Of x's shape without these axes, or with length 1 there.

    Raises
    ------
    ValueError
        For other orders: those made of singular values, and 0, which counts.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([3.0, -4.0]).norm(), Tensor([3.0, -4.0]).norm(1)
    (Tensor(5.), Tensor(7.))
    """
    axes = _all_axes(axis, np.ndim(x), "norm")
    euclidean = ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1)
    if euclidean:
        return Norm(axes[0] if len(axes) == 1 else axes, keepdims)(x)
    if len(axes) == 1 and ord not in (0, "fro", "nuc"):
        if np.isinf(ord):
            return (max if ord > 0 else min)(abs(x), axes[0], keepdims)
        return PNorm(ord, axes[0], keepdims)(x)
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        added, compared = axes if np.isfinite(ord) else axes[::-1]
        z = (max if ord > 0 else min)(sum(abs(x), added, keepdims=True), compared, keepdims=True)
        return z if keepdims else squeeze(z, axes)
    raise ValueError(
        f"norm(ord={ord!r}) over {len(axes)} axes is not one that microgradnn can differentiate.\n"
        "Of vectors there is every p but 0, with inf and -inf; of matrices None or 'fro', 1, -1, inf and -inf."
    )


class Var(Reduction):
    """z = Σ (x − mean x)² / (n − ddof), where n elements of x go into each element of z"""

    def __init__(self, axis=None, ddof=0, keepdims=False):
        super().__init__(axis, keepdims)
        self.ddof = ddof

    def degrees(self, x):
        """n − ddof, the degrees of freedom."""
        n = math.prod(x.shape[i] for i in _all_axes(self.axis, x.ndim))
        return n - self.ddof if n > self.ddof else 0

    def forward(self, x):
        # One element is subtracted first: then what is constant deviates by 0 exactly, and not by a rounding error.
        axes = _all_axes(self.axis, x.ndim)
        x = x - x[tuple(slice(0, 1) if i in axes else slice(None) for i in range(x.ndim))]
        squares = np.square(x - x.mean(axis=self.axis, keepdims=True))
        return squares.sum(axis=self.axis, keepdims=self.keepdims) / self.degrees(x)

    def dx(self, dz, z, x):
        deviation = x - x.mean(axis=self.axis, keepdims=True)  # the mean depends on x too, but Σ deviation = 0
        return self.with_axes(dz) * 2 * deviation / (self.degrees(x) or math.nan)

    vjps = (dx,)


@operation(np.var, method=True)
def var(x: Operand, axis: Axes = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
    """The mean squared deviation from the mean, along an axis. Other parameters, result and errors as for `sum`.

    Parameters
    ----------
    ddof : number, optional
        "Delta degrees of freedom": the squares are divided by n − ddof. Where that is 0, the gradient is NaN.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([1.0, 2.0, 6.0])
    >>> x.var().item().__round__(4), x.var(ddof=1).item()
    (4.6667, 7.0)
    """
    return Var(axis, ddof, keepdims)(x)


class Std(Var):
    """z = √(Σ (x − mean x)² / (n − ddof)), the root of `Var`; where it is 0 the slope is taken as 0"""

    def forward(self, x):
        return np.sqrt(Var.forward(self, x))

    def dx(self, dz, z, x):
        z, deviation = self.with_axes(z), x - x.mean(axis=self.axis, keepdims=True)
        return self.with_axes(dz) * (z != 0) * deviation / (self.degrees(x) or math.nan) / (z + (z == 0))

    vjps = (dx,)  # type: ignore[assignment]  # of Std, where those of Var are of Var


@operation(np.std, method=True)
def std(x: Operand, axis: Axes = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
    """The standard deviation, √var, along an axis. Where all elements are equal, its slope is 0.

    Parameters, result and errors as for `var`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([[2.0, 2.0, 2.0], [1.0, 2.0, 3.0]], requires_grad=True)
    >>> x.std(axis=1, ddof=1).sum().backward()
    >>> x.grad
    array([[ 0. ,  0. ,  0. ],
           [-0.5,  0. ,  0.5]])
    """
    return Std(axis, ddof, keepdims)(x)


class Cumsum(Op):
    """zₖ = x₀ + x₁ + ... + xₖ along one axis"""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        return x.cumsum(self.axis)

    def dx(self, dz, z, x):
        return np.flip(np.cumsum(np.flip(dz, self.axis), self.axis), self.axis)  # dzₖ + dzₖ₊₁ + ...

    vjps = (dx,)


@operation(np.cumsum, method=True)
def cumsum(x: Operand, axis: Axis = None) -> Tensor:
    """The sums of the elements up to each position along an axis.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int, optional
        Along which axis; if None, x is flattened first.

    Returns
    -------
    Tensor
        Of x's shape; of one axis if `axis` is None.

    Raises
    ------
    AxisError
        If x has no such axis.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).cumsum()
    Tensor([1., 3., 6.])
    """
    return Cumsum(0)(ravel(x)) if axis is None else Cumsum(axis)(x)


class Cumprod(Op):
    """zₖ = x₀ x₁ ... xₖ along one axis"""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        return x.cumprod(self.axis)

    def dx(self, dz, z, x):
        # ∂L/∂xₖ = x₀ ... xₖ₋₁ (dzₖ + xₖ₊₁ (dzₖ₊₁ + xₖ₊₂ (...))), by Horner's scheme: no division, so exact with zeros too.
        if x.size == 0:
            return dz
        dz, lines = np.moveaxis(dz, self.axis, 0), np.moveaxis(x, self.axis, 0)
        brackets, carried = [], 0
        for k in reversed(range(len(lines))):
            brackets.append(dz[k] + carried)
            carried = lines[k] * brackets[-1]
        return _products_before(x, self.axis) * np.moveaxis(np.stack(brackets[::-1]), 0, self.axis)

    vjps = (dx,)


@operation(np.cumprod, method=True)
def cumprod(x: Operand, axis: Axis = None) -> Tensor:
    """The products of the elements up to each position along an axis. Parameters, result and errors as for `cumsum`.

    The gradient is exact with zeros too. It takes one step of Python for each position.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).cumprod()
    Tensor([1., 2., 6.])
    """
    return Cumprod(0)(ravel(x)) if axis is None else Cumprod(axis)(x)


def _products_before(x, axis):
    """1, x₀, x₀ x₁, x₀ x₁ x₂, ...: of each element, the product of those before it."""
    whole = (slice(None),) * normalize_axis_index(axis, x.ndim)
    first, but_last = (*whole, slice(0, 1)), (*whole, slice(0, -1))
    return np.cumprod(np.concatenate([np.ones_like(x[first]), x[but_last]], axis), axis)


def _all_axes(axis, ndim, name=None):
    """`axis` as a tuple of axes counted from the first: None, a number and several are all allowed. `name` is for the error."""
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim, name)
