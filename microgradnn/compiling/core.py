"""The core: what C is written for, questions about its steps, and what is refused by name."""

import numpy as np

from ..programs.expression import Expression, Kind, is_constant, is_number, number_of
from ..programs.primitives import OPERATORS, compute
from .places import C_TYPES

REDUCTIONS = {"sum", "max", "min", "prod"}
ALONG_AXES = {"axis", "keepdims", "dtype"}  # what may be said of these
VIEWS = {"index", "reshape", "transpose", "expand_dims", "squeeze", "broadcast_to", "flip", "swapaxes", "diagonal"}
VIEWS |= {"lib.stride_tricks.sliding_window_view"}
SCATTERS = {"add.at": "+=", "subtract.at": "-=", "multiply.at": "*=", "divide.at": "/=", "set": "="}
RUNNING = {"cumsum": "+", "cumprod": "*"}


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


def constant_value(x):
    """The number that an Expression made of numbers alone stands for."""
    if not isinstance(x, Expression) or x.op == "number":
        return number_of(x)
    if x.fill is not None:
        return constant_value(x.fill)
    with np.errstate(all="ignore"):
        return compute(x.op, tuple(constant_value(y) for y in x.args), x.options)


def is_literal(x):
    """Whether x, in whatever shape, is a number that is known."""
    if isinstance(x, Expression) and x.fill is not None and not x.is_statement:
        x = x.fill
    return is_constant(x) and (not isinstance(x, Expression) or x.op == "number" or x.op in OPERATORS)


def alike(x, op, args):
    """Another Expression of the shape and type of x."""
    return Expression(op, args, {}, Kind(x.shape, x.dtype, "C"), position=x.position)


def element_view(array, index):
    """array[index], a view also where it is one element."""
    return array[index if ... in index else (*index, ...)]


def has_arrays(step):
    """Whether a step looks elements up where arrays in its index say; or could, as what changes some of them."""
    return step.op in SCATTERS or (step.op == "index" and any(is_array(x) for x in step.options["index"]))


def is_array(x):
    """Whether a part of an index is an array, or a list of numbers."""
    return isinstance(x, (Expression, list, np.ndarray))


def looked_up(step):
    """What is read at places that an index says: the array, unless it is changed there, and the arrays in the index.

    Row numbers 0, 1, ... are counted and not read.
    """
    inside = [x for x in step.options["index"] if isinstance(x, Expression) and x.op != "arange"]
    return inside if step.is_statement else [step.args[0], *inside]


def refusal(step, why):
    """The exception for a step that cannot be written."""
    return TypeError(f"{step.operation}: {why}.\nWithout compile=True, `unroll` writes it as NumPy source.")


def refuse_unfit(step):
    """Raise TypeError for several arrays, a type that C is not written for, or an index that it is not."""
    if step.kind is None:
        raise refusal(step, f"the primitive {step.op!r} cannot be written as C")
    if step.dtype not in C_TYPES:
        raise refusal(step, f"numbers of {step.dtype} are not written as C, but those of {', '.join(map(str, C_TYPES))} are")
    if not has_arrays(step):
        return
    index = step.options["index"]
    if any((x if isinstance(x, Expression) else np.asarray(x)).dtype.kind == "b" for x in index if is_array(x)):
        raise refusal(step, "an index by a mask, whose result has no shape that is known before, cannot be written as C")
    together = [i for i, x in enumerate(index) if is_array(x) or is_number(x)]
    if any(map(is_array, index)) and together != list(range(together[0], together[-1] + 1)):
        raise refusal(step, "an index by arrays with other axes between them cannot be written as C")
