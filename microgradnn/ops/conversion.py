"""The same values in another type, or in memory of their own. The legend is in ops/__init__.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe
from ..graph import Op, as_array, values_of
from ..tensor import operation

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from ..annotations import Operand
    from ..tensor import Tensor


class Astype(Op):
    """z = x in another floating-point type"""

    def __init__(self, dtype):
        self.dtype = np.dtype(dtype)

    def forward(self, x):
        return x.astype(self.dtype) if hasattr(x, "astype") else np.asarray(x, self.dtype)

    def dx(self, dz, z, x):
        return dz  # which the backward pass gives x's type, or refuses for one that would round it

    vjps = (dx,)


@operation(np.astype, method=True)
def astype(x: Operand, dtype: DTypeLike) -> Tensor:
    """x in another floating-point type; the gradient comes back in x's own.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    dtype : dtype
        A floating-point type, if x requires a gradient.

    Returns
    -------
    Tensor
        Of x's shape.

    Raises
    ------
    TypeError
        If x requires a gradient and the type is not a floating-point one.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0]).astype("float32").dtype
    dtype('float32')
    """
    if np.dtype(dtype).kind not in "fc" and getattr(x, "requires_grad", False):
        raise TypeError(
            f"{describe(x)} requires a gradient, which {np.dtype(dtype)} cannot carry: it does not change by a little.\n"
            "On values alone it works: tensor.numpy().astype(dtype)."
        )
    return Astype(dtype)(x)


@operation(np.copy, method=True)
def copy(x: Operand) -> Tensor:
    """The same values in memory of their own, recorded: the gradient goes through. Without one: x.detach().copy().

    Parameters
    ----------
    x : Tensor or array
        Of any shape.

    Returns
    -------
    Tensor
        Of x's shape and dtype.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> import numpy as np
    >>> np.shares_memory(x, x.copy())
    False
    """
    return Astype(np.result_type(values_of(x)))(x)


def as_floating(x):
    """x; whole numbers and booleans as float64, in which NumPy takes means, norms and differences of them: they wrap around."""
    x = as_array(x)
    dtype = getattr(x, "dtype", None)
    return astype(x, np.float64) if dtype is not None and dtype.kind in "biu" else x


def in_dtype_of(x, values):
    """`values` in x's dtype, as they would be if they were put into x."""
    dtype = np.result_type(values_of(x))
    return astype(values, dtype) if getattr(values, "dtype", None) != dtype else values
