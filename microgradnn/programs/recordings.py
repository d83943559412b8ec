"""A function, recorded with examples of any number of rows: what `unroll(f, x, t)` knows of other batch sizes."""

import inspect
import threading
from contextlib import suppress
from functools import partial

import numpy as np

from ..errors import describe
from ..graph import Node, whole_graph
from ..source.expressions import shown
from ..source.lines import users_place
from ..tensor import Tensor
from ..watching.changes import undone
from ..watching.observers import Observer
from .batch import ODD_SIZES, resized
from .tracing import Trace

NUMBERS = (int, float, complex, np.generic)
READING = (
    "bool()",
    "float()",
    "int()",
    ".item()",
    ".data",
    ".numpy()",
    ".tolist()",
    "np.array()",
)  # numbers may be made of these


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
        try:
            output, data = self.called(resized, alive=True)
        except Exception:  # noqa: BLE001 - the function is a user's, and may have no gradient where it needs none
            output, data = self.called(resized, alive=False)
        refuse_lost(output, data)
        return output, self.wanted_of(output), data

    def called(self, resized, alive):
        """The output of a call of the function, and the data that it was given; `alive`, what is made of data is recorded."""
        given = [self.given(x, name, resized) for x, name in zip(self.examples, self.names, strict=True)]
        data = [x for x in given if isinstance(x, Node)]
        plain = [x for x in data if not x.requires_grad]
        for x in plain:
            x.requires_grad = alive
        with Reader():
            output = self.function(*given)
        if not isinstance(output, Node):
            raise TypeError(f"unroll(f, *examples): the function should return a loss, a Tensor; it returned {output!r}.")
        for x in plain:
            x.requires_grad = False
        return output, data

    def given(self, x, name, resized):
        """What the function gets for an example: a Tensor of data is a new one, of another size."""
        if not isinstance(x, Node) or x.requires_grad:
            return x
        return Tensor(resized(x.data) if resized else x.data, name=x.name or name)

    def with_other_values(self, recorded):
        """Traces of a few rows of the examples: as they are, and with other values. None of a call that raises."""
        n = next(iter(self.batch_sizes(recorded)), 0)

        def few(array):
            return resized(array, n, ODD_SIZES[0]) if n else array

        def changed(of_floats, of_others):
            return lambda array: (of_floats if array.dtype.kind == "f" else of_others)(few(array))

        return [self.trace_of(few), *(self.trace_of(changed(*ways)) for ways in OTHER_VALUES)]

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
        return self.trace_of(partial(resized, n=n, size=size))

    def trace_of(self, changed):
        """The Trace of a call with data that are changed so. None if the function raises."""
        try:
            with np.errstate(all="ignore"), undone():
                output, wanted, given = self.record(changed)
            return Trace(output, wanted, unchanged, given)
        except Exception as error:  # noqa: BLE001 - the function is a user's
            self.failure = error
            return None


def refuse_lost(output, data):
    """Raise TypeError if an example is not in the graph, but an array is that was perhaps made of it.

    It has left the graph, as t > 1 does. So that array would be an argument, and the example would be taken for it.
    """
    leaves = {x for x in whole_graph(output) if isinstance(x, Node) and x.op is None}
    made = [x for x in leaves.difference(data) if not x.requires_grad and x.name is None and x.shape]
    for x in data:
        if made and x not in leaves and not x.requires_grad:
            raise TypeError(
                f"unroll(f, *examples): f does not compute with {describe(x)} itself, but with what is made of it, such as\n"
                f"an array of shape {made[0].shape}, which is not recorded. Compute it before, and give it to f in its place."
            )


class Reader(Observer):
    """Refuses that a function reads values: what it makes of them would be frozen into the source."""

    def __init__(self):
        self.thread = threading.get_ident()

    def leave(self, node, way):
        if way in READING and threading.get_ident() == self.thread:
            raise TypeError(
                f"unroll(f, *examples): f reads the values of {describe(node)} by {way}, and what it makes of them,\n"
                "a number or a branch, would be frozen into the source. Its shape it may read: x.shape, len(x). In place of a\n"
                "branch, np.where; what is to be computed outside, give to f as an argument: unroll(f, *examples, number).\n"
                f"{shown(users_place())}"
            )


def scaled(factor):
    """What makes an array so many times as large."""
    return lambda array: array * array.dtype.type(factor)


def turned(array):
    """The rows of an array in the other order."""
    return array[::-1] if array.ndim else array


def curved(array):
    """Numbers in other proportions."""
    return array + array * array


def alternating(array):
    """0, 1, 0, 1, ..."""
    return (np.arange(array.size).reshape(array.shape) % 2).astype(array.dtype)


def thinned(array):
    """Every second number as 0."""
    return array * alternating(array)


OTHER_VALUES = [  # of floating-point numbers; and of whole ones, which may be indices, and booleans
    (scaled(1.25), turned),
    (scaled(-1), np.zeros_like),
    (scaled(10), np.ones_like),
    (turned, turned),
    (curved, alternating),
    (thinned, turned),
]


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
