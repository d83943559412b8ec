"""Where the elements of arrays lie: C knows no arrays of several axes, only memory and how far apart the elements are."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

C_TYPES = {
    np.dtype(np.float64): "double", np.dtype(np.float32): "float", np.dtype(bool): "unsigned char",
    np.dtype(np.int64): "long long", np.dtype(np.int32): "int",
}  # fmt: skip


class Memory:
    """A piece of memory that holds one array, row by row.

    Attributes
    ----------
    step : Expression
        What is stored in it.
    size : int
        How many elements it holds.
    role : str
        "parameter", "result", or "scratch", which nobody sees outside.
    name : str
        Its variable in C.
    """

    def __init__(self, step, size, role="scratch"):
        self.step, self.size, self.role, self.name = step, size, role, ""

    @property
    def dtype(self):
        """dtype: of the elements."""
        return self.step.dtype

    @property
    def ctype(self):
        """str: the type of an element."""
        return C_TYPES[self.dtype]


class Place(NamedTuple):
    """Where the elements of one array are."""

    memory: Memory
    shape: tuple[int, ...]
    strides: tuple[int, ...]  # in elements; 0 along an axis along which it is repeated
    offset: int = 0

    def viewed(self, view):
        """The place of a view, or None if NumPy would copy: NumPy says where elements go, on memory that nobody reads.

        >>> whole = whole_place(Memory(None, 6), (2, 3))
        >>> whole.viewed(lambda x: x.T[1:]).offset
        1
        """
        lowest = sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True) if s < 0 and n)
        highest = sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True) if s > 0 and n)
        stand_in = np.zeros(highest - lowest + 1, np.int8)
        moved = np.asarray(view(as_strided(stand_in[-lowest:], self.shape, self.strides)))
        if not (moved.base is not None and np.may_share_memory(moved, stand_in)) and moved.size:
            return None
        start = moved.__array_interface__["data"][0] - stand_in.__array_interface__["data"][0] + lowest if moved.size else 0
        return Place(self.memory, moved.shape, moved.strides, self.offset + start)

    def broadcast(self, shape):
        """The place of the array repeated to a shape."""
        missing = len(shape) - len(self.shape)
        own = zip(self.shape, self.strides, shape[missing:], strict=True)
        strides = (*[0] * missing, *(0 if n == 1 and wanted != 1 else s for n, s, wanted in own))
        return Place(self.memory, tuple(shape), strides, self.offset)

    @property
    def is_whole(self):
        """bool: whether it is all of its memory, row by row."""
        return self.offset == 0 and self.memory.size == math.prod(self.shape) and self.strides == row_strides(self.shape)


def row_strides(shape):
    """How far apart elements are, row by row.

    >>> row_strides((2, 3, 4))
    (12, 4, 1)
    """
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def whole_place(memory, shape):
    """The place of an array that fills its memory."""
    return Place(memory, tuple(shape), row_strides(shape))


def merged(shape, accesses):
    """Axes put together that all accesses go along as if they were one: fewer loops, and longer ones.

    Parameters
    ----------
    shape : tuple of int
    accesses : list of tuple of int
        The strides of each.

    Returns
    -------
    tuple of int, list of tuple of int
        The same for the axes that are left.

    >>> merged((2, 3, 4), [(12, 4, 1), (0, 4, 1)])
    ((2, 12), [(12, 1), (0, 1)])
    """
    lengths: list[int] = []
    kept: list[list[Any]] = [[] for _ in accesses]
    for axis in range(len(shape)):
        if shape[axis] == 1:
            continue
        together = lengths and all(own[-1] == s[axis] * shape[axis] for own, s in zip(kept, accesses, strict=True))
        lengths = [*lengths[:-1], lengths[-1] * shape[axis]] if together else [*lengths, shape[axis]]
        for own, s in zip(kept, accesses, strict=True):
            own[-1 if together else len(own) :] = [s[axis]]
    return tuple(lengths), [tuple(own) for own in kept]
