"""How far elements lie apart: variance, standard deviation, range, covariance. The legend is in ops/__init__.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import refuse_complex
from ..graph import ndim_of, values_of
from ..tensor import operation
from .conversion import as_floating, astype
from .elementwise import sqrt, square
from .joining import concatenate
from .products import matmul
from .reduction import Reduction, all_axes, checked_mask, counted, max, mean, min, prepared, sum, with_room
from .shaping import reshape, squeeze, transpose

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from ..annotations import Axes, Operand
    from ..tensor import Tensor


class Var(Reduction):
    """z = Σ (x − mean x)² / (n − ddof), where n elements of x go into each element of z"""

    def __init__(self, axis=None, ddof=0, keepdims=False):
        super().__init__(axis, keepdims)
        self.ddof = ddof

    def degrees(self, x):
        """n − ddof, the degrees of freedom."""
        n = math.prod(x.shape[i] for i in all_axes(self.axis, x.ndim))
        return n - self.ddof if n > self.ddof else 0

    def forward(self, x):
        # One element is subtracted first: then what is constant deviates by 0 exactly, and not by a rounding error.
        axes = all_axes(self.axis, x.ndim)
        x = x - x[tuple(slice(0, 1) if i in axes else slice(None) for i in range(x.ndim))]
        squares = np.square(x - x.mean(axis=self.axis, keepdims=True))
        return squares.sum(axis=self.axis, keepdims=self.keepdims) / self.degrees(x)

    def dx(self, dz, z, x):
        deviation = x - x.mean(axis=self.axis, keepdims=True)  # the mean depends on x too, but Σ deviation = 0
        return self.with_axes(dz) * 2 * deviation / (self.degrees(x) or math.nan)

    vjps = (dx,)


@operation(np.var, method=True)
def var(
    x: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Operand = True,
    correction: float | None = None,
) -> Tensor:
    """The mean squared deviation from the mean, along an axis. Other parameters, result and errors as for `sum`.

    Parameters
    ----------
    ddof : number, optional
        "Delta degrees of freedom": the squares are divided by n − ddof. Where that is 0, the gradient is NaN.
    correction : number, optional
        Another name for this.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([1.0, 2.0, 6.0])
    >>> x.var().item().__round__(4), x.var(ddof=1).item()
    (4.6667, 7.0)
    """
    if dtype is not None or out is not None or where is not True:
        x = prepared(x, dtype, out)
    refuse_complex("var", x)
    x = as_floating(x)
    ddof = _one_of(ddof, correction)
    if where is True or not np.size(values_of(x)):
        return counted(Var(axis, ddof, keepdims), x)
    return _of_those(MaskedVar(axis, ddof, keepdims), where, x)


class Std(Var):
    """z = √(Σ (x − mean x)² / (n − ddof)), the root of `Var`; where it is 0 the slope is taken as 0"""

    def forward(self, x):
        return np.sqrt(Var.forward(self, x))

    def dx(self, dz, z, x):
        z, deviation = self.with_axes(z), x - x.mean(axis=self.axis, keepdims=True)
        return self.with_axes(dz) * (z != 0) * deviation / (self.degrees(x) or math.nan) / (z + (z == 0))

    vjps = (dx,)  # type: ignore[assignment]  # of Std, where those of Var are of Var


@operation(np.std, method=True)
def std(
    x: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Operand = True,
    correction: float | None = None,
) -> Tensor:
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
    if dtype is not None or out is not None or where is not True:
        x = prepared(x, dtype, out)
    refuse_complex("std", x)
    x = as_floating(x)
    ddof = _one_of(ddof, correction)
    if where is True or not np.size(values_of(x)):
        return counted(Std(axis, ddof, keepdims), x)
    return _of_those(MaskedStd(axis, ddof, keepdims), where, x)


@operation(np.ptp)
def ptp(x: Operand, axis: Axes = None, out: None = None, keepdims: bool = False) -> Tensor:
    """The largest element minus the smallest, along an axis. Parameters, ties and errors as for `max`.

    Examples
    --------
    >>> from microgradnn import Tensor, ptp
    >>> ptp(Tensor([[1.0, 4.0], [3.0, 3.0]]), axis=1)
    Tensor([3., 0.])
    """
    return max(x, axis, out, keepdims) - min(x, axis, out, keepdims)


@operation(np.cov)
def cov(
    m: Operand,
    y: Operand | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: float | None = None,
    fweights: Operand | None = None,
    aweights: Operand | None = None,
    *,
    dtype: DTypeLike | None = None,
) -> Tensor:
    """The covariances of variables, from observations of them: Σ (x − mean x)(y − mean y) / (n − ddof).

    Parameters
    ----------
    m, y : Tensor or array
        Each variable in a row, each observation in a column; one variable may be given by itself.
    rowvar : bool, optional
        If False, each variable is in a column instead.
    bias, ddof : bool and number, optional
        ddof is 1, or with `bias` 0, unless given.
    fweights, aweights : array, optional
        How often each observation was made, and how much it weighs; numbers without a gradient.
    dtype : dtype, optional
        In which type to compute.

    Returns
    -------
    Tensor
        A square matrix; one number for a single variable.

    Examples
    --------
    >>> from microgradnn import Tensor, cov
    >>> cov(Tensor([[1.0, 2.0, 3.0], [0.0, 2.0, 4.0]]))
    Tensor([[1., 2.],
            [2., 4.]])
    """
    x = variables(m, y, rowvar, dtype)
    ddof, n = (0 if bias else 1) if ddof is None else ddof, x.shape[1]
    if fweights is None and aweights is None:
        x = x - mean(x, 1, keepdims=True)
        return squeeze(matmul(x, transpose(x)) / _or_zero(n - ddof))
    counts, weights = (np.ones(n) if w is None else values_without_gradient(w, "cov: weights") for w in (fweights, aweights))
    w = (counts * weights).astype(x.dtype)
    x = x - sum(x * w, 1, keepdims=True) / w.sum()
    n = w.sum() - ddof * (1 if aweights is None else (w * weights).sum() / w.sum())
    return squeeze(matmul(x * w, transpose(x)) / _or_zero(n))


@operation(np.corrcoef)
def corrcoef(x: Operand, y: Operand | None = None, rowvar: bool = True, *, dtype: DTypeLike | None = None) -> Tensor:
    """The correlations of variables: their covariances, divided by both standard deviations. Parameters as for `cov`.

    They may be beyond −1 and 1 by a rounding error: to clip them, as NumPy does, would bend the slopes. Of what is constant
    they are NaN.

    Examples
    --------
    >>> from microgradnn import Tensor, corrcoef
    >>> corrcoef(Tensor([[1.0, 2.0, 3.0], [4.0, 2.0, 0.0]]))
    Tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    x = variables(x, y, rowvar, dtype)
    x = x - mean(x, 1, keepdims=True)
    x = x / sqrt(sum(square(x), 1, keepdims=True))
    z = squeeze(matmul(x, transpose(x)))
    return z if x.shape[1] else z / z


