"""What the parts of a schedule have in common: loops and calls, and questions about steps."""

import numpy as np

from ..programs.expression import Expression, Kind, is_number
from .places import C_TYPES

REDUCTIONS = {"sum", "mean", "max", "min", "prod", "any", "all"}
VIEWS = {"index", "reshape", "transpose", "expand_dims", "squeeze", "broadcast_to", "flip", "swapaxes", "diagonal"}
VIEWS |= {"lib.stride_tricks.sliding_window_view"}
SCATTERS = {"add.at": "+=", "subtract.at": "-=", "multiply.at": "*=", "divide.at": "/=", "set": "="}
CUMULATIVE = {"cumsum": "+", "cumprod": "*"}


class Loop:
    """Steps that are computed together, element by element, over one shape."""

    def __init__(self, shape):
        self.shape, self.items = shape, []


class Call:
    """A step that has loops of its own.

    Attributes
    ----------
    operands : sequence of Expression
        What it reads from memory.
    is_product : bool
        Whether it is the matrix product of the operands.
    accumulates : bool
        Whether it is added to what is there.
    """

    def __init__(self, step, operands, is_product, accumulates):
        self.step, self.operands, self.is_product, self.accumulates = step, operands, is_product, accumulates
        self.items, self.shape = [step], None


def users_of(steps):
    """Who uses what."""
    users = {}
    for step in steps:
        for x in step.operands:
            users.setdefault(x, []).append(step)
    return users


def source(x):
    """One number in the place of an array that is filled with it."""
    return x.fill if x.fill is not None and not x.is_statement else x


def alike(x, op, args):
    """Another Expression of the shape and type of x."""
    return Expression(op, args, {}, Kind(x.shape, x.dtype, "C"), position=x.position)


def element_view(array, index):
    """array[index], a view also where it is one element."""
    return array[index if ... in index else (*index, ...)]


def memory_operands(step):
    """What is looked at, and the arrays in the index, and values; row numbers 0, 1, ... are counted and not looked up."""
    return [x for x in step.operands if x.op != "arange"]


def has_arrays(step):
    """Whether an index has arrays in it."""
    return step.op in {"index", *SCATTERS} and any(is_array(x) for x in step.options["index"])


def is_array(x):
    """Whether a part of an index is an array, or a list of numbers."""
    return isinstance(x, (Expression, list, np.ndarray))


def refusal(step, why):
    """The exception for a step that cannot be written."""
    return TypeError(f"{step.operation}: {why}.\nWithout compile=True, `unroll` writes it as NumPy source.")


def refuse_type(x):
    """Raise TypeError for what is several arrays, or of a type that C is not written for."""
    if x.kind is None:
        raise refusal(x, f"the primitive {x.op!r} cannot be written as C")
    if x.dtype not in C_TYPES:
        raise refusal(x, f"numbers of {x.dtype} are not written as C, but those of {', '.join(map(str, C_TYPES))} are")


def refuse_masks(step):
    """Raise TypeError for an index by a mask, or by arrays with axes between them."""
    index = step.options["index"]
    arrays = [i for i, x in enumerate(index) if is_array(x)]
    if any((x if isinstance(x, Expression) else np.asarray(x)).dtype.kind == "b" for x in index if is_array(x)):
        raise refusal(step, "an index by a mask, whose result has no shape that is known before, cannot be written as C")
    together = [i for i, x in enumerate(index) if is_array(x) or is_number(x)]
    if arrays and together != list(range(together[0], together[-1] + 1)):
        raise refusal(step, "an index by arrays with other axes between them cannot be written as C")
