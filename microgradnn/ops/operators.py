"""What Python's operators do with Tensors: each calls the operation of its name.

x + y     add(x, y)          1 + x     add(1, x), which Python asks of x where the number does not know how
"""

from ..tensor import Tensor
from .arithmetic import add, divide, multiply, negative, power, subtract
from .assignment import At
from .elementwise import abs
from .indexing import getitem
from .linalg import matmul
from .shaping import matrix_transpose, transpose

# An operator is the operation itself, not a method that calls it: one call less to step through.
OPERATORS = {
    "__add__": add,
    "__sub__": subtract,
    "__mul__": multiply,
    "__truediv__": divide,
    "__pow__": power,
    "__matmul__": matmul,
    "__neg__": negative,
    "__abs__": abs,
    "__getitem__": getitem,
}


def add_to(self, other):
    """other + self"""
    return add(other, self)


def subtract_from(self, other):
    """other - self"""
    return subtract(other, self)


def multiply_by(self, other):
    """other * self"""
    return multiply(other, self)


def divide_into(self, other):
    """other / self"""
    return divide(other, self)


def power_of(self, other):
    """other ** self"""
    return power(other, self)


def matmul_after(self, other):
    """other @ self"""
    return matmul(other, self)


REFLECTED = {
    "__radd__": add_to,
    "__rsub__": subtract_from,
    "__rmul__": multiply_by,
    "__rtruediv__": divide_into,
    "__rpow__": power_of,
    "__rmatmul__": matmul_after,
}

PROPERTIES = {
    "T": property(transpose, doc="Tensor: the transpose, recorded."),
    "mT": property(matrix_transpose, doc="Tensor: the transpose of the last two axes, recorded."),
    "at": property(At, doc="At: x.at[index].set(y), .add(y), .multiply(y) in place of x[index] = y, recorded."),
}

for _name, _function in {**OPERATORS, **REFLECTED, **PROPERTIES}.items():
    setattr(Tensor, _name, _function)
