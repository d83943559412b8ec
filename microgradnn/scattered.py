"""Gradients that are 0 but for some elements, as these elements alone: what comes back through x[index].

A loop over the elements of x gives its gradient n contributions, each as long as x. To add them up takes n² additions, nearly
all of them of zeros. A `Scattered` is added in a moment; the loop of backprop.py asks for the sum when it comes to x.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin


class Scattered(NDArrayOperatorsMixin):
    """An array of zeros but for its elements at an index, after which others may have been added: to NumPy an array as any.

    >>> dx = Scattered((4,), 0, np.array(5.0)) + Scattered((4,), slice(2, 4), np.array([6.0, 7.0]))
    >>> dx.dense()
    array([5., 0., 6., 7.])
    >>> dx * 2
    array([10.,  0., 12., 14.])
    """

    __slots__ = ("dtype", "earlier", "index", "shape", "values")

    def __init__(self, shape, index, values, earlier=None):
        self.shape = shape
        self.index = index  # it picks no element twice
        self.values = values
        self.dtype = values.dtype
        self.earlier = earlier  # the sum to which these elements were added: another one, an array, or None

    def dense(self):
        """The sum as an array, added up in the order in which it came."""
        parts, earlier = [], self
        while type(earlier) is Scattered:
            parts.append(earlier)
            earlier = earlier.earlier
        if earlier is None:
            first, total = parts.pop(), np.zeros(self.shape, self.dtype)
            total[first.index] = first.values
        else:
            total = earlier.copy()
        for part in reversed(parts):
            total[part.index] += part.values
        return total

    def __add__(self, other):
        if type(other) is Scattered and other.earlier is None:
            return Scattered(self.shape, other.index, other.values, self)
        return self.dense() + dense(other)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if ufunc is np.add and method == "__call__" and not kwargs and self is inputs[1] and self.earlier is None:
            before = inputs[0]
            if type(before) is np.ndarray and (before.shape, before.dtype) == (self.shape, self.dtype):
                return Scattered(self.shape, self.index, self.values, before)
        return getattr(ufunc, method)(*map(dense, inputs), **kwargs)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.dense(), dtype)

    def __getattr__(self, name):
        if name.startswith("__"):  # by which copy, pickle and NumPy ask for other ways
            raise AttributeError(name)
        return getattr(self.dense(), name)

    def __getitem__(self, index):
        return self.dense()[index]

    def __len__(self):
        return self.shape[0]

    def __repr__(self):
        return repr(self.dense())


def dense(x):
    """The array that a Scattered stands for; anything else as it is."""
    return x.dense() if type(x) is Scattered else x
