"""Which numbers of a recorded graph may be made of the batch size.

A graph does not say where a number comes from: the 0.01 in `(e * e).sum() * 0.01` may be 1 / n for 100 samples, or a rate
that somebody typed; the 1 in `e.sum(axis=1)` may be n - 1. What follows from shapes while the rules run, as the n of a mean, is
no number of the graph at all. So only those are free of the batch size that stand in the code of this package, in its
operations, its layers and its losses. With any other, as an operand, as a parameter of an operation, or given to a function
that is composed of several, the graph is right for its own batch size only.
"""

from bisect import bisect_left
from itertools import chain
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from ..graph import PYTHON_NUMBERS, Number, reachable
from ..source.expressions import shown
from ..source.lines import place_of
from ..watching.calls import OwnCall, calls_of, numbers_in, own_calls

PACKAGE = __package__.partition(".")[0]
LINE_OF_CLASS = "__firstlineno__"  # a number in each class, from Python 3.13 on


class Suspect(NamedTuple):
    """A number in a graph of which is not known where it comes from."""

    value: Any
    node: Any  # whose operation was given it

    def __str__(self):
        value = self.value.item() if isinstance(self.value, np.generic) else self.value
        place = place_of(self.node)
        return f"{value!r} in {self.node.op.name}" + (f"\n{shown(place)}\n" if place else "")


def suspects(output):
    """The numbers of a graph that may be made of the batch size, as Suspects, oldest first."""
    nodes = [node for node in reversed(reachable(output)) if node.op is not None]
    calls = outermost_calls(nodes)
    ends, found = [call.last for call in calls], []
    for node in nodes:
        at = bisect_left(ends, node.birth)
        call = calls[at] if at < len(calls) and calls[at].contains(node) else None
        if call is None:
            found += [Suspect(value, node) for value in numbers_given(node)]
        elif node.birth == call.last:
            found += [Suspect(value, node) for value in numbers_of(call)]
    return found


def outermost_calls(nodes):
    """The calls of functions and layers of this package that these nodes came from, and that are within no other; in order."""
    calls = [own_calls.get(node) for node in nodes if node in own_calls]
    calls += [call for node in nodes for call in calls_of(node) if call.module.has_own_numbers]
    found = []
    for call in sorted(calls, key=lambda call: (call.first, -call.last)):
        if not found or call.last > found[-1].last:
            found.append(call)
    return found


def numbers_of(call):
    """The numbers that a call of this package's was given: as arguments, or when the layer was made."""
    if isinstance(call, OwnCall):
        return call.given
    return [number for layer in call.module.modules() for number in layer.numbers_given()]


def numbers_given(node):
    """The numbers that the operation that made a node was given: as operands, and as parameters."""
    operands = (x.data for x in node.inputs if is_number(x))
    return chain(operands, numbers_in(list(parameters_of(node.op))))


def parameters_of(op):
    """What an operation keeps; of a user's class also what its rules reach outside of them."""
    kinds = [kind for kind in type(op).__mro__ if not kind.__module__.startswith(f"{PACKAGE}.")]
    for kind in type(op).__mro__:
        yield from (getattr(op, name, None) for name in getattr(kind, "__slots__", ()))
    yield from getattr(op, "__dict__", {}).values()
    seen = set()
    for kind in kinds:
        if kind is not object:
            yield from reached([value for name, value in vars(kind).items() if name != LINE_OF_CLASS], seen)


def reached(things, seen):
    """What these are and, of functions, what they reach: by closures, defaults and names of their module."""
    for thing in things:
        yield thing
        function = getattr(thing, "fget", None) or getattr(thing, "__func__", None) or getattr(thing, "func", thing)
        if not isinstance(function, FunctionType) or function in seen or function.__module__.startswith(f"{PACKAGE}."):
            continue
        seen.add(function)
        cells = [cell.cell_contents for cell in function.__closure__ or () if not isinstance(cell.cell_contents, type)]
        defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        yield from reached([*cells, *defaults, *map(function.__globals__.get, function.__code__.co_names)], seen)


def is_number(node):
    """Whether an operand is a number, of Python's, or a NumPy scalar that is as good as one: np.sqrt(3)."""
    if isinstance(node, Number) or type(node.data) in PYTHON_NUMBERS:
        return True
    return node.op is None and isinstance(node.data, np.generic) and not node.requires_grad and node.name is None
