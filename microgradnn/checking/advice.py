"""The way out: what is known of an operation that made a NaN or inf, and what to do instead."""

import numpy as np

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
    if name in ("divide", "reciprocal") and last == 0:
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


def out_of(numbers):
    """What the message says of the numbers that a NaN or inf was made of."""
    return "" if any(holds(np.isnan, x) or holds(np.isinf, x) for x in numbers) else " out of finite numbers"


def holds(is_bad, x):
    """Whether an array or a number holds NaN (np.isnan) or inf (np.isinf)."""
    return np.asarray(x).dtype.kind in "fc" and bool(np.any(is_bad(x)))
