"""What a program that is being written consists of, and what can be asked of its parts."""

import math

import numpy as np

MOST_FACTORS = 8  # among which a minus looks for a number


class Expression:
    """One computation of a program, or one of the things that programs begin with."""

    __slots__ = {  # in the order of the constructor
        "head": "'parameter', 'number', 'infix', 'prefix', 'function', 'method', 'attribute', 'index' or 'changed'",
        "name": "of the parameter, operator, function, method or attribute; 'changed' is a statement, such as np.add.at",
        "args": "Expressions, and what is plain in NumPy calls: numbers, types, slices, tuples of these",
        "kwargs": "the same for arguments given by name, as pairs",
        "value": "the array that it computes from the recorded values",
        "fill": "an Expression of one number, where every element is this number; else None",
        "silenced": "the np.errstate that it was computed under, as pairs",
        "constant": "whether it is made of numbers alone",
        "position": "how many were made before it: what it is made from comes earlier",
    }

    def __init__(self, head, name, args, kwargs, value, fill, silenced, position):
        self.head, self.name, self.args, self.kwargs, self.value = head, name, args, kwargs, value
        self.fill, self.silenced, self.position = fill, silenced, position
        self.constant = head == "number" or (
            head == "infix" and not any(isinstance(x, Expression) and not x.constant for x in args)
        )

    @property
    def operands(self):
        """list of Expression: what it is made from, also those inside of tuples and slices."""
        return list(inner_expressions((self.args, [argument for _, argument in self.kwargs])))

    def __repr__(self):
        return f"{self.head} {self.name or self.value}"


def value_of(x):
    """The value of an Expression, or of what holds Expressions."""
    if isinstance(x, Expression):
        return x.value
    if isinstance(x, (tuple, list)):
        return type(x)([value_of(part) for part in x])
    if isinstance(x, slice):
        return slice(value_of(x.start), value_of(x.stop), value_of(x.step))
    return x


def inner_expressions(x):
    """All Expressions in an argument."""
    if isinstance(x, Expression):
        yield x
    elif isinstance(x, (tuple, list)):
        for part in x:
            yield from inner_expressions(part)
    elif isinstance(x, slice):
        yield from inner_expressions((x.start, x.stop, x.step))


def key_of(x):
    """What two arguments have in common if and only if they are the same."""
    if isinstance(x, Expression):
        return id(x)
    if isinstance(x, (tuple, list)):
        return type(x), *map(key_of, x)
    if isinstance(x, slice):
        return slice, key_of(x.start), key_of(x.stop), key_of(x.step)
    return type(x), repr(x)


def is_python_number(x):
    """Whether x is a number of Python's."""
    return isinstance(x, (bool, int, float, complex))


def is_constant(x):
    """Whether x is made of numbers alone."""
    return not isinstance(x, Expression) or x.constant


def is_number(x, value=None):
    """Whether x is a number, of Python's or NumPy's; and which one, if that is asked."""
    if isinstance(x, Expression):
        x = x.value if x.head == "number" else None
    return isinstance(x, (int, float, complex, np.generic)) and value in (None, x)


def leads_with_number(x):
    """Whether x is a number, or a product or quotient of a few factors that begins with one."""
    for _ in range(MOST_FACTORS):
        if isinstance(x, Expression) and x.head == "infix" and x.name in ("*", "/"):
            x = x.args[0]
    return is_number(x)


def is_quotient_of_number(x):
    """Whether x is a number divided by something."""
    return isinstance(x, Expression) and x.head == "infix" and x.name == "/" and is_number(x.args[0])


def alike(x, value):
    """Whether x is an Expression of the shape and type of `value`, and of its order, on which the last bits of sums depend."""
    if not isinstance(x, Expression):
        return False
    return (x.value.shape, x.value.dtype, order_of(x.value)) == (value.shape, value.dtype, order_of(value))


def order_of(array):
    """How an array lies in memory: "C", row by row, "F", column by column; None if neither, with gaps or backwards."""
    return "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else None


def untyped(x, other):
    """A NumPy number as one of Python's, beside an array of its type: so 2 * x is the same, whoever wrote the 2."""
    if not is_number(x) or is_python_number(x) or is_constant(other) or other.value.dtype != x.value.dtype:
        return x
    number = x.value.item()
    if not isinstance(number, float) or not math.isfinite(number):
        return x
    return int(number) if number.is_integer() and abs(number) < 1e6 and str(number) != "-0.0" else number


def is_filled(x):
    """Whether all elements of x are one number that has an Expression of its own."""
    return is_python_number(x) or (isinstance(x, Expression) and (x.fill is not None or x.value.ndim == 0))


def fill_of(x):
    """This number."""
    return x.fill if isinstance(x, Expression) and x.fill is not None else x


def without_filling(x, other, value):
    """x as an operand beside `other`: one number, if it is filled with it and the result is as large without x."""
    filled = isinstance(x, Expression) and x.fill is not None and x.value.ndim > 0
    return x.fill if filled and alike(other, value) else x


def without_axes_in_front(x, other):
    """x for x[None, :], beside what has as many axes: broadcasting puts them in front anyway."""
    if (
        not (isinstance(x, Expression) and x.head == "index" and isinstance(other, Expression))
        or np.ndim(other.value) < x.value.ndim
    ):
        return x
    base, index = x.args
    is_whole = isinstance(index, tuple) and all(part is None or part == slice(None) for part in index)
    return base if is_whole and index[-base.value.ndim :].count(None) == 0 and len(index) == x.value.ndim else x
