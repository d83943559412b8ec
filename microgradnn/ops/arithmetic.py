"""Arithmetic with two operands, and minus. The legend is in ops/__init__.py.

Operands of unequal shapes broadcast as in NumPy. The rules do not undo that: the backward loop sums each contribution
over the axes along which its input was repeated (`backprop.unbroadcast`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..graph import Op, as_array, values_of
from ..tensor import operation
from .conversion import astype
from .elementwise import LOG_2

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor


class Add(Op):
    """z = x + y"""

    def forward(self, x, y):
        return x + y

    def dx(self, dz, z, x, y):
        return dz

    def dy(self, dz, z, x, y):
        return dz

    vjps = dx, dy


@operation(np.add, method=True)
def add(x: Operand, y: Operand) -> Tensor:
    """x + y, element by element, with broadcasting.

    Parameters
    ----------
    x, y : Tensor, array or number
        Of shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape; dtype by NumPy's promotion.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.

    Examples
    --------
    >>> from microgradnn import Tensor, add
    >>> add(Tensor([1.0, 2.0]), 10)
    Tensor([11., 12.])
    """
    return _add(x, y)


class Subtract(Op):
    """z = x − y"""

    def forward(self, x, y):
        return x - y

    def dx(self, dz, z, x, y):
        return dz

    def dy(self, dz, z, x, y):
        return -dz

    vjps = dx, dy


@operation(np.subtract, method=True)
def subtract(x: Operand, y: Operand) -> Tensor:
    """x − y, element by element, with broadcasting. Shapes and errors as for `add`.

    Examples
    --------
    >>> from microgradnn import Tensor, subtract
    >>> subtract(Tensor([1.0, 2.0]), 10)
    Tensor([-9., -8.])
    """
    return _subtract(x, y)


class Multiply(Op):
    """z = x y"""

    def forward(self, x, y):
        return x * y

    def dx(self, dz, z, x, y):
        return dz * y

    def dy(self, dz, z, x, y):
        return dz * x

    vjps = dx, dy


@operation(np.multiply, method=True)
def multiply(x: Operand, y: Operand) -> Tensor:
    """x y, element by element, with broadcasting. Shapes and errors as for `add`.

    Examples
    --------
    >>> from microgradnn import Tensor, multiply
    >>> multiply(Tensor([1.0, 2.0]), 10)
    Tensor([10., 20.])
    """
    return _multiply(x, y)


class Divide(Op):
    """z = x / y"""

    def forward(self, x, y):
        return x / y

    def dx(self, dz, z, x, y):
        return dz / y

    def dy(self, dz, z, x, y):
        return -dz * z / y  # −x/y² = −z/y

    vjps = dx, dy


@operation(np.divide, method=True)
def divide(x: Operand, y: Operand) -> Tensor:
    """x / y, element by element, with broadcasting. Shapes and errors as for `add`.

    Examples
    --------
    >>> from microgradnn import Tensor, divide
    >>> divide(1, Tensor([1.0, 2.0]))
    Tensor([1. , 0.5])
    """
    return _divide(x, y)


class Negative(Op):
    """z = −x"""

    def forward(self, x):
        return -x

    def dx(self, dz, z, x):
        return -dz

    vjps = (dx,)


@operation(np.negative, method=True)
def negative(x: Operand) -> Tensor:
    """−x, element by element.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, negative
    >>> negative(Tensor([1.0, -2.0]))
    Tensor([-1.,  2.])
    """
    return _negative(x)


@operation(np.positive)
def positive(x: Operand) -> Tensor:
    """+x, which is x itself.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, positive
    >>> positive(Tensor([1.0, -2.0]))
    Tensor([ 1., -2.])
    """
    return x  # type: ignore[return-value]  # what was given


class Power(Op):
    """z = xʸ"""

    def forward(self, x, y):
        return x**y

    def dx(self, dz, z, x, y):
        # y xʸ⁻¹; where both are 0 the exponent stays 0, since 0 · 0⁻¹ would be NaN where x⁰ = 1 is simply constant.
        if isinstance(y, (int, float)):
            return dz * y * x ** (y - (y != 0))
        return dz * y * x ** (y - 1 + (y == 0) * (x == 0))

    def dy(self, dz, z, x, y):
        # xʸ log x; where 0ʸ = 0 for every y > 0 the logarithm is taken of 1, so that the slope is 0 and not 0 · −inf.
        # In y's type, which may be finer than x's: of whole numbers of 8 bits, NumPy's logarithm is a half.
        return dz * z * np.log(x + (x == 0) * (y >= 0) * np.ones_like(y))

    vjps = dx, dy


@operation(np.power, method=True)
def power(x: Operand, y: Operand) -> Tensor:
    """x to the power y, element by element, with broadcasting. Shapes and errors as for `add`.

    The derivative with respect to x is y xʸ⁻¹, also for negative x where y is whole, and 0 for y = 0. The one with
    respect to y is xʸ log x: 0 at x = 0 for y ≥ 0, and NaN for negative x, where xʸ is defined at whole y only.

    Examples
    --------
    >>> from microgradnn import Tensor, power
    >>> x = Tensor([3.0, -2.0], requires_grad=True)
    >>> power(x, 3).sum().backward()
    >>> x.grad
    array([27., 12.])
    """
    return _power(x, y)


@operation(np.float_power)
def float_power(x: Operand, y: Operand) -> Tensor:
    """`power` in double precision, or longer, whatever the types of x and y are: whole numbers have negative powers, too.

    Shapes and errors as for `add`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, float_power
    >>> float_power(Tensor(np.array([2, 4])), -1)
    Tensor([0.5 , 0.25])
    """
    x, y = as_array(x), as_array(y)
    dtype = np.result_type(values_of(x), values_of(y), np.float64)
    x, y = (each if getattr(each, "dtype", None) == dtype else astype(each, dtype) for each in (x, y))
    return power(x, y)


class Maximum(Op):
    """z = max(x, y), element by element; at a tie each operand gets half the gradient"""

    def forward(self, x, y):
        return np.maximum(x, y)

    def dx(self, dz, z, x, y):
        return np.where(x < y, 0, np.where(x == y, dz / 2, dz))  # dz, too, where NaN is neither

    def dy(self, dz, z, x, y):
        return np.where(y < x, 0, np.where(x == y, dz / 2, dz))

    vjps = dx, dy


@operation(np.maximum, method=True)
def maximum(x: Operand, y: Operand) -> Tensor:
    """The larger of x and y, element by element, with broadcasting. Shapes and errors as for `add`.

    At a tie each operand gets half the gradient, so `maximum(x, x)` has slope 1.

    Examples
    --------
    >>> from microgradnn import Tensor, maximum
    >>> x = Tensor([-1.0, 0.0, 1.0], requires_grad=True)
    >>> maximum(x, 0).sum().backward()
    >>> x.grad
    array([0. , 0.5, 1. ])
    """
    return Maximum()(x, y)


class Minimum(Op):
    """z = min(x, y), element by element; at a tie each operand gets half the gradient"""

    def forward(self, x, y):
        return np.minimum(x, y)

    def dx(self, dz, z, x, y):
        return np.where(x > y, 0, np.where(x == y, dz / 2, dz))

    def dy(self, dz, z, x, y):
        return np.where(y > x, 0, np.where(x == y, dz / 2, dz))

    vjps = dx, dy


@operation(np.minimum, method=True)
def minimum(x: Operand, y: Operand) -> Tensor:
    """The smaller of x and y, element by element, with broadcasting. Shapes and errors as for `add`.

    At a tie each operand gets half the gradient, so `minimum(x, x)` has slope 1.

    Examples
    --------
    >>> from microgradnn import Tensor, minimum
    >>> minimum(Tensor([-1.0, 0.0, 1.0]), 0)
    Tensor([-1.,  0.,  0.])
    """
    return Minimum()(x, y)


def _share(x, y, log_of_base=1):
    """eˣ / (eˣ + eʸ), from x − y alone: of large numbers, eˣ would overflow, and log(eˣ + eʸ) is too coarse."""
    equal = (x == y) & np.isinf(x)  # ∞ − ∞ would be NaN; by symmetry each has half
    difference = np.where(equal, 0, y) - np.where(equal, 0, x)
    return np.exp(-np.logaddexp(0, difference if log_of_base == 1 else difference * log_of_base))


class Logaddexp(Op):
    """z = log(eˣ + eʸ), element by element"""

    def forward(self, x, y):
        return np.logaddexp(x, y)

    def dx(self, dz, z, x, y):
        return dz * (z != -np.inf) * _share(x, y)  # 0 where eˣ and eʸ both are

    def dy(self, dz, z, x, y):
        return dz * (z != -np.inf) * _share(y, x)

    vjps = dx, dy


@operation(np.logaddexp, method=True)
def logaddexp(x: Operand, y: Operand) -> Tensor:
    """log(eˣ + eʸ), element by element, with broadcasting, and without overflow. Shapes and errors as for `add`.

    The slopes are eˣ / (eˣ + eʸ) and eʸ / (eˣ + eʸ); where x and y are both −inf they are taken as 0.

    Examples
    --------
    >>> from microgradnn import Tensor, logaddexp
    >>> logaddexp(Tensor(1000.0), 1000.0)
    Tensor(1000.6931)
    """
    return Logaddexp()(x, y)


class Logaddexp2(Op):
    """z = the logarithm of 2ˣ + 2ʸ to the base 2, element by element"""

    def forward(self, x, y):
        return np.logaddexp2(x, y)

    def dx(self, dz, z, x, y):
        return dz * (z != -np.inf) * _share(x, y, LOG_2)

    def dy(self, dz, z, x, y):
        return dz * (z != -np.inf) * _share(y, x, LOG_2)

    vjps = dx, dy


@operation(np.logaddexp2, method=True)
def logaddexp2(x: Operand, y: Operand) -> Tensor:
    """log₂(2ˣ + 2ʸ), element by element, with broadcasting, and without overflow. Otherwise as for `logaddexp`.

    Examples
    --------
    >>> from microgradnn import Tensor, logaddexp2
    >>> logaddexp2(Tensor(1000.0), 1000.0)
    Tensor(1001.)
    """
    return Logaddexp2()(x, y)


class Where(Op):
    """z = x where the mask is true, else y. The mask has no derivative."""

    makes_plain_arrays = True

    def forward(self, mask, x, y):
        return np.where(mask, x, y)

    def dx(self, dz, z, mask, x, y):
        return np.where(mask, dz, 0)

    def dy(self, dz, z, mask, x, y):
        return np.where(mask, 0, dz)

    vjps = None, dx, dy


@operation(np.where)
def where(mask: Operand, x: Operand, y: Operand) -> Tensor:
    """x where `mask` is true, else y, element by element, with broadcasting.

    Parameters
    ----------
    mask : array of bool
        No gradient flows into it.
    x, y : Tensor, array or number
        Both are computed before one is chosen. If the branch not taken made a NaN or inf, keep it from doing so with
        a second `where` on its input: `where(x > 0, log(where(x > 0, x, 1)), 0)`.

    Returns
    -------
    Tensor
        Of the shape that all three broadcast to.

    Examples
    --------
    >>> from microgradnn import Tensor, where
    >>> x = Tensor([-1.0, 2.0], requires_grad=True)
    >>> where(x > 0, x * x, x).sum().backward()
    >>> x.grad
    array([1., 4.])
    """
    return Where()(values_of(mask), x, y)


@operation(np.clip, method=True)
def clip(
    x: Operand,
    a_min: Operand | None = None,
    a_max: Operand | None = None,
    *,
    min: Operand | None = None,
    max: Operand | None = None,
) -> Tensor:
    """x, kept between two bounds, element by element: minimum(maximum(x, a_min), a_max).

    The slope is 1 between the bounds and 0 outside. At a bound x ties with it, so each of them gets half the gradient.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape.
    a_min, a_max : Tensor, array or number, optional
        Lower and upper bound, of shapes that broadcast with x; None for no bound.
    min, max : Tensor, array or number, optional
        Other names for these two, as in NumPy.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> from microgradnn import Tensor, clip
    >>> x = Tensor([-1.0, 0.5, 1.0, 3.0], requires_grad=True)
    >>> clip(x, 0, 1).sum().backward()
    >>> x.grad
    array([0. , 1. , 0.5, 0. ])
    """
    for bound, apply in ((a_min if min is None else min, maximum), (a_max if max is None else max, minimum)):
        if bound is not None:
            x = apply(x, bound)
    return x  # type: ignore[return-value]  # without bounds, what was given


# The operators of Python call these most often; an operation without parameters needs only one instance.
_add, _subtract, _multiply = Add().__call__, Subtract().__call__, Multiply().__call__
_divide, _negative, _power = Divide().__call__, Negative().__call__, Power().__call__
