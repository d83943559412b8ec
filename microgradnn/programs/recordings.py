"""A function, recorded with examples of any number of rows: what `unroll(f, x, t)` knows of other batch sizes."""

import inspect
from contextlib import suppress

import numpy as np

from ..graph import Node
from ..tensor import Tensor
from ..watching.changes import undone
from .batch import ODD_SIZES, repeated
from .tracing import Trace

NUMBERS = (int, float, complex, np.generic)


class Recordings:
    """A function for other batch sizes: called again, with so many rows of its examples.

    Parameters
    ----------
    function : callable
        Returns a loss.
    examples : sequence
        What it is called with. Arrays, lists and numbers become Tensors, and parameters of the program; so are Tensors.
        Anything else is handed over as it is.
    wanted_of : callable
        By what its output is differentiated.

    Attributes
    ----------
    failure : Exception or None
        What the function raised last, on a batch of another size.
    """

    count, special = 4, (1, 2)

    def __init__(self, function, examples, wanted_of):
        self.function, self.wanted_of = function, wanted_of
        self.names = parameter_names(function, len(examples))
        self.examples = [as_example(x) for x in examples]
        self.failure = None

    def record(self, resized=None):
        """The output of a call of the function, what to differentiate by, and the data that it was given."""
        given = [self.given(x, name, resized) for x, name in zip(self.examples, self.names, strict=True)]
        output = self.function(*given)
        if not isinstance(output, Node):
            raise TypeError(f"unroll(f, *examples): the function should return a loss, a Tensor; it returned {output!r}.")
        return output, self.wanted_of(output), [x for x in given if isinstance(x, Node)]

    def given(self, x, name, resized):
        """What the function gets for an example: a Tensor of data is a new one, of another size."""
        if not isinstance(x, Node) or x.requires_grad:
            return x
        return Tensor(resized(x.data) if resized else x.data, name=x.name or name)

    def with_other_values(self, recorded):
        """Traces of a few rows of the examples: as they are, and with other values. None of a call that raises."""
        n = next(iter(self.batch_sizes(recorded)), 0)

        def few(array):
            return repeated(array, ODD_SIZES[0]) if n and array.ndim and len(array) == n else array

        def changed(how):
            return lambda array: how(few(array)) if array.dtype.kind == "f" else few(array)[::-1] if array.ndim else array

        ways = (scaled(1.25), scaled(-1), scaled(10), turned)
        return [self.trace_of(few), *(self.trace_of(changed(how)) for how in ways)]

    # What batch.py asks

    def batch_sizes(self, recorded):
        """The lengths that may be the batch size: of the first axes of data."""
        data = [x for x in self.examples if isinstance(x, Node) and not x.requires_grad]
        return dict.fromkeys(x.shape[0] for x in data if x.ndim and x.shape[0])

    def least_sizes(self, n):
        return (1, n + 1)

    def sizes(self, least):
        """Sizes of at least so many rows."""
        start = -(-least // ODD_SIZES[-1]) * ODD_SIZES[-1] if least > 1 else 0
        return [start + size for size in ODD_SIZES] if start else ODD_SIZES

    def takes_recorded(self, n, recorded, first):
        """What was recorded is not compared: its size may be a special one. Its values are, in the end."""
        return False

    def trace(self, n, size):
        """The Trace of a call with so many rows in place of n. None if the function does not take them."""

        def resized(array):
            return repeated(array, size) if array.ndim and len(array) == n else array

        return self.trace_of(resized)

    def trace_of(self, changed):
        """The Trace of a call with data that are changed so. None if the function raises."""
        try:
            with np.errstate(all="ignore"), undone():
                output, wanted, given = self.record(changed)
            return Trace(output, wanted, unchanged, given)
        except Exception as error:  # noqa: BLE001 - the function is a user's
            self.failure = error
            return None


def scaled(factor):
    """What makes an array so many times as large."""
    return lambda array: array * array.dtype.type(factor)


def turned(array):
    """The rows of an array in the other order."""
    return array[::-1] if array.ndim else array


def unchanged(array):
    """The array: of a function that is called again, they have the right size already."""
    return array


def as_example(x):
    """An example as a Tensor, if it is one of numbers."""
    is_numbers = isinstance(x, (list, np.ndarray, *NUMBERS)) and not isinstance(x, bool)
    return Tensor(np.asarray(x)) if is_numbers else x


def parameter_names(function, how_many):
    """What a function calls its first arguments; None where it does not say."""
    names = []
    with suppress(ValueError, TypeError):  # what has no signature
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        names = [name for name, x in inspect.signature(function).parameters.items() if x.kind in kinds]
    return [*names, *[None] * how_many][:how_many]
