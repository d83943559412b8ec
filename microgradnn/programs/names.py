"""Names: arrays that write down what is done to them. Run a rule on them and it leaves a program behind.

A `Name` stands for an array in a program that is being written. It carries the array itself while the rules run, so that
shapes and types are known whatever NumPy function is called, and an `Expression`: a parameter of the program, a number, or
what made it from other expressions. When `dz * (1 - z * z)`, the rule of tanh, runs on Names, its Expression reads just so.
"""

import numpy as np

from .canonical import of_function, of_method, of_ufunc
from .primitives import STATEMENTS

ABOUT_SHAPES = {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj}
LOOKS_AT_VALUES = {
    *("item", "tolist", "tobytes", "tofile", "dump", "dumps", "data", "ctypes", "flat", "base"),
    *("fill", "sort", "partition", "put", "resize", "setfield", "setflags", "itemset", "byteswap", "view"),
}
PARTS = {"T": "transpose", "mT": "matrix_transpose", "real": "real", "imag": "imag"}  # attributes that are arrays


class Name(np.lib.mixins.NDArrayOperatorsMixin):
    """An array in a program that is being written: NumPy's operators, functions and methods are written down.

    Examples
    --------
    >>> from microgradnn.programs.recorder import Recorder
    >>> recorder = Recorder(resized=None)
    >>> h = recorder.parameter(np.array([0.5, 0.1]))
    >>> slope = 1 - h * h
    >>> slope.shape, slope.expression.op, slope.expression.args
    ((2,), 'subtract', (1, multiply))
    """

    __slots__ = ("array", "expression", "recorder")
    __hash__ = object.__hash__

    def __init__(self, recorder, expression, array):
        self.recorder, self.expression, self.array = recorder, expression, array

    # What is known of it without its values

    @property
    def shape(self):
        return self.array.shape

    @property
    def dtype(self):
        return self.array.dtype

    @property
    def ndim(self):
        return self.array.ndim

    @property
    def size(self):
        return self.array.size

    def __len__(self):
        return len(self.array)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    # What is written down

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        recorder = self.recorder
        if method == "at":
            target, index, *values = inputs
            return recorder.change(f"{ufunc.__name__}.at", target, values, {"index": as_tuple(index)})
        if out is not None:
            if not isinstance(out[0], Name):
                raise refused("An array that is no part of the program is written to (out=)")
            if "where" in kwargs:
                raise refused("An array is written to in part (out= with where=); np.where says what is in the other places")
            made = self.__array_ufunc__(ufunc, method, *inputs, **kwargs)
            out[0].expression, out[0].array = made.expression, made.array  # x += y
            return out[0]
        return recorder.record(*of_ufunc(ufunc, method, inputs, kwargs))

    def __array_function__(self, function, types, args, kwargs):
        if function in ABOUT_SHAPES:
            return function(*map(array_of, args), **kwargs)
        if function in (np.zeros_like, np.ones_like):
            return self.recorder.filled_like(function, args, kwargs)
        if function.__name__ in STATEMENTS:
            return self.recorder.change(function.__name__, args[0], args[1:], kwargs)
        return self.recorder.record(*of_function(function, args, kwargs))

    def __getattr__(self, name):
        array = self.array
        if name.startswith("_") or not hasattr(array, name):
            raise AttributeError(f"{type(array).__name__} has no attribute {name!r}")
        if name in LOOKS_AT_VALUES:
            raise refused(f"The values are asked for (.{name})")
        if name in PARTS:
            return self.recorder.record(*of_method(PARTS[name], self, (), {}))
        if not callable(getattr(array, name)):
            raise refused(f"{name} gives {type(getattr(array, name)).__name__} {getattr(array, name)!r}")

        def method(*args, **kwargs):
            return self.recorder.record(*of_method(name, self, args, kwargs))

        return method

    def __getitem__(self, index):
        index = without_ellipsis(as_tuple(index), self.ndim)
        if index and all(part is ... or is_whole(part) for part in index):
            return self
        return self.recorder.record("index", (self,), {"index": self.counted(index)})

    def __setitem__(self, index, value):
        self.recorder.change("set", self, (value,), {"index": as_tuple(index)})

    def counted(self, index):
        """An index with np.arange(n) in place of row numbers 0, 1, ..., n − 1 beside others: x[np.arange(n), k]."""
        if not (len(index) > 1 and all(map(is_row_of_integers, index))):
            return index
        rows = index[0]
        if len(self.recorder.resized(rows)) != len(self) or not np.array_equal(rows, np.arange(len(rows))):
            return index
        return self.recorder.record("arange", (len(self),), {}), *index[1:]

    # What would need its values

    def __bool__(self):
        raise refused("A branch is taken that depends on values (if, while, and, or)")

    def __array__(self, dtype=None, copy=None):
        raise refused("The values are taken out of the program (np.asarray or the like)")

    def __float__(self):
        raise refused("A value is made a Python number")

    __int__ = __index__ = __complex__ = __float__


class Refused(TypeError):
    """Raised in a rule that cannot be written down."""


def refused(what):
    """The exception for a rule that cannot be written down."""
    return Refused(
        f"{what}, so the rule cannot be written as NumPy source: what holds for these values would be frozen into it.\n"
        "In forward and in the vjps, use NumPy's functions, which take arrays as they are: np.where instead of if."
    )


def array_of(x):
    """The array behind a Name, or arrays behind what holds Names."""
    if isinstance(x, Name):
        return x.array
    if isinstance(x, (tuple, list)):
        return type(x)([array_of(part) for part in x])
    if isinstance(x, dict):
        return {name: array_of(part) for name, part in x.items()}
    if isinstance(x, slice):
        return slice(array_of(x.start), array_of(x.stop), array_of(x.step))
    return x


def names_in(x):
    """All Names in an argument."""
    if isinstance(x, Name):
        yield x
    elif isinstance(x, (tuple, list)):
        for part in x:
            yield from names_in(part)


def as_tuple(index):
    """An index as a tuple with a part for each axis that it speaks of: x[i] is x[i,]."""
    return index if isinstance(index, tuple) else (index,)


def is_row_of_integers(x):
    """Whether x is a 1-D array of whole numbers."""
    return isinstance(x, np.ndarray) and x.ndim == 1 and x.dtype.kind in "iu"


def is_whole(part):
    """Whether a part of an index takes all of an axis."""
    return isinstance(part, slice) and part.start is None and part.stop is None and part.step in (None, 1)


def without_ellipsis(index, ndim):
    """An index with : in the place of ... if this stands for one axis, and nothing if for none: [:, None]."""
    if not all(part is None or isinstance(part, (int, slice, type(...))) for part in index):
        return index
    missing = ndim - sum(part is not None and part is not ... for part in index)
    if ... not in index or missing > 1 or len(index) == 1:
        return index
    position = index.index(...)
    return (*index[:position], *[slice(None)] * missing, *index[position + 1 :])
