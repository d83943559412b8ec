"""Rounding, remainders and signs: functions that jump. The legend is in ops/__init__.py.

Between two jumps they are flat, or rise like x; at a jump, which has no derivative, the slope is taken as it is beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..graph import Op
from ..tensor import operation

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor


class Sign(Op):
    """z = −1, 0 or 1, the sign of x; its slope is 0, also at the jumps"""

    def forward(self, x):
        return np.sign(x)

    def dx(self, dz, z, x):
        return dz * 0

    vjps = (dx,)


@operation(np.sign, method=True)
def sign(x: Operand) -> Tensor:
    """−1, 0 or 1, the sign of each element. Its slope is 0 everywhere, also at the jump.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, sign
    >>> sign(Tensor([-2.0, 0.0, 5.0]))
    Tensor([-1.,  0.,  1.])
    """
    return Sign()(x)


class Floor(Op):
    """z = the whole number at or below x; its slope is 0, also at the jumps"""

    def forward(self, x):
        return np.floor(x)

    def dx(self, dz, z, x):
        return dz * 0

    vjps = (dx,)


@operation(np.floor, method=True)
def floor(x: Operand) -> Tensor:
    """The whole number at or below each element. Its slope is 0 everywhere, also at the jumps.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, floor
    >>> floor(Tensor([-1.5, 1.5]))
    Tensor([-2.,  1.])
    """
    return Floor()(x)


class Ceil(Op):
    """z = the whole number at or above x; its slope is 0, also at the jumps"""

    def forward(self, x):
        return np.ceil(x)

    def dx(self, dz, z, x):
        return dz * 0

    vjps = (dx,)


@operation(np.ceil, method=True)
def ceil(x: Operand) -> Tensor:
    """The whole number at or above each element. Its slope is 0 everywhere, also at the jumps.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, ceil
    >>> ceil(Tensor([-1.5, 1.5]))
    Tensor([-1.,  2.])
    """
    return Ceil()(x)


class Trunc(Op):
    """z = the whole number next to x towards 0; its slope is 0, also at the jumps"""

    def forward(self, x):
        return np.trunc(x)

    def dx(self, dz, z, x):
        return dz * 0

    vjps = (dx,)


@operation(np.trunc, np.fix, method=True)
def trunc(x: Operand) -> Tensor:
    """Each element without its digits behind the point. Its slope is 0 everywhere, also at the jumps.

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, trunc
    >>> trunc(Tensor([-1.5, 1.5]))
    Tensor([-1.,  1.])
    """
    return Trunc()(x)


class Round(Op):
    """z = x with so many decimals; its slope is 0, also at the jumps"""

    makes_plain_arrays = True

    def __init__(self, decimals=0):
        self.decimals = decimals

    def forward(self, x):
        return np.round(x, self.decimals)

    def dx(self, dz, z, x):
        return dz * 0

    vjps = (dx,)


@operation(np.round, np.around, np.rint, method=True)
def round(x: Operand, decimals: int = 0) -> Tensor:
    """Each element rounded, and the one in the middle between two to the even one. Its slope is 0 everywhere.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape.
    decimals : int, optional
        How many digits stay behind the point; of −2, hundreds.

    Returns
    -------
    Tensor
        Of x's shape and type.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([0.5, 1.5, 2.718]).round(1)
    Tensor([0.5, 1.5, 2.7])
    """
    return Round(decimals)(x)


class FloorDivide(Op):
    """z = the whole number at or below x / y; its slopes are 0, also at the jumps"""

    def forward(self, x, y):
        return x // y

    def dx(self, dz, z, x, y):
        return dz * 0

    def dy(self, dz, z, x, y):
        return dz * 0

    vjps = dx, dy


@operation(np.floor_divide, method=True)
def floor_divide(x: Operand, y: Operand) -> Tensor:
    """x // y, element by element, with broadcasting. Its slopes are 0 everywhere. Shapes and errors as for `add`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([-1.0, 7.0]) // 2
    Tensor([-1.,  3.])
    """
    return FloorDivide()(x, y)


class Remainder(Op):
    """z = x − y ⌊x / y⌋; at the jumps, where y divides x, the slopes are those on their right"""

    def forward(self, x, y):
        return x % y

    def dx(self, dz, z, x, y):
        return dz

    def dy(self, dz, z, x, y):
        return -dz * (x - z) / y  # (x − z) / y is ⌊x / y⌋, which stays as it is

    vjps = dx, dy


@operation(np.remainder, method=True)
def remainder(x: Operand, y: Operand) -> Tensor:
    """x % y, what remains of x, with the sign of y; `np.mod` is it too. Shapes and errors as for `add`.

    The slope in x is 1, also where z jumps back to 0, and in y −⌊x / y⌋. Where y is 0, the value and the slope in y are NaN.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([-1.0, 7.0]) % 3
    Tensor([2., 1.])
    """
    return Remainder()(x, y)


class Fmod(Remainder):
    """z = x − y · (x / y without its digits behind the point), with the sign of x"""

    def forward(self, x, y):
        return np.fmod(x, y)


@operation(np.fmod, method=True)
def fmod(x: Operand, y: Operand) -> Tensor:
    """What remains of x, with the sign of x, as in C; otherwise as for `remainder`.

    Examples
    --------
    >>> from microgradnn import Tensor, fmod
    >>> fmod(Tensor([-1.0, 7.0]), 3)
    Tensor([-1.,  1.])
    """
    return Fmod()(x, y)


@operation(np.divmod)
def divmod(x: Operand, y: Operand) -> tuple[Tensor, Tensor]:
    """The pair x // y, x % y. Shapes and errors as for `add`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> divmod(Tensor(7.0), 3)
    (Tensor(2.), Tensor(1.))
    """
    return floor_divide(x, y), remainder(x, y)


@operation(np.modf)
def modf(x: Operand) -> tuple[Tensor, Tensor]:
    """What stands behind the point, and what in front of it, both with the sign of x.

    Parameters as for `exp`, and a pair as for `divmod`.

    Examples
    --------
    >>> from microgradnn import Tensor, modf
    >>> modf(Tensor(-2.25))
    (Tensor(-0.25), Tensor(-2.))
    """
    return fmod(x, 1), trunc(x)


class Heaviside(Op):
    """z = 0 where x < 0, y where x = 0, 1 where x > 0; its slope in x is 0, also at the jump"""

    def forward(self, x, y):
        return np.heaviside(x, y)

    def dx(self, dz, z, x, y):
        return dz * 0

    def dy(self, dz, z, x, y):
        return dz * (x == 0)

    vjps = dx, dy


@operation(np.heaviside, method=True)
def heaviside(x: Operand, y: Operand) -> Tensor:
    """0 where x is negative, 1 where it is positive, and y where it is 0. Shapes and errors as for `add`.

    The slope in x is 0 everywhere, also at the jump; the one in y is 1 where x is 0.

    Examples
    --------
    >>> from microgradnn import Tensor, heaviside
    >>> heaviside(Tensor([-2.0, 0.0, 3.0]), 0.5)
    Tensor([0. , 0.5, 1. ])
    """
    return Heaviside()(x, y)


class Copysign(Op):
    """z = |x| with the sign of y; as of |x|, the slope at x = 0 is taken as 0"""

    def forward(self, x, y):
        return np.copysign(x, y)

    def dx(self, dz, z, x, y):
        return np.where(np.signbit(y), -dz, dz) * np.sign(x)

    def dy(self, dz, z, x, y):
        return dz * 0

    vjps = dx, dy


@operation(np.copysign, method=True)
def copysign(x: Operand, y: Operand) -> Tensor:
    """|x| with the sign of y, of which 0.0 and −0.0 have one, too. Shapes and errors as for `add`.

    The slope in x is 1 or −1, and 0 at 0, where |x| has its kink; the one in y is 0 everywhere, also at the jump.

    Examples
    --------
    >>> from microgradnn import Tensor, copysign
    >>> copysign(Tensor([1.0, -2.0]), -1)
    Tensor([-1., -2.])
    """
    return Copysign()(x, y)
