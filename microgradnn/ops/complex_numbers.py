"""What NumPy says of complex numbers, said of real ones. The legend is in ops/__init__.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import refuse_complex
from ..graph import Op
from ..tensor import operation
from .arithmetic import where
from .conversion import as_floating
from .trigonometric import rad2deg

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor


@operation(np.real)
def real(x: Operand) -> Tensor:
    """The real part of a real number: itself. Of a complex one there is no derivative here (TypeError).

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, real
    >>> real(Tensor([1.0, -2.0]))
    Tensor([ 1., -2.])
    """
    refuse_complex("real", x)
    return x  # type: ignore[return-value]  # a Tensor stays one


@operation(np.imag)
def imag(x: Operand) -> Tensor:
    """The imaginary part of a real number: 0, and so is its slope. Parameters, result and errors as for `real`.

    Examples
    --------
    >>> from microgradnn import Tensor, imag
    >>> imag(Tensor([1.0, -2.0]))
    Tensor([0., 0.])
    """
    refuse_complex("imag", x)
    return where(False, x, 0)


@operation(np.conjugate, method=True)
def conjugate(x: Operand) -> Tensor:
    """The conjugate of a real number: itself. Parameters, result and errors as for `real`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, -2.0]).conj()
    Tensor([ 1., -2.])
    """
    refuse_complex("conjugate", x)
    return x  # type: ignore[return-value]


class Angle(Op):
    """z = 0, or π where x is negative; its slope is 0, also at the jump"""

    def forward(self, x):
        return np.arctan2(np.zeros_like(x), x)

    def dx(self, dz, z, x):
        return dz * 0

    vjps = (dx,)


@operation(np.angle)
def angle(x: Operand, deg: bool = False) -> Tensor:
    """The angle of a real number in the complex plane: 0, or π if it is negative. Flat, also at the jump.

    Parameters, result and errors as for `real`; with `deg`, in degrees.

    Examples
    --------
    >>> from microgradnn import Tensor, angle
    >>> angle(Tensor([1.0, -2.0]), deg=True)
    Tensor([  0., 180.])
    """
    refuse_complex("angle", x)
    z = Angle()(as_floating(x))
    return rad2deg(z) if deg else z
