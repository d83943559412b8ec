"""How each operation is written: + and ², side by side, or as a function with the parameters that matter.

A writer takes the operation and its operands, and returns a Formula.
"""

import inspect

import numpy as np

from ..graph import PYTHON_NUMBERS
from .formula import (
    Call,
    Code,
    Dots,
    Indexed,
    Matrix,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sigma,
    Sum,
    Transpose,
)
from .signs import OPERATIONS, TIMES


class Operands:
    """What an operation is applied to; gone through, the formulas of it.

    Attributes
    ----------
    nodes : sequence of Tensor or Number
    formulas : sequence of Formula
        Of all of them, or of the first few.
    uncut : bool
        Whether no parameter may be left out, either.
    """

    def __init__(self, nodes, formulas, uncut=False):
        self.nodes, self.formulas, self.uncut = nodes, formulas, uncut

    def __iter__(self):
        return iter(self.formulas)

    @property
    def dots(self):
        """tuple of Formula: an ellipsis if there are more."""
        return (Dots(),) * (len(self.formulas) < len(self.nodes))

    @property
    def ndim(self):
        """int: how many axes the first one has."""
        return self.nodes[0].ndim if self.nodes else 0

    @property
    def are_numbers(self):
        """bool: whether none has any axes."""
        return all(x.ndim == 0 for x in self.nodes)


def formula_of_operation(op, operands):
    """What an operation of these operands looks like."""
    ours = type(op).__module__.partition(".")[0] == __name__.partition(".")[0]  # a user's Add may be anything
    write = WRITERS.get(op.name, called) if ours else called
    return write(op, operands)


# ---- Operations that have a sign of their own.


def add(op, operands):
    """x + y; what x is a sum of are terms of this one."""
    x, y = operands
    return Sum((*terms_of(x), y))


def subtract(op, operands):
    """x − y."""
    x, y = operands
    return Sum((*terms_of(x), Negative(y)))


def terms_of(x):
    """The terms that a sum begins with."""
    return x.terms if isinstance(x, Sum) else (x,)


def negative(op, operands):
    """−x."""
    return Negative(*operands)


def multiply(op, operands):
    """A plain number comes first: 2 x. With a scalar a dot: a · x. By elements ⊙."""
    x, y = operands
    if is_number(y) and not is_number(x):
        x, y = y, x
    if is_number(x):
        return times_number(x, y)
    return Product(kind_of(operands.nodes), (x, y))


def kind_of(nodes):
    """Which kind of product goes by elements: one of arrays, or one in which a number takes part."""
    return "elementwise" if all(x.ndim for x in nodes) else "scalar"


def sign_of(op, nodes):
    """What a picture writes for an operation: its sign, or its name.

    >>> from microgradnn import Tensor, ops
    >>> x, a = Tensor([1.0]), Tensor(2.0)
    >>> sign_of(ops.Multiply(), (x, x)), sign_of(ops.Multiply(), (a, x)), sign_of(ops.Sum(), (x,)), sign_of(ops.Tanh(), (x,))
    ('⊙', '·', 'Σ', 'tanh')
    """
    return TIMES[kind_of(nodes)] if op.name == "multiply" else OPERATIONS.get(op.name, op.name)


def is_number(x):
    """Whether a formula is a plain number, with or without a minus."""
    return isinstance(x.x if isinstance(x, Negative) else x, Number)


def times_number(number, x):
    """A number and what it multiplies: 2 x W, −2 x; with a dot where digits would meet, 2 · 3."""
    if isinstance(number, Negative):
        return Negative(times_number(number.x, x))
    if is_number(x) or isinstance(first_of(x), (Number, Matrix)):
        return Product("scalar", (number, x))
    return Product("juxtaposed", (number, *factors_of(x)))


def first_of(x):
    """What a formula begins with, when it stands in a product."""
    while isinstance(x, (Product, Power, Indexed, Transpose, Quotient)):
        x = x.factors[0] if isinstance(x, Product) else next(x.parts)
    return x


def factors_of(x):
    """The factors that stand side by side."""
    return x.factors if isinstance(x, Product) and x.sign == "juxtaposed" else (x,)


def divide(op, operands):
    """x / y."""
    return Quotient(*operands, "elementwise")


def reciprocal(op, operands):
    """1 / x, since X⁻¹ of a matrix would be read as its inverse."""
    return Quotient(Number(1), *operands, "elementwise")


def matmul(op, operands):
    """x y, side by side."""
    x, y = operands
    return Product("juxtaposed", (*factors_of(x), y))


def power(op, operands):
    """Of a plain number as exponent x², x⁻¹, and of 2.0 as of 2."""
    x, y = operands
    exponent = operands.nodes[1].data
    if type(exponent) in PYTHON_NUMBERS:
        y = Number(int(exponent) if exponent == np.round(exponent) and np.isfinite(exponent) else exponent)
    return Power(x, y)


def square(op, operands):
    """x²."""
    return Power(*operands, Number(2))


def affine(op, operands):
    """x W + b."""
    x, W, b = operands
    return Sum((Product("juxtaposed", (*factors_of(x), W)), b))


