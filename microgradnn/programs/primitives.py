"""The primitives: what each of them computes, in NumPy.

A primitive is called as NumPy calls the function: "tanh", "sum", "linalg.inv". Those that are no function of NumPy's alone, or
take their operands in another way here, stand in the table COMPUTED.
"""

import operator
from functools import cache

import numpy as np

OPERATORS = {  # Python's, and not the ufuncs: x**2 has short cuts that np.power(x, 2) has not
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "floor_divide": operator.floordiv, "remainder": operator.mod, "power": operator.pow, "matmul": operator.matmul,
    "bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor,
    "equal": operator.eq, "not_equal": operator.ne, "less": operator.lt, "less_equal": operator.le,
    "greater": operator.gt, "greater_equal": operator.ge, "negative": operator.neg, "invert": operator.invert,
}  # fmt: skip
REDUCTIONS = {"sum", "mean", "max", "min", "prod", "std", "var", "any", "all"}
STATEMENTS = {"set", "copyto", "put", "put_along_axis", "fill_diagonal", "place", "putmask"}  # and "add.at" and the like
OUTSIDE = {"linalg.eigh", "linalg.svd", "linalg.qr", "linalg.pinv", "linalg.lstsq"}  # whose gradient hangs on the values
MOVING = {"index", "reshape", "transpose", "expand_dims", "broadcast_to"}  # elements, unchanged


def compute(op, args, options):
    """What a primitive makes of arrays.

    >>> compute("sum", (np.ones((2, 3)),), {"axis": 0})
    array([2., 2., 2.])
    """
    if op.endswith(".at"):
        return numpy_function(op)(args[0], options["index"], *args[1:])
    return COMPUTED[op](*args, **options) if op in COMPUTED else numpy_function(op)(*args, **options)


def is_primitive(op):
    """Whether there is a primitive of this name."""
    return op in COMPUTED or op == "full" or numpy_function(op) is not None


@cache
def numpy_function(op):
    """The function of NumPy's that a primitive is called after, or None."""
    function = np
    for name in op.split("."):
        function = getattr(function, name, None)
    return function


def is_elementwise(op):
    """Whether a primitive works element by element and takes nothing but its operands: a ufunc with one result."""
    function = numpy_function(op)
    return isinstance(function, np.ufunc) and function.nout == 1 and function.signature is None


def index(x, index):
    """x[index]"""
    return x[index]


def part(results, index):
    """One of several results."""
    return results[index]


def set_elements(x, value, index):
    """x[index] = value"""
    x[index] = value


def reshape(x, shape, **options):
    """The elements in order, in another shape."""
    return x.reshape(shape, **options)


def transpose(x, axes):
    """The axes in another order."""
    return x.transpose(axes)


def astype(x, dtype, **options):
    """Of another type."""
    return x.astype(dtype, **options)


def copy(x, **options):
    """A copy, row by row."""
    return x.copy(**options)


def concatenate(*arrays, **options):
    """Arrays put together along an axis that they have."""
    return np.concatenate(arrays, **options)


def stack(*arrays, **options):
    """Arrays put together along a new axis."""
    return np.stack(arrays, **options)


def einsum(*arrays, subscripts, **options):
    """A sum of products."""
    return np.einsum(subscripts, *arrays, **options)


COMPUTED = OPERATORS | {
    "index": index,
    "part": part, "set": set_elements, "reshape": reshape, "transpose": transpose,
    "astype": astype, "copy": copy, "concatenate": concatenate, "stack": stack, "einsum": einsum,
}  # fmt: skip
