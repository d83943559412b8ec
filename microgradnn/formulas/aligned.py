"""The numbers of one array, written alike: the same decimals for all, so that points stand below each other.

>>> aligned([[0.5, -1.25], [10, 0]]).texts
[['0.5', '−1.2'], ['10.0', '0.0']]
"""

from typing import NamedTuple

import numpy as np

from .signs import SUPERSCRIPTS
from .unicode_text import number

MOST_DECIMALS = 4
LARGEST, SMALLEST = 1e5, 1e-2  # of a largest number outside of these, a power of ten is put in front of the array


class Aligned(NamedTuple):
    """Numbers as text, row by row, and the power of ten that they all are to be multiplied by."""

    texts: list[list[str]]
    power: int

    @property
    def factor(self):
        """str: the power as it is written in front of the array: 10⁻³ ·, or nothing.

        >>> aligned([[0.001, 0.0025]])
        Aligned(texts=[['1.0', '2.5']], power=-3)
        >>> aligned([[0.001, 0.0025]]).factor
        '10⁻³ ·'
        """
        return f"10{str(self.power).translate(SUPERSCRIPTS)} ·" if self.power else ""


def aligned(table, figures=3):
    """The numbers of a table, of which the largest has about `figures` figures; whole numbers have no decimals.

    What rounds to zero has no minus; NaN and infinities are written as such. Where the sizes are too far apart for one power of
    ten, each number is written by itself.

    >>> aligned([[1, -20]]).texts, aligned([[-0.001, 5.25]]).texts, aligned([[float("nan"), -float("inf"), 1]]).texts
    ([['1', '−20']], [['0.00', '5.25']], [['NaN', '−∞', '1']])
    >>> aligned([[2e9, -1.5e-7, 0]]).texts
    [['2·10⁹', '−1.5·10⁻⁷', '0']]
    """
    table = np.asarray(table, dtype=float)
    finite = np.abs(table[np.isfinite(table)])
    largest = finite.max(initial=0.0)
    power = 0
    if largest and not SMALLEST <= largest < LARGEST:
        power = int(np.clip(np.floor(np.log10(largest)), -300, 300))
        finite, largest = finite / 10.0**power, largest / 10.0**power
    whole = not power and bool(np.all(finite == np.round(finite)))
    decimals = 0 if whole else _decimals(finite, largest, figures)
    if power and finite.min(where=finite > 0, initial=np.inf) < 0.5 * 10.0**-decimals:
        return Aligned([[number(x, figures) for x in row] for row in table], 0)
    return Aligned([[_written(x, decimals, power) for x in row] for row in table], power)


def _decimals(sizes, largest, figures):
    """How many decimals give the largest number so many figures, a leading zero counted; fewer where all end in zeros."""
    order = int(np.floor(np.log10(largest)))
    decimals = int(np.clip(figures - 1 - order - (order < 0), 1, MOST_DECIMALS))
    while decimals > 1 and np.array_equal(np.round(sizes, decimals - 1), sizes):
        decimals -= 1
    return decimals


def _written(x, decimals, power):
    """One number, with a true minus."""
    if not np.isfinite(x):
        return "NaN" if np.isnan(x) else "∞" if x > 0 else "−∞"
    text = f"{x / 10.0**power:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def alike(numbers, figures=4):
    """The terms of a sum, or the numbers of a column: the largest has so many figures, and all have its decimals.

    Where these are too many, or some would be written as zero, each is written by itself.

    >>> alike([0.437, -0.02515]), alike([1, -2]), alike([1.0, 1e-9])
    (['0.4370', '−0.0251'], ['1', '−2'], ['1', '10⁻⁹'])
    """
    sizes = np.abs(np.asarray(numbers, dtype=float))
    largest, smallest = sizes.max(initial=0.0), sizes.min(where=sizes > 0, initial=np.inf)
    if not (np.isfinite(largest) and largest) or np.all(sizes == np.round(sizes)):
        return [number(x, figures) for x in numbers]
    decimals = figures - 1 - int(np.floor(np.log10(largest)))
    if not 0 <= decimals <= 6 or smallest < 0.5 * 10.0**-decimals:
        return [number(x, figures) for x in numbers]
    return [_written(x, decimals, 0) for x in numbers]
