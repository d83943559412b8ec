"""What a program that is being written consists of: its Expressions. They say how an array is made, and hold none.

An Expression is a canonical primitive: however a rule spells it, `x.sum(axis=0)`, `np.sum(x, axis=0)` or `np.add.reduce(x)`,
it is a "sum" of x with the parameter axis=0. How it is spelled again is the affair of whoever writes it, as Python or as
something else.
"""

import math
from typing import NamedTuple

import numpy as np

from .primitives import OPERATORS, STATEMENTS


class Kind(NamedTuple):
    """What is known of an array without its elements. On the order the last bits of sums depend."""

    shape: tuple[int, ...]
    dtype: np.dtype
    order: str | None  # "C": row by row in memory, "F": column by column, None: neither, with gaps or backwards

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        return math.prod(self.shape)

    @property
    def nbytes(self):
        return self.size * self.dtype.itemsize


class Expression:
    """One computation of a program, or one of the things that programs begin with."""

    __slots__ = {
        "op": "the primitive, called as in NumPy: 'add', 'sum', 'linalg.inv', ...; or 'parameter', 'number', 'index', 'set'",
        "args": "its operands: Expressions, and numbers of Python's",
        "options": "its parameters by name: axis, shape, index, ...; in an index there may be Expressions",
        "kind": "a Kind: shape, dtype and order in memory; None for what is several arrays",
        "base": "in whose memory it lies: itself, or the Expression that it is a view of; None for what is a NumPy scalar",
        "span": "the bytes that it takes there: the first, and the one behind the last",
        "writeable": "whether its elements may be changed: those repeated by broadcasting may not",
        "fill": "an Expression of one number, where every element is this number; else None",
        "silenced": "the np.errstate that it was computed under, as pairs",
        "operation": "the operation whose rule asked for it, or None",
        "position": "how many were made before it: what it is made from comes earlier",
        "constant": "whether it is made of numbers alone",
        "operands": "list of Expression: what it is made from, also those inside of an index",
    }

    def __init__(self, op, args, options, kind, fill=None, silenced=(), operation=None, position=0):
        self.kind = kind
        self.become(op, args, options)
        self.fill, self.silenced, self.operation, self.position = fill, silenced, operation, position
        self.constant = op == "number" or (op in OPERATORS and all(map(is_constant, args)))
        is_scalar = kind is not None and kind.shape == () and (op == "number" or op in OPERATORS)
        self.base, self.span, self.writeable = None if is_scalar else self, (0, kind.nbytes if kind else 0), True

    @property
    def shape(self):
        return self.kind.shape

    @property
    def ndim(self):
        return len(self.kind.shape)

    @property
    def size(self):
        return self.kind.size

    @property
    def dtype(self):
        return self.kind.dtype

    def become(self, op, args, options):
        """Say how it is made; a second time, for any batch size."""
        self.op, self.args, self.options = op, args, options
        self.operands = list(inner_expressions((args, *options.values()))) if args or options else []

    @property
    def is_statement(self):
        """bool: whether it changes its first operand in place. It stands for what that holds afterwards."""
        return self.op in STATEMENTS or self.op.endswith(".at")

    def shares_memory(self, other):
        """Whether an element of the one may be an element of the other."""
        (first, last), (other_first, other_last) = self.span, other.span
        return self.base is not None and self.base is other.base and first < other_last and other_first < last

    def __repr__(self):
        return f"{self.op} {self.options['value']}" if self.op == "number" else self.op


class Length(NamedTuple):
    """A whole number that depends on the batch size n: times · n + plus."""

    times: int
    plus: int

    def __str__(self):
        product = "n" if self.times == 1 else f"{self.times} * n"
        sign = "+" if self.plus > 0 else "-"
        return product if self.plus == 0 else f"{product} {sign} {abs(self.plus)}"

    def at(self, n):
        """int: the number for a batch of n."""
        return self.times * n + self.plus


def shape_text(shape):
    """A shape as it is typed: (n, 3).

    >>> shape_text((Length(1, 0), 3)), shape_text((3,))
    ('(n, 3)', '(3,)')
    """
    inside = ", ".join(map(str, shape))
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def kind_of(array):
    """The Kind of an array."""
    return Kind(array.shape, array.dtype, order_of(array))


def order_of(array):
    """How an array lies in memory: "C", row by row, "F", column by column; None if neither, with gaps or backwards."""
    return "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else None


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
    if isinstance(x, dict):
        return tuple((name, key_of(x[name])) for name in sorted(x))
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
        x = x.options["value"] if x.op == "number" else None
    return isinstance(x, (int, float, complex, np.generic)) and value in (None, x)


def number_of(x):
    """The number that x is: of Python's, or a NumPy scalar."""
    return x.options["value"] if isinstance(x, Expression) else x


def is_like(x, kind):
    """Whether x is an Expression of this shape, type and order."""
    return isinstance(x, Expression) and x.kind == kind


def is_transpose(x):
    """Whether x is the transpose of a matrix."""
    return isinstance(x, Expression) and x.op == "transpose" and x.ndim == 2


def is_column(x):
    """Whether x is a 1-D array made a column."""
    return x.op == "index" and x.options["index"] == (slice(None), None) and x.args[0].ndim == 1


def is_row(x):
    """Whether x is a 1-D array made a row."""
    return x.op == "index" and x.options["index"] == (None, slice(None)) and x.args[0].ndim == 1
