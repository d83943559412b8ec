"""The error function, which NumPy lacks. The legend is in ops/__init__.py.

Its values come from two rational approximations, one near 0 and one further out; its derivative is exact.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import refuse_complex
from ..graph import Op
from ..tensor import operation

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor


class Erf(Op):
    """z = 2/√π ∫ e^(−t²) dt from 0 to x, the error function"""

    def forward(self, x):
        refuse_complex("erf", x)
        y = np.abs(x)
        dtype = np.result_type(y.dtype, np.float16)  # of whole numbers a type that holds fractions, as np.exp has it
        y = y.astype(np.result_type(dtype, np.float32))  # half precision has no room for the polynomials
        small, large = np.minimum(y, 0.5), np.clip(y, 0.4, 6)  # beyond 6, erf x is 1 to within rounding
        near_0 = small * _ratio(small * small, NEAR_0)
        far_out = 1 - np.exp(-large * large) * _ratio(large, FAR_OUT)
        return np.sign(x) * np.where(y <= 0.46875, near_0, far_out).astype(dtype)

    def dx(self, dz, z, x):
        return dz * (2 / math.sqrt(math.pi)) * np.exp(-x * x)

    vjps = (dx,)


@operation(method=True)
def erf(x: Operand) -> Tensor:
    """The error function 2/√π ∫ e^(−t²) dt from 0 to x, element by element, to within 4 units in the last place.

    NumPy has none; this is the rational approximation of Cody (1969). Its slope is 2/√π e^(−x²).

    Parameters and result as for `exp`.

    Examples
    --------
    >>> from microgradnn import Tensor, erf
    >>> erf(Tensor([-1000.0, 0.0, 1.0]))
    Tensor([-1.    ,  0.    ,  0.8427])
    """
    return Erf()(x)


# The coefficients of W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of Computation 23
# (1969), as in his program CALERF: of numerator and denominator, highest power first. They are good to 18 digits.
NEAR_0 = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)  # erf(y) / y in y², for y up to 0.46875
FAR_OUT = (
    (
        *(2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2),
        *(8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    ),
    (
        *(1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3),
        *(3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
    ),
)  # (1 − erf(y)) e^(y²) in y, for y up to 4; beyond, where 1 − erf(y) is below 1e-7, still to the digits that matter


def _ratio(y, coefficients):
    """A polynomial in y divided by another, both by Horner's scheme."""
    above, below = coefficients
    numerator, denominator = above[0], below[0]
    for a, b in zip(above[1:], below[1:], strict=True):
        numerator, denominator = numerator * y + a, denominator * y + b
    return numerator / denominator
