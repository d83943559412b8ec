"""Functions of one operand, element by element. The legend is in ops/__init__.py.

Where the derivative can be said with z, it is: for z = eˣ it is z. This is the form of the textbook, and z is already
there. Trigonometric and hyperbolic functions are in trigonometric.py, those that jump in rounding.py, those of networks in
activations.py.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..graph import Op
from ..tensor import operation

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor

LOG_2 = math.log(2)  # as Python numbers, so that float32 stays float32
LOG_10 = math.log(10)


class Exp(Op):
    """z = eˣ"""

    def forward(self, x):
        return np.exp(x)

    def dx(self, dz, z, x):
        return dz * z

    vjps = (dx,)


@operation(np.exp, method=True)
def exp(x: Operand) -> Tensor:
    """The exponential eˣ, element by element.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape and floating-point type, which the result shares.

    Returns
    -------
    Tensor
        Of x's shape and type; an array if x is one.

    Examples
    --------
    >>> from microgradnn import Tensor, exp
    >>> exp(Tensor([0.0, 1.0]))
    Tensor([1.    , 2.7183])
    """
    return Exp()(x)


class Exp2(Op):
    """z = 2ˣ"""

    def forward(self, x):
        return np.exp2(x)

    def dx(self, dz, z, x):
        return dz * z * LOG_2

    vjps = (dx,)


@operation(np.exp2, method=True)
def exp2(x: Operand) -> Tensor:
    """2ˣ, element by element. Its slope is 2ˣ log 2.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, exp2
    >>> exp2(Tensor([0.0, 3.0]))
    Tensor([1., 8.])
    """
    return Exp2()(x)


class Expm1(Op):
    """z = eˣ − 1, accurate even for small x"""

    def forward(self, x):
        return np.expm1(x)

    def dx(self, dz, z, x):
        return dz * np.exp(x)

    vjps = (dx,)


@operation(np.expm1, method=True)
def expm1(x: Operand) -> Tensor:
    """eˣ − 1, element by element, accurate even where x is so small that 1 + x is 1.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, expm1
    >>> expm1(Tensor([0.0, 1e-20]))
    Tensor([0.e+00, 1.e-20])
    """
    return Expm1()(x)


class Log(Op):
    """z = log x, the natural logarithm"""

    def forward(self, x):
        return np.log(x)

    def dx(self, dz, z, x):
        return dz / x

    vjps = (dx,)


@operation(np.log, method=True)
def log(x: Operand) -> Tensor:
    """The natural logarithm, element by element. Its slope 1/x is inf at 0, and −1 at −1, where the value is NaN.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, log
    >>> log(Tensor([1.0, 10.0]))
    Tensor([0.    , 2.3026])
    """
    return Log()(x)


class Log2(Op):
    """z = the logarithm of x to the base 2"""

    def forward(self, x):
        return np.log2(x)

    def dx(self, dz, z, x):
        return dz / (x * LOG_2)

    vjps = (dx,)


@operation(np.log2, method=True)
def log2(x: Operand) -> Tensor:
    """The logarithm to the base 2, element by element. At 0 and below as for `log`.

    Examples
    --------
    >>> from microgradnn import Tensor, log2
    >>> log2(Tensor([1.0, 8.0]))
    Tensor([0., 3.])
    """
    return Log2()(x)


class Log10(Op):
    """z = the logarithm of x to the base 10"""

    def forward(self, x):
        return np.log10(x)

    def dx(self, dz, z, x):
        return dz / (x * LOG_10)

    vjps = (dx,)


@operation(np.log10, method=True)
def log10(x: Operand) -> Tensor:
    """The logarithm to the base 10, element by element. At 0 and below as for `log`.

    Examples
    --------
    >>> from microgradnn import Tensor, log10
    >>> log10(Tensor([1.0, 1000.0]))
    Tensor([0., 3.])
    """
    return Log10()(x)


class Log1p(Op):
    """z = log(1 + x), accurate even for small x"""

    def forward(self, x):
        return np.log1p(x)

    def dx(self, dz, z, x):
        return dz / (1 + x)

    vjps = (dx,)


@operation(np.log1p, method=True)
def log1p(x: Operand) -> Tensor:
    """log(1 + x), element by element, accurate even where x is so small that 1 + x is 1.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, log1p
    >>> log1p(Tensor([0.0, 1e-20]))
    Tensor([0.e+00, 1.e-20])
    """
    return Log1p()(x)


class Sqrt(Op):
    """z = √x"""

    def forward(self, x):
        return np.sqrt(x)

    def dx(self, dz, z, x):
        return dz / (2 * z)

    vjps = (dx,)


@operation(np.sqrt, method=True)
def sqrt(x: Operand) -> Tensor:
    """The square root, element by element. Its slope 1/(2√x) is inf at 0.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, sqrt
    >>> sqrt(Tensor([4.0, 9.0]))
    Tensor([2., 3.])
    """
    return Sqrt()(x)


class Cbrt(Op):
    """z = ∛x"""

    def forward(self, x):
        return np.cbrt(x)

    def dx(self, dz, z, x):
        return dz / (3 * z * z)

    vjps = (dx,)


@operation(np.cbrt, method=True)
def cbrt(x: Operand) -> Tensor:
    """The cube root, element by element, also of negative numbers. Its slope is inf at 0.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, cbrt
    >>> cbrt(Tensor([-8.0, 27.0]))
    Tensor([-2.,  3.])
    """
    return Cbrt()(x)


class Square(Op):
    """z = x²"""

    def forward(self, x):
        return np.square(x)

    def dx(self, dz, z, x):
        return dz * 2 * x

    vjps = (dx,)


@operation(np.square, method=True)
def square(x: Operand) -> Tensor:
    """x², element by element.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, square
    >>> square(Tensor([3.0, -2.0]))
    Tensor([9., 4.])
    """
    return Square()(x)


class Reciprocal(Op):
    """z = 1 / x"""

    def forward(self, x):
        return np.reciprocal(x)

    def dx(self, dz, z, x):
        return -dz * z * z

    vjps = (dx,)


@operation(np.reciprocal, method=True)
def reciprocal(x: Operand) -> Tensor:
    """1 / x, element by element.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, reciprocal
    >>> reciprocal(Tensor([2.0, -4.0]))
    Tensor([ 0.5 , -0.25])
    """
    return Reciprocal()(x)


class Abs(Op):
    """z = |x|; at 0 the slope is taken as 0"""

    def forward(self, x):
        return np.abs(x)

    def dx(self, dz, z, x):
        return dz * np.sign(x)

    vjps = (dx,)


@operation(np.abs, np.fabs, method=True)
def abs(x: Operand) -> Tensor:
    """The absolute value, element by element. Its slope at 0 is taken as 0.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> abs(Tensor([-1.0, 2.0]))
    Tensor([1., 2.])
    """
    return Abs()(x)
