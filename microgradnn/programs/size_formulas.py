"""A number that is another for each batch size, found again as a formula in the size: k · (a n + b)^p.

    1 / n    0.1 / n    1 / (3 * n - 1)    2 * n    n**2    1 / n**0.5

k, a and b are found from two sizes; that the formula gives the numbers of all others, to the last bits, is the evidence.
"""

from fractions import Fraction

import numpy as np

from .expression import Expression, Kind, Length

POWERS = (1, -1, 0.5, -0.5, 2, -2)
MOST_PARTS = 1000  # the largest a, if b is not 0
MOST_ULPS = 4
SHORT = 8  # characters of a factor that somebody may have typed


def size_formula(sizes, values, dtype, position):
    """The Expression of a number that depends on the batch size, or None if no formula is found.

    Parameters
    ----------
    sizes : sequence of int
        Three or more.
    values : sequence of number
        What it is for a batch of each of these sizes.
    dtype : dtype
        The type that the Expression has.
    position : float
        Its position in the program.

    Examples
    --------
    >>> size_formula([6, 11, 13], [0.1 / 6, 0.1 / 11, 0.1 / 13], float, 0).args
    (0.1, Length(times=1, plus=0))
    """
    numbers = [np.longdouble(x) for x in values]
    sign = -1 if numbers[0] < 0 else 1
    if not all(np.isfinite(x) and sign * x > 0 for x in numbers):
        return None
    whole = all(isinstance(x, (int, np.integer)) for x in values)
    eps = np.finfo(values[0].dtype if isinstance(values[0], np.floating) else float).eps
    for power in POWERS:
        for factor, length in fits(sizes, [sign * x for x in numbers], power, eps):
            written = [value_at(factor, length, power, n) for n in sizes]
            if all(
                abs(sign * a - b) <= (0 if whole else MOST_ULPS * eps * abs(b)) for a, b in zip(written, numbers, strict=True)
            ):
                return Writing(dtype, position).formula(sign * factor, length, power)
    return None


def fits(sizes, numbers, power, eps):
    """Yield k and a n + b, so that k · (a n + b)^p are these positive numbers for the first and the last size, or nearly so."""
    roots = [x ** (1 / np.longdouble(power)) for x in numbers]
    slope = (roots[-1] - roots[0]) / (sizes[-1] - sizes[0])
    if slope == 0:
        return
    shift = roots[0] / slope - sizes[0]  # the root is slope · (n + shift)
    ratio = Fraction(float(shift)).limit_denominator(MOST_PARTS)
    if abs(float(ratio) - shift) > 1e4 * eps * max(1, abs(shift)) or any(n + ratio <= 0 for n in sizes):
        return
    length = Length(ratio.denominator, ratio.numerator)
    factor = numbers[0] / np.longdouble(length.at(sizes[0])) ** np.longdouble(power)
    short = float(f"{float(factor):.{14 if eps < 1e-10 else 6}g}")  # without what rounding added: 0.1 for 0.10000000000000002
    short = int(short) if short.is_integer() and short < 1e15 else short
    if len(repr(short)) <= SHORT:
        yield short, length
    multiple = round(float(factor**power))
    if abs(power) == 1 and multiple:
        yield 1, Length(multiple * length.times, multiple * length.plus)  # 1 / (3 * n), and not 0.333 / n
    yield short, length
    yield float(factor), length


def value_at(factor, length, power, n):
    """What the source will compute for a batch of n."""
    base = length.at(n)
    raised = base if abs(power) == 1 else base ** abs(power)
    return raised * factor if power > 0 else factor / raised


class Writing:
    """Makes Expressions of numbers alone, in which a Length stands for what depends on n."""

    def __init__(self, dtype, position):
        self.dtype, self.position = dtype, position

    def formula(self, factor, length, power):
        """The Expression of factor · length^power."""
        raised = length if abs(power) == 1 else self.made("power", length, abs(power))
        if power < 0:
            return self.made("divide", factor, raised)
        if factor == 1 and isinstance(raised, Expression):
            return raised
        return self.made("multiply", float(factor) if factor == 1 else factor, raised)

    def made(self, op, x, y):
        return Expression(op, (x, y), {}, Kind((), np.dtype(self.dtype), "C"), position=self.position)
