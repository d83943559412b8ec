"""Why an operation made a NaN or inf, and what to do instead."""

import ast

import numpy as np

from ..source.expressions import (
    double_where,
    expressions_at,
    mask_of_where,
    safe_operand,
    short_path,
    unsafe_operand,
    where_around,
)
from ..source.lines import place_of
from .message import out_of, shown_number

LOG = (
    "log(0) is -inf, and a negative number has no logarithm. A cross-entropy is best computed from the scores, with\n"
    "nn.cross_entropy or log_softmax, which never form the 0."
)

DIVIDE = (
    "The divisor is 0. If it is the standard deviation of a constant column: leave the column out, or divide by std + 1e-8."
)

ROOT_AT_ZERO = "The slope at 0 is infinite. For |x| take abs(x), not sqrt(x**2); for a length norm(x); else sqrt(x + 1e-12)."

DOMAINS = {
    "log1p": "x > -1",
    "arctanh": "-1 < x < 1",
    "arccosh": "x >= 1",
    "arcsin": "-1 <= x <= 1",
    "arccos": "-1 <= x <= 1",
    "tan": "x beside the odd multiples of pi/2",
}

FULLY_MASKED = "Where every score is -inf there is no softmax: leave at least one unmasked, or mask its result."

INF_CAME_IN = "The inf came in with data, or from before checked() began. inf − inf, 0 · inf and inf / inf are NaN."


def advice(op, value, at, xs, slope=None):
    """What is known of the operation: why it gave this value for these numbers, and what to do instead.

    `at` are the operands' numbers at the element, None if the operation is not elementwise; `xs` the whole operands;
    `slope` the derivative there, if it is a gradient that is not finite.
    """
    numbers = xs if at is None else at
    if any(map(np.iscomplexobj, numbers)):
        return []
    if not out_of(numbers):
        return [FULLY_MASKED if "softmax" in op.name else INF_CAME_IN]
    name, x, last = op.name, numbers[0], numbers[-1]
    if at is None:
        return [too_large(value)] if np.isinf(value) else []
    if name in ("log", "log2", "log10") and x <= 0:
        return [LOG]
    if name in ("divide", "reciprocal", "remainder", "fmod", "floor_divide") and last == 0:
        return [DIVIDE]
    if name in ("sqrt", "power") and (why := reason_of_power(name, x, last, value, slope)):
        return [why]
    if slope is not None and not np.isfinite(slope):
        return [f"The slope of {name} is not finite there: keep its operand away from that point, with clip or a where."]
    if name in DOMAINS and slope is None:
        return [f"{name} is finite for {DOMAINS[name]} only: keep its operand in there, with clip or a where."]
    if name in ("exp", "exp2", "expm1"):
        return [too_large(value), f"softmax, log_softmax, logsumexp and sigmoid do without such numbers; use them for {name}."]
    return [too_large(value)] if np.isinf(value) else []


def reason_of_power(name, x, exponent, value, slope):
    """Why a root or a power, or its slope, is not finite; empty if it is merely too large."""
    if name == "power" and x == 0 and exponent < 0:
        return "It divides by 0: x to a negative power is 1 / x to a positive one."
    if x == 0:
        return ROOT_AT_ZERO
    if x > 0 or not np.isnan(value):
        return ""
    if name == "sqrt":
        return "A negative number has no real square root."
    if slope is not None and exponent == np.round(exponent):
        return "The slope in the exponent needs the logarithm of the base, which is negative: make the exponent a constant."
    return "A negative number has no real power with such an exponent."


def too_large(array):
    """What overflow means."""
    largest = np.finfo(np.asarray(array).dtype)
    return (
        f"It is larger than {largest.dtype} can hold, {largest.max:.2g}. "
        "If the numbers grow from step to step, the learning rate is too high."
    )


def product(dz, index, slope, value, letter):
    """The chain rule at one element, in numbers."""
    numbers = f"{shown_number(np.asarray(dz)[index])} · {shown_number(slope)} = {shown_number(value)}"
    return f"By the chain rule d{letter} = dz · ∂z/∂{letter} = {numbers}."


def masked(node, labels, where, branch):
    """The explanation of 0 · inf in a branch that a `where` does not take."""
    place, op = place_of(where), node.op
    around, expressions = expressions_at(place), expressions_at(place_of(node))
    mask = (mask_of_where(around[-1]) if around else None) or "mask"
    line = f" in {short_path(place.file)}:{place.line}" if place is not None else ""
    ways = [f"where({mask}, …){line} does not take this element, so dz is 0; but the branch not taken is differentiated too."]
    enclosing = where_around(expressions)
    is_the_one = enclosing is not None and bool(around) and ast.dump(enclosing[0]) == ast.dump(around[-1])
    safe = double_where(expressions, op.name, len(node.inputs)) if is_the_one else None
    if safe:
        return [*ways, f"Keep it finite, with a second where:\n    {safe}"]
    operand = unsafe_operand(expressions[-1], op.name, len(node.inputs)) if expressions else None
    label = labels[-1 if op.name == "divide" else 0] if operand is None else ast.unparse(operand)
    safe = safe_operand(label, mask, branch, op.name)
    return [*ways, f"Keep it finite: give {op.name} a safe operand, made by a second where:\n    safe = {safe}"]
