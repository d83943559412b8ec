"""Which numbers of a recorded graph may be made of the batch size.

A graph does not say where a number comes from: the 0.01 in `(e * e).sum() * 0.01` may be 1 / n for 100 samples, or a rate
that somebody typed. What follows from shapes while the rules run, as the n of a mean, is no number of the graph at all. So
only those are free of the batch size that stand in the code of this package, in its layers and its losses, and those that
count axes. With any other, the graph is right for its own batch size only.
"""

from typing import Any, NamedTuple

import numpy as np

from ..graph import PYTHON_NUMBERS, Number, reachable
from ..source.expressions import shown
from ..source.lines import place_of
from ..watching.calls import calls_of, own_calls

COUNT_AXES = {"axis", "axes", "subscripts"}  # parameters of this package's operations
PACKAGE = __package__.partition(".")[0]


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
    nodes = reachable(output)
    ours = [call for node in nodes if (call := own_calls.get(node))]
    ours += [call for node in nodes for call in calls_of(node) if call.module.has_own_numbers]
    made = [node for node in reversed(nodes) if node.op is not None and not any(call.contains(node) for call in ours)]
    return [Suspect(value, node) for node in made for value in numbers_given(node)]


def numbers_given(node):
    """The numbers that the operation that made a node was given: as operands, and as parameters."""
    yield from (x.data for x in node.inputs if is_number(x))
    op = node.op
    ours = type(op).__module__.startswith(f"{PACKAGE}.")
    for name, value in parameters_of(op, ours):
        if ours and (name in COUNT_AXES or (name == "shape" and value == (-1,))):
            continue
        yield from numbers_in(value)


def parameters_of(op, ours):
    """(name, value) of what an operation keeps; of a user's class also what its rules reach outside of them."""
    yield from getattr(op, "__dict__", {}).items()
    if ours:
        return
    for kind in type(op).__mro__:
        if kind.__module__.startswith(f"{PACKAGE}."):
            return
        for name, value in vars(kind).items():
            yield name, value
            cells = getattr(value, "__closure__", None) or ()
            yield from ((name, cell.cell_contents) for cell in cells if not isinstance(cell.cell_contents, type))


def numbers_in(x):
    """All numbers in a parameter. Arrays are none: they become parameters of the program."""
    if isinstance(x, (int, float, complex, np.number)) and not isinstance(x, bool):
        yield x
    elif isinstance(x, (tuple, list)):
        for part in x:
            yield from numbers_in(part)
    elif isinstance(x, dict):
        yield from numbers_in(list(x.values()))
    elif isinstance(x, slice):
        yield from numbers_in((x.start, x.stop, x.step))


def is_number(node):
    """Whether an operand is a number, of Python's, or a NumPy scalar that is as good as one: np.sqrt(3)."""
    if isinstance(node, Number) or type(node.data) in PYTHON_NUMBERS:
        return True
    return node.op is None and isinstance(node.data, np.generic) and not node.requires_grad and node.name is None
