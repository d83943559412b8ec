"""Operators, written as short as comes to the same to the last bit: no factor 1, no array of ones where a number does.

Of an operand only its Expression is seen, and of the result its Kind: no array is needed to find out what is shorter.
"""

import math

import numpy as np

from .expression import Expression, Kind, is_constant, is_like, is_number, is_python_number, number_of

ARITHMETIC = {"add", "subtract", "multiply", "divide"}
MOST_FACTORS = 8  # among which a minus looks for a number


def operator_between(recorder, op, x, y, kind):
    """x + y, x * y, ...: the Expression, which is of this kind."""
    if op != "matmul":
        x, y = without_axes_in_front(x, y), without_axes_in_front(y, x)
    fill = None
    if op in ARITHMETIC:
        if kind.shape and is_filled(x) and is_filled(y):
            fill = operator_between(recorder, op, fill_of(x), fill_of(y), scalar(kind))
        x = without_filling(x, y, kind)
        y = without_filling(y, x, kind)
        x, y = untyped(x, y), untyped(y, x)
    simpler = shorter(recorder, op, x, y, kind)
    if simpler is not None:
        return simpler
    return recorder.full(fill, kind) if can_be_full(fill, kind) else recorder.new(op, (x, y), {}, kind, fill)


def shorter(recorder, op, x, y, kind):
    """What comes to the same, to the last bit, and is shorter; or None."""
    if op in ("multiply", "divide", "power") and is_number(y, 1) and is_like(x, kind):
        return x
    if op == "add" and x is y and kind.dtype.kind == "f":
        return operator_between(recorder, "multiply", 2, x, kind)
    if op != "multiply":
        return None
    if is_number(x) and is_number(y):
        with np.errstate(all="ignore"):
            product = number_of(x) * number_of(y)
        return recorder.number(product) if isinstance(product, np.generic) else product
    if is_number(x, 1) and is_like(y, kind):
        return y
    if is_number(x, -1) and is_like(y, kind):
        return operator_before(recorder, "negative", y, kind)
    if is_number(y) and is_quotient_of_number(x) and abs(math.frexp(number_of(y))[0]) == 0.5:
        doubled = operator_between(recorder, "multiply", x.args[0], y, scalar(kind))
        return operator_between(recorder, "divide", doubled, x.args[1], kind)  # 2 / n for 1 / n * 2: doubling is exact
    return None


def operator_before(recorder, op, x, kind):
    """-x or ~x. The minus of a product goes to the number in front, if there is one: -2 * y."""
    if op == "negative" and is_number(x):
        return recorder.number(-number_of(x))
    if op == "negative" and x.op in ("multiply", "divide"):
        left = x.args[0]
        if leads_with_number(left):
            opposite = -left if is_python_number(left) else operator_before(recorder, "negative", left, left.kind)
            return operator_between(recorder, x.op, opposite, x.args[1], kind)
    fill = operator_before(recorder, op, x.fill, x.fill.kind) if x.fill not in (None, x) else None
    return recorder.full(fill, kind) if can_be_full(fill, kind) else recorder.new(op, (x,), {}, kind, fill)


def can_be_full(fill, kind):
    """Whether an array is best written as np.full(shape, fill)."""
    return len(kind.shape) > 0 and fill is not None and is_constant(fill) and kind.order is not None


def scalar(kind):
    """The Kind of one number of this type."""
    return Kind((), kind.dtype, "C")


def leads_with_number(x):
    """Whether x is a number, or a product or quotient of a few factors that begins with one."""
    for _ in range(MOST_FACTORS):
        if isinstance(x, Expression) and x.op in ("multiply", "divide"):
            x = x.args[0]
    return is_number(x)


def is_quotient_of_number(x):
    """Whether x is a number divided by something."""
    return isinstance(x, Expression) and x.op == "divide" and is_number(x.args[0])


def untyped(x, other):
    """A NumPy number as one of Python's, beside an array of its type: so 2 * x is the same, whoever wrote the 2."""
    if not is_number(x) or is_python_number(x) or is_constant(other) or other.dtype != x.dtype:
        return x
    number = number_of(x).item()
    if not isinstance(number, float) or not math.isfinite(number):
        return x
    return int(number) if number.is_integer() and abs(number) < 1e6 and str(number) != "-0.0" else number


def is_filled(x):
    """Whether all elements of x are one number that has an Expression of its own."""
    return is_python_number(x) or (isinstance(x, Expression) and (x.fill is not None or x.shape == ()))


def fill_of(x):
    """This number."""
    return x.fill if isinstance(x, Expression) and x.fill is not None else x


def without_filling(x, other, kind):
    """x as an operand beside `other`: one number, if it is filled with it and the result is as large without x."""
    filled = isinstance(x, Expression) and x.fill is not None and x.ndim > 0
    return x.fill if filled and is_like(other, kind) else x


def without_axes_in_front(x, other):
    """x for x[None, :], beside what has as many axes: broadcasting puts them in front anyway."""
    if not (isinstance(x, Expression) and x.op == "index" and isinstance(other, Expression)) or other.ndim < x.ndim:
        return x
    (base,), index = x.args, x.options["index"]
    is_whole = all(part is None or part == slice(None) for part in index)
    return base if is_whole and index[-base.ndim :].count(None) == 0 and len(index) == x.ndim else x
