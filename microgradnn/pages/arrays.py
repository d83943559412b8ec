"""The arrays that a page shows, each once, and how an array is shown where there is little room."""

import numpy as np

from ..formulas.brief import brief
from ..formulas.mathml import array

MOST_ELEMENTS = 100_000  # numbers that all cards together write out; larger arrays are shortened to keep within it


class Arrays:
    """The arrays that a page shows, each once; called with one, it gives its number."""

    def __init__(self):
        self.number_of, self.kept = {}, []

    def __call__(self, x):
        x = np.asarray(x)
        key = (x.shape, x.dtype.str, x.tobytes())
        if key not in self.number_of:
            self.number_of[key] = len(self.kept)
            self.kept.append(x)
        return self.number_of[key]

    def written(self):
        """Of each array: its shape, the array in brief, as a formula if it is small, and all its values."""
        most = MOST_ELEMENTS
        while most > 100 and sum(min(x.size, most) for x in self.kept) > MOST_ELEMENTS:
            most //= 2
        return [[str(x.shape), brief(x), array(x), full(x, most)] for x in self.kept]


def full(x, most):
    """All values of an array, or, of one larger than `most`, the ones at its edges.

    >>> print(full(np.array([[1.0, -2.5]]), 10))
    [[ 1. , -2.5]]
    """
    return np.array2string(x, separator=", ", threshold=most, edgeitems=3, precision=6, max_line_width=110)


def largest(x):
    """The index of the largest element, as a tuple of int; () for a scalar or for nothing.

    >>> largest(np.array([[1.0, -3.0]])), largest(np.float64(2))
    ((0, 1), ())
    """
    x = np.asarray(x)
    if x.ndim == 0 or x.size == 0 or x.dtype.kind not in "biufc":
        return ()
    return tuple(map(int, np.unravel_index(np.argmax(np.nan_to_num(np.abs(x))), x.shape)))
