"""Trigonometric and hyperbolic functions, element by element. The legend is in ops/__init__.py.

Where the derivative can be said with z, it is: tanh′ = 1 − tanh² = 1 − z². This is the form of the textbook, and z is
already there. Outside of the domain of a function, value and slope are what the formulas give: NaN, or inf at a pole.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..graph import Op
from ..tensor import operation
from .arithmetic import multiply

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor


class Sin(Op):
    """z = sin x"""

    def forward(self, x):
        return np.sin(x)

    def dx(self, dz, z, x):
        return dz * np.cos(x)

    vjps = (dx,)


@operation(np.sin, method=True)
def sin(x: Operand) -> Tensor:
    """The sine of an angle in radians, element by element.

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
    >>> from microgradnn import Tensor, sin
    >>> sin(Tensor([0.0, 1.5708]))
    Tensor([0., 1.])
    """
    return Sin()(x)


class Cos(Op):
    """z = cos x"""

    def forward(self, x):
        return np.cos(x)

    def dx(self, dz, z, x):
        return -dz * np.sin(x)

    vjps = (dx,)


@operation(np.cos, method=True)
def cos(x: Operand) -> Tensor:
    """The cosine of an angle in radians, element by element.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, cos
    >>> cos(Tensor([0.0, 3.1416]))
    Tensor([ 1., -1.])
    """
    return Cos()(x)


class Tan(Op):
    """z = tan x"""

    def forward(self, x):
        return np.tan(x)

    def dx(self, dz, z, x):
        return dz * (1 + z * z)

    vjps = (dx,)


@operation(np.tan, method=True)
def tan(x: Operand) -> Tensor:
    """The tangent of an angle in radians, element by element. Its slope is 1 + tan² x.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, tan
    >>> tan(Tensor([0.0, 0.7854]))
    Tensor([0., 1.])
    """
    return Tan()(x)


class Arcsin(Op):
    """z = arcsin x, the angle between −π/2 and π/2 whose sine is x"""

    def forward(self, x):
        return np.arcsin(x)

    def dx(self, dz, z, x):
        return dz / np.sqrt(1 - x * x)

    vjps = (dx,)


@operation(np.arcsin, method=True)
def arcsin(x: Operand) -> Tensor:
    """The angle between −π/2 and π/2 with the sine x, element by element. Its slope is inf at −1 and 1.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, arcsin
    >>> arcsin(Tensor([0.0, 1.0]))
    Tensor([0.    , 1.5708])
    """
    return Arcsin()(x)


class Arccos(Op):
    """z = arccos x, the angle between 0 and π whose cosine is x"""

    def forward(self, x):
        return np.arccos(x)

    def dx(self, dz, z, x):
        return -dz / np.sqrt(1 - x * x)

    vjps = (dx,)


@operation(np.arccos, method=True)
def arccos(x: Operand) -> Tensor:
    """The angle between 0 and π with the cosine x, element by element. Its slope is −inf at −1 and 1.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, arccos
    >>> arccos(Tensor([0.0, 1.0]))
    Tensor([1.5708, 0.    ])
    """
    return Arccos()(x)


class Arctan(Op):
    """z = arctan x, the angle between −π/2 and π/2 whose tangent is x"""

    def forward(self, x):
        return np.arctan(x)

    def dx(self, dz, z, x):
        return dz / (1 + x * x)

    vjps = (dx,)


@operation(np.arctan, method=True)
def arctan(x: Operand) -> Tensor:
    """The angle between −π/2 and π/2 with the tangent x, element by element.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, arctan
    >>> arctan(Tensor([0.0, 1.0]))
    Tensor([0.    , 0.7854])
    """
    return Arctan()(x)


class Arctan2(Op):
    """z = the angle of the point (x, y), between −π and π; at the origin, which has none, the slopes are taken as 0"""

    def forward(self, y, x):
        return np.arctan2(y, x)

    def dy(self, dz, z, y, x):
        r = np.hypot(x, y)  # r² would overflow where r does not
        return dz * (r != 0) * (x / (r + (r == 0))) / (r + (r == 0))

    def dx(self, dz, z, y, x):
        r = np.hypot(x, y)
        return -dz * (r != 0) * (y / (r + (r == 0))) / (r + (r == 0))

    vjps = dy, dx


@operation(np.arctan2)
def arctan2(y: Operand, x: Operand) -> Tensor:
    """The angle of the point (x, y), between −π and π, element by element, with broadcasting.

    Parameters
    ----------
    y, x : Tensor, array or number
        Of shapes that broadcast; first y, as in NumPy. At the origin, which has no angle, the slopes are 0.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> from microgradnn import Tensor, arctan2
    >>> arctan2(Tensor([1.0, 1.0]), Tensor([1.0, -1.0]))
    Tensor([0.7854, 2.3562])
    """
    return Arctan2()(y, x)


class Hypot(Op):
    """z = √(x² + y²), the distance of the point (x, y) from the origin; there the slopes are taken as 0"""

    def forward(self, x, y):
        return np.hypot(x, y)

    def dx(self, dz, z, x, y):
        return dz * (z != 0) * x / (z + (z == 0))

    def dy(self, dz, z, x, y):
        return dz * (z != 0) * y / (z + (z == 0))

    vjps = dx, dy


@operation(np.hypot, method=True)
def hypot(x: Operand, y: Operand) -> Tensor:
    """√(x² + y²), element by element, with broadcasting, and without overflow of the squares. At the origin the slopes are 0.

    Parameters and result as for `arctan2`.

    Examples
    --------
    >>> from microgradnn import Tensor, hypot
    >>> hypot(Tensor([3.0, 1e200]), Tensor([4.0, 0.0]))
    Tensor([5.e+000, 1.e+200])
    """
    return Hypot()(x, y)


class Sinh(Op):
    """z = sinh x = (eˣ − e⁻ˣ) / 2"""

    def forward(self, x):
        return np.sinh(x)

    def dx(self, dz, z, x):
        return dz * np.cosh(x)

    vjps = (dx,)


@operation(np.sinh, method=True)
def sinh(x: Operand) -> Tensor:
    """The hyperbolic sine (eˣ − e⁻ˣ) / 2, element by element.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, sinh
    >>> sinh(Tensor([0.0, 1.0]))
    Tensor([0.    , 1.1752])
    """
    return Sinh()(x)


class Cosh(Op):
    """z = cosh x = (eˣ + e⁻ˣ) / 2"""

    def forward(self, x):
        return np.cosh(x)

    def dx(self, dz, z, x):
        return dz * np.sinh(x)

    vjps = (dx,)


@operation(np.cosh, method=True)
def cosh(x: Operand) -> Tensor:
    """The hyperbolic cosine (eˣ + e⁻ˣ) / 2, element by element.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, cosh
    >>> cosh(Tensor([0.0, 1.0]))
    Tensor([1.    , 1.5431])
    """
    return Cosh()(x)


class Tanh(Op):
    """z = tanh x"""

    def forward(self, x):
        return np.tanh(x)

    def dx(self, dz, z, x):
        return dz * (1 - z * z)

    vjps = (dx,)


_tanh = Tanh().__call__


@operation(np.tanh, method=True)
def tanh(x: Operand) -> Tensor:
    """The hyperbolic tangent, element by element. Its slope is 1 − tanh² x.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, tanh
    >>> x = Tensor([0.0, 0.5], requires_grad=True)
    >>> tanh(x).sum().backward()
    >>> x.grad.round(4)
    array([1.    , 0.7864])
    """
    return _tanh(x)


class Arcsinh(Op):
    """z = arcsinh x, of which x is the hyperbolic sine"""

    def forward(self, x):
        return np.arcsinh(x)

    def dx(self, dz, z, x):
        return dz / np.sqrt(x * x + 1)

    vjps = (dx,)


@operation(np.arcsinh, method=True)
def arcsinh(x: Operand) -> Tensor:
    """The number with the hyperbolic sine x, element by element.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, arcsinh
    >>> arcsinh(Tensor([0.0, 1.1752]))
    Tensor([0., 1.])
    """
    return Arcsinh()(x)


class Arccosh(Op):
    """z = arccosh x, the positive number of which x is the hyperbolic cosine"""

    def forward(self, x):
        return np.arccosh(x)

    def dx(self, dz, z, x):
        return dz / np.sqrt(x * x - 1)

    vjps = (dx,)


@operation(np.arccosh, method=True)
def arccosh(x: Operand) -> Tensor:
    """The positive number with the hyperbolic cosine x, element by element. Its slope is inf at 1.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, arccosh
    >>> arccosh(Tensor([1.0, 1.5431]))
    Tensor([0., 1.])
    """
    return Arccosh()(x)


class Arctanh(Op):
    """z = arctanh x, of which x is the hyperbolic tangent"""

    def forward(self, x):
        return np.arctanh(x)

    def dx(self, dz, z, x):
        return dz / (1 - x * x)

    vjps = (dx,)


@operation(np.arctanh, method=True)
def arctanh(x: Operand) -> Tensor:
    """The number with the hyperbolic tangent x, element by element. Its slope is inf at −1 and 1.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, arctanh
    >>> arctanh(Tensor([0.0, 0.7616]))
    Tensor([0., 1.])
    """
    return Arctanh()(x)


SINC_SLOPE = [(-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(12, 0, -1)]  # the series, highest power first


class Sinc(Op):
    """z = sin(πx) / (πx), and 1 at 0"""

    makes_plain_arrays = True

    def forward(self, x):
        return np.sinc(x)

    def dx(self, dz, z, x):
        # With u = πx the slope in u is (cos u − z) / u. Near 0, where that is 0/0 and just beside it a difference of
        # nearly equal numbers, its power series takes over: −u/3 + u³/30 − ... = Σₖ (−1)ᵏ 2k u²ᵏ⁻¹ / (2k + 1)!
        u = math.pi * x
        near = np.abs(u) < 1
        series = 0
        for coefficient in SINC_SLOPE:
            series = series * u * u + coefficient
        u_or_1 = np.where(near, 1, u)
        return dz * math.pi * np.where(near, series * u, (np.cos(u) - z) / u_or_1)

    vjps = (dx,)


@operation(np.sinc, method=True)
def sinc(x: Operand) -> Tensor:
    """sin(πx) / (πx), element by element; 1 at 0. Derivatives are exact at every order near 0 too, up to the 20th or so.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, sinc
    >>> sinc(Tensor([0.0, 0.5, 1.0])).numpy().round(4)
    array([1.    , 0.6366, 0.    ])
    """
    return Sinc()(x)


@operation(np.deg2rad, np.radians)
def deg2rad(x: Operand) -> Tensor:
    """An angle in radians, given in degrees: π/180 x, element by element.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, deg2rad
    >>> deg2rad(Tensor([0.0, 180.0]))
    Tensor([0.    , 3.1416])
    """
    return multiply(x, math.pi / 180)


@operation(np.rad2deg, np.degrees)
def rad2deg(x: Operand) -> Tensor:
    """An angle in degrees, given in radians: 180/π x, element by element.

    Parameters and result as for `sin`.

    Examples
    --------
    >>> from microgradnn import Tensor, rad2deg
    >>> rad2deg(Tensor([0.0, 3.14159265]))
    Tensor([  0., 180.])
    """
    return multiply(x, 180 / math.pi)
