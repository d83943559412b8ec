"""Which call of a module, or of a function of this package, a node came from: pictures frame it, and `unroll` asks."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import Node, births
from .notes import Notes

if TYPE_CHECKING:
    from ..annotations import Function


class Call(NamedTuple):
    """One call of a module, or of a function: its nodes are those born from `first` to `last`, which is its output."""

    module: Any
    first: int
    last: int

    def contains(self, node):
        """Whether a node was made within the call."""
        return self.first < node.birth <= self.last

    def own_parameters(self):
        """set of Tensor: those leaves that the module keeps itself, and not in a module within it."""
        return {part for _, part in self.module.named_parts() if isinstance(part, Node)}


class OwnCall(NamedTuple):
    """One call of a function of this package: its nodes are those born from `first` to `last`, which is its output."""

    first: int
    last: int
    given: tuple[Any, ...]  # the numbers that it was given

    def contains(self, node):
        """Whether a node was made within the call."""
        return self.first < node.birth <= self.last


class Own(int):
    """A whole number that stands in this package's own code, such as the axis −1 that softmax has if it is given none."""


calls = Notes()  # of each output the modules that returned it, inner ones first, each as a Call will have it
own_calls = Notes()  # of each output the call of a function of this package, of which is known what numbers it was given


def calls_of(node):
    """The calls of modules that returned this node, inner ones first."""
    return [Call(*call) for call in calls.get(node, ())]


def with_own_numbers(function: Function) -> Function:
    """Decorate a function of this package that computes with numbers of its own, as a loss does with the 2 of d²/2.

    They stand in its code, so they are not made of the batch size, which `unroll` has to know. Of those that it is given this
    cannot be said, so they are noted. A list is no number: it holds data, such as targets.
    """
    return _noted(function, _numbers_alone)


def with_numbers_given(function: Function) -> Function:
    """Decorate an operation that is composed of others, so that a number, alone or in a list, may leave no trace in them.

    As the order 2 of `norm`, which is the usual one, or the power of `matrix_power`, which says how many products there are.
    """
    return _noted(function, numbers_in)


def _noted(function, numbers_given):
    """The function; its output is noted, with the numbers that it was given."""

    @wraps(function)
    def noted(*args, **kwargs):
        first = next(births)
        output = function(*args, **kwargs)
        if isinstance(output, Node) and output.op is not None and output.birth > first:
            own_calls[output] = OwnCall(first, output.birth, tuple(numbers_given([*args, *kwargs.values()])))
        return output

    return noted


def _numbers_alone(arguments):
    """The numbers among the arguments of a call."""
    return [x for x in arguments if is_plain_number(x)]


def numbers_in(x):
    """All numbers in an argument. Arrays are none: they become parameters of the program. Nor is what is our own."""
    if is_plain_number(x):
        yield x
    elif isinstance(x, (tuple, list)):
        for part in x:
            yield from numbers_in(part)
    elif isinstance(x, dict):
        yield from numbers_in(list(x.values()))
    elif isinstance(x, slice):
        yield from numbers_in((x.start, x.stop, x.step))


def is_plain_number(x):
    """Whether this is a number of Python's or NumPy's that may be made of others."""
    alone = isinstance(x, np.ndarray) and x.ndim == 0  # np.array(1), which does for an axis, too
    return alone or (isinstance(x, (int, float, complex, np.number)) and not isinstance(x, (bool, Own)))
