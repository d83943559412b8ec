"""A function, recorded with examples of any number of rows: what `unroll(f, x, t)` knows of other batch sizes."""

import inspect
import threading
from contextlib import suppress
from functools import partial

import numpy as np

from ..errors import describe
from ..graph import Node
from ..source.expressions import shown
from ..source.lines import users_place
from ..tensor import Tensor
from ..watching.changes import undone
from ..watching.observers import Observer
from .batch import ODD_SIZES, repeated, resized
from .tracing import Trace

NUMBERS = (int, float, complex, np.generic)
SHAPES_ALONE = {  # of what is read so, the shape is, or the graph is told another way: see Unrecorded
    *("format()", ".detach()", "np.shape()", "np.ndim()", "np.size()"),
    *("np.zeros_like()", "np.ones_like()", "np.empty_like()"),
    *("np.result_type()", "np.can_cast()", "np.common_type()", "np.iscomplexobj()", "np.isrealobj()", "np.einsum_path()"),
    *("np.array_repr()", "np.array_str()", "np.array2string()", "np.shares_memory()", "np.may_share_memory()"),
    *("np.tril_indices_from()", "np.triu_indices_from()", "np.diag_indices_from()"),
}


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
        self.examples = [as_example(x) for x in examples]
        self.names = parameter_names(function, len(examples))
        own = [getattr(x, "name", None) for x in self.examples]
        self.names = [name if x is None or x in self.names else x for x, name in zip(own, self.names, strict=True)]
        self.failure = None

    def record(self, resized=None):
        """The output of a call, what to differentiate by, the data that it was given, and what is Unrecorded."""
        given = [self.given(x, name, resized) for x, name in zip(self.examples, self.names, strict=True)]
        with Unrecorded() as unrecorded:
            output = self.function(*given)
        unrecorded.refuse_read()
        if not isinstance(output, Node):
            raise TypeError(f"unroll(f, *examples): the function should return a loss, a Tensor; it returned {output!r}.")
        for x, name in zip(given, self.names, strict=True):
            if isinstance(x, Node) and x.name in self.names:
                x.name = x.name if x.requires_grad else name  # two that exchange their names would exchange their places
        return output, self.wanted_of(output), [x for x in given if isinstance(x, Node)], unrecorded

    def given(self, x, name, resized):
        """What the function gets for an example: data are a new Tensor, of another size, whose array nobody else has."""
        if not isinstance(x, Node) or x.requires_grad:
            return x
        array = resized(x.data) if resized else x.data
        return Tensor(repeated(array, len(array)) if array.ndim else array.copy(), name=name)

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
                output, wanted, given, unrecorded = self.record(changed)
            return Trace(output, wanted, unchanged, given, unrecorded)
        except Exception as error:  # noqa: BLE001 - the function is a user's
            self.failure = error
            return None


class Unrecorded(Observer):
    """Sees what a function does with values that the graph does not know: it refuses some of it, and keeps the rest.

    What is read as plain numbers is refused, since what the function makes of them would be frozen into the source.

    Attributes
    ----------
    made : dict of Tensor to (Op, tuple of Tensor)
        What was computed of data alone, or in `no_grad()`: how.
    sources : dict of int to Tensor
        By the ids of their arrays, those that were detached.
    """

    def __init__(self):
        self.thread, self.refusal = threading.get_ident(), None
        self.made, self.sources = {}, {}

    def compute(self, op, inputs, node):
        if node.op is None and threading.get_ident() == self.thread:
            self.made[node] = op, inputs

    def complete(self, output, grads, earlier, wanted):
        if threading.get_ident() == self.thread and not any(isinstance(dx, Node) for dx in grads.values()):
            self.refuse(
                "f runs a backward pass, whose gradients are plain arrays, and would be frozen into the source.\n"
                "With grad(..., create_graph=True) they are recorded."
            )

    def leave(self, node, way):
        if threading.get_ident() != self.thread:
            return
        if way == ".detach()":
            self.sources[id(node.data)] = node
        elif way not in SHAPES_ALONE:
            self.refuse(
                f"f reads the values of {describe(node)} by {way}, and what it makes of them,\n"
                "a number, a mask or a branch, would be frozen into the source. Its shape it may read: x.shape, len(x).\n"
                "In place of a branch, np.where; what is to be computed outside, give to f as an argument:\n"
                "unroll(f, *examples, number)."
            )

    def refuse(self, why):
        """Raise TypeError, now and after the call: the function may catch it."""
        self.refusal = TypeError(f"unroll(f, *examples): {why}\n{shown(users_place())}")
        raise self.refusal

    def refuse_read(self):
        """Raise what was raised before."""
        if self.refusal is not None:
            raise self.refusal


def scaled(factor):
    """What makes an array so many times as large."""
    return lambda array: array * array.dtype.type(factor)


def turned(array):
    """The rows of an array in the other order."""
    return array[::-1].copy(order="K") if array.ndim else array  # lying in memory as before


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
    return Tensor(x if isinstance(x, np.ndarray) else np.asarray(x)) if is_numbers else x


def parameter_names(function, how_many):
    """What a function calls its first arguments; None where it does not say."""
    names = []
    with suppress(ValueError, TypeError):  # what has no signature
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        names = [name for name, x in inspect.signature(function).parameters.items() if x.kind in kinds]
    return [*names, *[None] * how_many][:how_many]