def variables(x, y, rowvar, dtype):
    """x, and y if there is one, as a matrix with a variable in each row."""
    rows = in_rows(x, rowvar) if y is None else concatenate([in_rows(x, rowvar), in_rows(y, rowvar)])
    return rows if dtype is None else astype(rows, dtype)


def in_rows(x, rowvar):
    """x as a matrix with a variable in each row."""
    refuse_complex("cov, corrcoef", x)
    x = as_floating(x)
    if ndim_of(x) > 2:
        raise ValueError(f"cov, corrcoef: variables and observations have 2 axes; there are {ndim_of(x)}.")
    if ndim_of(x) < 2:
        return reshape(x, (1, -1))
    return x if rowvar else transpose(x)


def values_without_gradient(x, what):
    """The array of x, which must not require a gradient."""
    if getattr(x, "requires_grad", False):
        raise TypeError(f"{what} get no gradient here; give their values: tensor.numpy().")
    return np.asarray(values_of(x))


def _or_zero(n):
    """n, or a 0 that divides as NumPy's does, to inf and NaN."""
    return n if n > 0 else np.float64(0)


# What var and std are with where=


class MaskedVar(Reduction):
    """z = Σ (x − mean x)² / (n − ddof) over those n elements of x where the mask is true"""

    def __init__(self, axis=None, ddof=0, keepdims=False):
        super().__init__(axis, keepdims)
        self.ddof = ddof

    def degrees(self, mask, x, keepdims):
        """n − ddof, the degrees of freedom."""
        degrees = mask.sum(axis=self.axis, keepdims=keepdims) - self.ddof
        return np.where(degrees > 0, degrees, 0).astype(x.dtype)

    def deviation(self, mask, x):
        """Of the elements that take part, the deviation from their mean, else 0."""
        n = mask.sum(axis=self.axis, keepdims=True).astype(x.dtype)
        return np.where(mask, x - np.where(mask, x, 0).sum(axis=self.axis, keepdims=True) / (n + (n == 0)), 0)

    def forward(self, mask, x):
        # One element is subtracted first, as in Var: the largest, if it is finite.
        largest = np.where(mask, x, -np.inf).max(axis=self.axis, keepdims=True)
        squares = np.square(self.deviation(mask, x - np.where(np.isfinite(largest), largest, 0)))
        return squares.sum(axis=self.axis, keepdims=self.keepdims) / self.degrees(mask, x, self.keepdims)

    def dx(self, dz, z, mask, x):
        slope = 2 * self.deviation(mask, x) / self.degrees(mask, x, keepdims=True)
        return np.where(mask, self.with_axes(dz) * slope, 0)

    vjps = None, dx


class MaskedStd(MaskedVar):
    """z = √(Σ (x − mean x)² / (n − ddof)), the root of `MaskedVar`; where it is 0 the slope is taken as 0"""

    def forward(self, mask, x):
        return np.sqrt(MaskedVar.forward(self, mask, x))

    def dx(self, dz, z, mask, x):
        z = self.with_axes(z)
        slope = self.deviation(mask, x) / self.degrees(mask, x, keepdims=True) / (z + (z == 0))
        return np.where(mask, self.with_axes(dz) * (z != 0) * slope, 0)

    vjps = None, dx  # type: ignore[assignment]  # of MaskedStd, where those of MaskedVar are of MaskedVar


def _of_those(op, mask, x):
    """op of the elements of x where the mask is true, in x's precision."""
    x, mask = x if hasattr(x, "dtype") else np.asarray(x), checked_mask(mask, x)
    z = op(mask if mask.shape == x.shape else np.broadcast_to(mask, x.shape), with_room(x))
    return z if z.dtype == x.dtype else astype(z, x.dtype)


def _one_of(ddof, correction):
    """The degrees of freedom that are lost, under one of their two names."""
    if correction is None:
        return ddof
    if ddof != 0:
        raise ValueError("ddof and correction are two names of one number; give one of them.")
    return correction
