"""microgradnn: reverse-mode automatic differentiation on NumPy, whose backward pass can be seen."""

from . import ops
from .backprop import grad
from .graph import Op, no_grad
from .ops import *
from .tensor import Tensor

__version__ = "0.1.0"
__all__ = ["Op", "Tensor", "grad", "no_grad", *ops.__all__]
