"""microgradnn: reverse-mode automatic differentiation on NumPy, whose backward pass can be seen."""

from . import nn, ops, optim
from .chain_rule import chain_rule
from .checking import checked
from .drawing import draw
from .errors import NonFiniteError
from .functional import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .gradcheck import check_op, gradcheck
from .graph import Op, no_grad
from .lines import remember_lines
from .naming import name_tensors
from .observers import break_on, clear_breakpoints
from .ops import *
from .saving import load, save
from .stepping import step_through
from .steps import backward_steps
from .tensor import Tensor
from .training import EarlyStopping, batches, fit
from .unroll import unroll

__version__ = "0.1.0"
# As NumPy does, `import *` leaves Python's own abs, max, min and sum alone; microgradnn.sum and tensor.sum() are there.
__all__ = [  # noqa: PLE0604 - groups, not a list by the letter
    *("NonFiniteError", "Op", "Tensor", "nn", "no_grad", "optim"),
    *("load", "save"),
    *("EarlyStopping", "batches", "fit"),
    *("check_op", "grad", "gradcheck", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"),
    *("backward_steps", "break_on", "chain_rule", "checked", "clear_breakpoints", "draw", "name_tensors", "remember_lines"),
    *("step_through", "unroll"),
    *sorted({*ops.__all__} - {"abs", "max", "min", "sum", "Op"}),
]
