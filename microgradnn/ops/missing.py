"""NaN as what is missing: reductions that leave it out, and functions that put something in its place. See ops/__init__.py.

An element that is left out or replaced has the gradient 0, and its NaN reaches no other gradient. Where a line of an axis is
NaN altogether, so is its mean or median, and nothing there has a gradient; its sum is 0, and its product 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..graph import as_array, values_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from . import reduction, spread
from .arithmetic import maximum, minimum, where
from .conversion import as_floating, astype
from .cumulative import cumprod, cumsum
from .reduction import HALF, Reduction, with_room
from .spread import values_without_gradient
from .statistics import NanMedian, at_fractions, with_elements

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from ..annotations import Axes, Axis, Operand
    from ..tensor import Tensor


@operation(np.nan_to_num)
@with_numbers_given
def nan_to_num(
    x: Operand, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """x with numbers in place of NaN, inf and −inf. Its slope is 1 where x is finite, and 0 where it was replaced.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape.
    copy : bool, optional
        As NumPy has it; x stays as it is.
    nan, posinf, neginf : number, optional
        What stands for each; for inf and −inf the largest and the smallest number of x's type, if None.

    Returns
    -------
    Tensor
        Of x's shape and type.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nan_to_num
    >>> nan_to_num(Tensor([1.0, np.nan, np.inf]), posinf=9)
    Tensor([1., 0., 9.])
    """
    values = values_of(x)
    return where(np.isfinite(values), x, np.nan_to_num(values, nan=nan, posinf=posinf, neginf=neginf))


@operation(np.fmax, method=True)
def fmax(x: Operand, y: Operand) -> Tensor:
    """The larger of x and y, element by element; where one of them is NaN, the other. Shapes and errors as for `add`.

    A NaN that is left out gets the gradient 0, a tie gives each half, and where both are NaN they are as in `maximum`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, fmax
    >>> fmax(Tensor([1.0, np.nan]), Tensor([np.nan, 2.0]))
    Tensor([1., 2.])
    """
    return maximum(*_each_or_the_other(x, y))


@operation(np.fmin, method=True)
def fmin(x: Operand, y: Operand) -> Tensor:
    """The smaller of x and y, element by element; where one of them is NaN, the other. Otherwise as for `fmax`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, fmin
    >>> fmin(Tensor([1.0, np.nan]), 0.5)
    Tensor([0.5, 0.5])
    """
    return minimum(*_each_or_the_other(x, y))


@operation(np.nansum)
def nansum(
    x: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    initial: Operand | None = None,
    where: Operand = True,
) -> Tensor:
    """`sum` of the elements that are not NaN. Parameters, result and errors as for `sum`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nansum
    >>> nansum(Tensor([1.0, np.nan, 3.0]))
    Tensor(4.)
    """
    return reduction.sum(x, axis, dtype, out, keepdims, initial, where=present(x, where))


@operation(np.nanprod)
def nanprod(
    x: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    initial: Operand | None = None,
    where: Operand = True,
) -> Tensor:
    """`prod` of the elements that are not NaN. Parameters, result and errors as for `prod`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nanprod
    >>> nanprod(Tensor([1.0, np.nan, 3.0]))
    Tensor(3.)
    """
    return reduction.prod(x, axis, dtype, out, keepdims, initial, where=present(x, where))


class NanMean(Reduction):
    """z = Σ x / n over those n elements of x that are no NaN"""

    def forward(self, x):
        present = ~np.isnan(x)
        n = present.sum(axis=self.axis, keepdims=self.keepdims).astype(x.dtype)
        return np.where(present, x, 0).sum(axis=self.axis, keepdims=self.keepdims) / n

    def dx(self, dz, z, x):
        present = ~np.isnan(x)
        n = present.sum(axis=self.axis, keepdims=True).astype(x.dtype)
        return np.where(present, self.with_axes(dz) / (n + (n == 0)), 0)

    vjps = (dx,)


@operation(np.nanmean)
def nanmean(
    x: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Operand = True,
) -> Tensor:
    """`mean` of the elements that are not NaN. Parameters, result and errors as for `mean`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nanmean
    >>> nanmean(Tensor([1.0, np.nan, 3.0]))
    Tensor(2.)
    """
    if where is not True:
        return reduction.mean(x, axis, dtype, out, keepdims, where=present(x, where))
    x = as_floating(reduction.prepared(x, dtype, out))
    z = NanMean(axis, keepdims)(with_room(x))
    return astype(z, x.dtype) if z.dtype != x.dtype else z


@operation(np.nanvar)
def nanvar(
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
    """`var` of the elements that are not NaN. Parameters, result and errors as for `var`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nanvar
    >>> nanvar(Tensor([1.0, np.nan, 3.0]))
    Tensor(1.)
    """
    left = present(x, where)
    z = spread.var(x, axis, dtype, out, ddof, keepdims, where=left, correction=correction)
    return _with_freedom(z, left, axis, keepdims, correction or ddof)


@operation(np.nanstd)
def nanstd(
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
    """`std` of the elements that are not NaN. Parameters, result and errors as for `std`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nanstd
    >>> nanstd(Tensor([1.0, np.nan, 3.0]))
    Tensor(1.)
    """
    left = present(x, where)
    z = spread.std(x, axis, dtype, out, ddof, keepdims, where=left, correction=correction)
    return _with_freedom(z, left, axis, keepdims, correction or ddof)


class NanMax(Reduction):
    """z = max x over the elements that are no NaN; those that tie share the gradient evenly"""

    def forward(self, x):
        present = ~np.isnan(x)
        z = np.where(present, x, -np.inf).max(axis=self.axis, keepdims=self.keepdims)
        return np.where(present.any(axis=self.axis, keepdims=self.keepdims), z, np.nan)

    def dx(self, dz, z, x):
        largest = x == self.with_axes(z)
        ties = largest.sum(axis=self.axis, keepdims=True)
        return np.where(largest, self.with_axes(dz) / (ties + (ties == 0)), 0)

    vjps = (dx,)


class NanMin(Reduction):
    """z = min x over the elements that are no NaN; those that tie share the gradient evenly"""

    def forward(self, x):
        present = ~np.isnan(x)
        z = np.where(present, x, np.inf).min(axis=self.axis, keepdims=self.keepdims)
        return np.where(present.any(axis=self.axis, keepdims=self.keepdims), z, np.nan)

    def dx(self, dz, z, x):
        smallest = x == self.with_axes(z)
        ties = smallest.sum(axis=self.axis, keepdims=True)
        return np.where(smallest, self.with_axes(dz) / (ties + (ties == 0)), 0)

    vjps = (dx,)


@operation(np.nanmax)
def nanmax(
    x: Operand,
    axis: Axes = None,
    out: None = None,
    keepdims: bool = False,
    initial: Operand | None = None,
    where: Operand = True,
) -> Tensor:
    """The largest of the elements that are not NaN, along an axis; NaN if there is none. Ties and parameters as for `max`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nanmax
    >>> nanmax(Tensor([1.0, np.nan, 3.0]))
    Tensor(3.)
    """
    return _extreme(reduction.max, NanMax, reduction.least_of(x), x, axis, out, keepdims, initial, where)


@operation(np.nanmin)
def nanmin(
    x: Operand,
    axis: Axes = None,
    out: None = None,
    keepdims: bool = False,
    initial: Operand | None = None,
    where: Operand = True,
) -> Tensor:
    """The smallest of the elements that are not NaN, along an axis; NaN if there is none. Ties and parameters as for `min`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nanmin
    >>> nanmin(Tensor([1.0, np.nan, 3.0]))
    Tensor(1.)
    """
    return _extreme(reduction.min, NanMin, reduction.most_of(x), x, axis, out, keepdims, initial, where)


def _extreme(extreme, rule, outermost, x, axis, out, keepdims, initial, mask):
    """The largest or smallest of the elements that are not NaN."""
    if mask is not True and initial is None:
        reduction.prepared(x, mask=mask, initial=None)  # refuses
    if mask is True and initial is None and out is None and getattr(x, "dtype", HALF).kind == "f":
        return rule(axis, keepdims)(as_array(x))
    mask = present(x, mask)
    z = extreme(reduction.prepared(x, None, out, mask, outermost), axis, keepdims=keepdims, initial=initial)
    some = np.any(mask, axis, keepdims=keepdims)
    return z if initial is not None or some.all() else where(some, z, np.nan)


@operation(np.nanmedian)
def nanmedian(x: Operand, axis: Axes = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False) -> Tensor:
    """`median` of the elements that are not NaN. Parameters, result and errors as for `median`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nanmedian
    >>> nanmedian(Tensor([1.0, np.nan, 3.0]))
    Tensor(2.)
    """
    return NanMedian(axis, keepdims)(with_elements("nanmedian", x, axis, out))


@operation(np.nanquantile)
def nanquantile(
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
    """`quantile` of the elements that are not NaN. Parameters, result and errors as for `quantile`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nanquantile
    >>> nanquantile(Tensor([1.0, np.nan, 3.0]), 0.25)
    Tensor(1.5)
    """
    return at_fractions("nanquantile", x, q, axis, out, method, keepdims, weights, leave_out_nan=True)


@operation(np.nanpercentile)
def nanpercentile(
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
    """`percentile` of the elements that are not NaN. Parameters, result and errors as for `quantile`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nanpercentile
    >>> nanpercentile(Tensor([1.0, np.nan, 3.0]), 25)
    Tensor(1.5)
    """
    q = values_without_gradient(q, "nanpercentile: the q") / 100
    return at_fractions("nanpercentile", x, q, axis, out, method, keepdims, weights, leave_out_nan=True)


@operation(np.nancumsum)
def nancumsum(x: Operand, axis: Axis = None, dtype: DTypeLike | None = None, out: None = None) -> Tensor:
    """`cumsum`, to which NaN adds nothing. Parameters and result as for `cumsum`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nancumsum
    >>> nancumsum(Tensor([1.0, np.nan, 3.0]))
    Tensor([1., 1., 4.])
    """
    return cumsum(where(present(x), x, 0), axis, dtype, out)


@operation(np.nancumprod)
def nancumprod(x: Operand, axis: Axis = None, dtype: DTypeLike | None = None, out: None = None) -> Tensor:
    """`cumprod`, which NaN does not change. Parameters and result as for `cumsum`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nancumprod
    >>> nancumprod(Tensor([2.0, np.nan, 3.0]))
    Tensor([2., 2., 6.])
    """
    return cumprod(where(present(x), x, 1), axis, dtype, out)


def present(x, mask=True):
    """Where x is not NaN, and the mask is true."""
    here = ~np.isnan(values_of(x))
    return here if mask is True else here & values_of(mask)


def _with_freedom(z, left, axis, keepdims, ddof):
    """z, but NaN where no more than ddof elements are left: 0/0 in NumPy's nanvar, where its var has inf."""
    if ddof == 0:
        return z  # of none it is NaN anyway
    enough = np.sum(left, axis, keepdims=keepdims) > ddof
    return z if np.all(enough) else where(enough, z, np.nan)


def _each_or_the_other(x, y):
    """x and y, and where one of them is NaN, the other in its place."""
    missing_x, missing_y = np.isnan(values_of(x)), np.isnan(values_of(y))
    return (where(missing_x, y, x) if missing_x.any() else x), (where(missing_y, x, y) if missing_y.any() else y)
