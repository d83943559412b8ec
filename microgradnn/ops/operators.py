"""What Python's operators do with Tensors: each calls the operation of its name.

x + y     add(x, y)          1 + x     add(1, x), which Python asks of x where the number does not know how
"""

from ..tensor import Tensor
from .arithmetic import add, divide, multiply, negative, power, subtract
from .assignment import At
from .complex_numbers import conjugate, imag, real
from .elementwise import abs
from .indexing import getitem
from .products import matmul
from .rounding import divmod, floor_divide, remainder
from .shaping import matrix_transpose, transpose

# An operator is the operation itself, not a method that calls it: one call less to step through.
OPERATORS = {
    "__add__": add,
    "__sub__": subtract,
    "__mul__": multiply,
    "__truediv__": divide,
    "__floordiv__": floor_divide,
    "__mod__": remainder,
    "__divmod__": divmod,
    "__pow__": power,
    "__matmul__": matmul,
    "__neg__": negative,
    "__abs__": abs,
    "__getitem__": getitem,
    "conj": conjugate,  # no operator, but a second name, too
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


def floor_divide_into(self, other):
    """other // self"""
    return floor_divide(other, self)


def remainder_of(self, other):
    """other % self"""
    return remainder(other, self)


def divmod_of(self, other):
    """divmod(other, self)"""
    return divmod(other, self)


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
    "__rfloordiv__": floor_divide_into,
    "__rmod__": remainder_of,
    "__rdivmod__": divmod_of,
    "__rpow__": power_of,
    "__rmatmul__": matmul_after,
}

PROPERTIES = {
    "T": property(transpose, doc="Tensor: the transpose, recorded."),
    "mT": property(matrix_transpose, doc="Tensor: the transpose of each matrix of a batch, recorded."),
    "real": property(real, doc="Tensor: the real part, which of real numbers is all of them."),
    "imag": property(imag, doc="Tensor: the imaginary part, which of real numbers is 0."),
    "at": property(At, doc="At: x.at[index].set(y), .add(y), .multiply(y) in place of x[index] = y, recorded."),
}

for _name, _function in {**OPERATORS, **REFLECTED, **PROPERTIES}.items():
    setattr(Tensor, _name, _function)