def squared_distance(op, operands):
    """Σ (y − x)², without Σ where there is but one."""
    x, y = operands
    squared = Power(Sum((*terms_of(y), Negative(x))), Number(2))
    return squared if operands.are_numbers else Sigma(squared)


def mean_squared_distance(op, operands):
    """mean((y − x)²)."""
    squared = squared_distance(op, operands)
    return Call("mean", (squared.x,)) if isinstance(squared, Sigma) else squared


def sum_of(op, operands):
    """Σ x over all elements; over some axes a function."""
    return called(op, operands) if keywords_of(op, operands) else Sigma(*operands)


def absolute(op, operands):
    """|x|."""
    return Call("absolute", tuple(operands))


def transpose(op, operands):
    """xᵀ where rows and columns change places; a vector has one axis, which stays."""
    (x,), n = operands, operands.ndim
    axes = tuple(range(n))[::-1] if op.axes is None else tuple(axis % n for axis in op.axes)
    if axes == tuple(range(n)):
        return x
    if axes == (*range(n - 2), n - 1, n - 2):
        return Transpose(x)
    return Call("transpose", (x, Code(str(axes))))


def getitem(op, operands):
    """x[0, 1:]."""
    (x,) = operands
    return Indexed(x, spell_index(op.index, operands.uncut))


def reshape(op, operands):
    """The new shape is written, without which nobody knows it."""
    (x,) = operands
    return Call("reshape", (x, Code(str(op.shape))))


def broadcast_to(op, operands):
    """As `reshape`."""
    (x,) = operands
    return Call("broadcast_to", (x, Code(str(op.shape))))


def astype(op, operands):
    """The type by its name."""
    (x,) = operands
    return Call("astype", (x, Code(str(op.dtype))))


def einsum(op, operands):
    """The subscripts come first, as they are typed."""
    return Call("einsum", (Code(repr(op.subscripts)), *operands, *operands.dots))


WITH_SIGNS = [add, subtract, negative, multiply, divide, reciprocal, matmul, power, square, affine, squared_distance]
WITH_SIGNS += [mean_squared_distance, transpose, getitem, reshape, broadcast_to, astype, einsum]
WRITERS = {"sum": sum_of, "abs": absolute, **{write.__name__: write for write in WITH_SIGNS}}


# ---- All others are functions.


def called(op, operands):
    """softmax(x, axis=0): a function of the operands, with those parameters that matter."""
    keywords = [Code(f"{key}={value}") for key, value in keywords_of(op, operands).items()]
    return Call(op.name, (*operands, *operands.dots, *keywords))


def keywords_of(op, operands):
    """The parameters of an operation that say something, as they are typed: axis=0 of a matrix, but not of a vector."""
    usual = {name: p.default for name, p in inspect.signature(type(op)).parameters.items()}
    n = operands.ndim
    if op.name in JOINING:
        usual["axis"], n = 0, n + (op.name == "stack")
    written, hidden = {}, JOINING.get(op.name, ())
    for name, value in getattr(op, "__dict__", {}).items():
        if name in hidden or name.startswith("_") or is_usual(name, value, usual, n):
            continue
        written[name] = repr(value) if is_brief(value) or operands.uncut else "…"
    return written


JOINING = {"concatenate": ["ends"], "stack": ["count"]}  # what follows from their operands


def is_usual(name, value, usual, n):
    """Whether a parameter is what it is if nothing is said; or an axis, of n, that says nothing else."""
    default = usual.get(name, inspect.Parameter.empty)
    if name != "axis" or value is None:
        return type(value) is type(default) and value == default
    if n == 0:
        return True
    axes = {axis % n for axis in (value if isinstance(value, tuple) else (value,))}
    if default in (None, inspect.Parameter.empty):  # of all axes, or along the one that there is
        return len(axes) == n
    return axes == {default % n}


def is_brief(value):
    """Whether a parameter is worth writing: a number, a name, a tuple of these; not an array.

    >>> is_brief(((0, 1), None)), is_brief(np.arange(3))
    (True, False)
    """
    return all(map(is_brief, value)) if isinstance(value, tuple) else isinstance(value, (int, float, str, type(None)))


def spell_index(index, uncut=False):
    """An index as it is typed: 0, 1:, ...; of arrays, if uncut, all numbers.

    >>> spell_index((0, slice(1, None), Ellipsis)), spell_index(np.arange(3)), spell_index(np.arange(3), uncut=True)
    ('0, 1:, ...', '…', '[0, 1, 2]')
    """
    if isinstance(index, tuple):
        return ", ".join(spell_index(part, uncut) for part in index) or "()"
    if isinstance(index, slice):
        ends = ("" if end is None else str(end) for end in (index.start, index.stop))
        return ":".join(ends) + (f":{index.step}" if index.step is not None else "")
    if index is Ellipsis:
        return "..."
    if index is None or np.ndim(index) == 0:
        return str(index)
    return str(np.asarray(index).tolist()) if uncut else "…"
