"""What a training step does, recorded as a program; or the reason why that cannot be said once and for all."""

from __future__ import annotations

from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from ..graph import Node, reachable
from ..programs.program import Program, program_of
from ..programs.recordings import OTHER_VALUES, Recordings, as_example, unchanged
from ..programs.tracing import Trace
from ..programs.unrolling import refuse_frozen_values, refuse_unfit
from ..watching.changes import undone
from ..watching.observers import Observer
from .outside import Outside


class RecordedStep(NamedTuple):
    """A program, and what its parameters are bound to."""

    program: Program
    wanted: list[Any]  # the Tensors whose gradients it computes
    slots: dict[Any, tuple[Any, ...]]  # Expression -> ("argument", position), ("tensor", Tensor) or ("constant", array)
    others: int  # how many results stand between the loss and the gradients
    modules: list[Any]  # that the function called
    outside: Outside  # what else it read


class Calls(Observer):
    """Notes which modules are called, also those that hand on what they are given, as Dropout in evaluation does."""

    def __init__(self):
        self.modules = {}

    def call(self, module, inputs, output):
        self.modules[module] = None


def recorded_step(function, called, parameters, args):
    """Record a function.

    Parameters
    ----------
    function : callable
        The user's.
    called : callable
        Calls it: gives, for arguments, the loss and a list of what else the function returns.
    parameters : list of Tensor
    args : sequence

    Raises
    ------
    TypeError, ValueError
        If what it does is not the same for all values; the message says why.
    """
    others = []

    @wraps(function)
    def loss(*given):
        output, others[:] = called(given)
        return output

    outside = Outside(function, *(x for x in args if not isinstance(as_example(x), Node)))
    graph = Recordings(loss, args, lambda output: [x for x in parameters if x in reachable(output)])
    with undone() as changes, Calls() as calls:
        output, wanted, *more = graph.record()
    first = list(others)
    refuse_changed(outside)
    if changes:
        raise TypeError("The function changes something in each call, as BatchNorm does its running averages.")
    refuse_unfit(output, wanted)
    trace = Trace(output, wanted, unchanged, *more)
    values = {**trace.values, **trace.others}
    if any(x not in values for x in first):
        raise TypeError("The function returns something beside the loss that the loss is not computed from.")
    refuse_frozen_values(trace, graph)
    slots = slots_of(trace, graph.trace_of(unchanged), graph.examples, outside.tensors)
    refuse_constants_of_data(trace, graph)
    program = program_of(trace)
    program.results[1:1] = [values[x] for x in first]
    return RecordedStep(program, wanted, slots, len(first), list(calls.modules), outside)


def refuse_changed(outside):
    """Put back and raise TypeError if a call of the function changed what it reads from outside, as a counter."""
    if not outside.is_same():
        outside.put_back()
        raise TypeError("The function changes what it reads from outside, such as a counter or a list, in each call.")


def refuse_constants_of_data(trace, graph):
    """Raise TypeError if an array that the function makes is another for other values of its arguments."""
    for changed in (of_floats for of_floats, _ in OTHER_VALUES[:2]):
        other = graph.trace_of(lambda array, changed=changed: changed(array) if array.dtype.kind == "f" else array)
        if other is None or len(other.parameters) != len(trace.parameters):
            continue  # where it takes such values at all, what else differs is seen elsewhere
        for (x, node), y in zip(trace.parameters.items(), other.parameters, strict=True):
            is_constant = node is None or not (node.requires_grad or any(node is given for given in trace.given))
            if is_constant and not is_same_array(trace.arrays[x], other.arrays[y]):
                raise TypeError("An array that the function makes depends on its arguments, and left the graph on the way.")


def is_same_array(x, y):
    """Whether two arrays have the same elements, NaN being one of them."""
    return np.array_equal(x, y, equal_nan=x.dtype.kind == "f" and y.dtype.kind == "f")


def slots_of(trace, again, examples, known):
    """What the parameters of a program are bound to: arguments, Tensors that are there in each call, and constants.

    `again` is the same function recorded once more: what differs then is no constant. `known` are Tensors that it reads from
    outside, by the ids of their arrays.
    """
    if again is None or len(again.parameters) != len(trace.parameters):
        raise TypeError("The function does something else when it is called again.")
    positions = [i for i, x in enumerate(examples) if isinstance(x, Node)]
    argument_of = {node: i for node, i in zip(trace.given, positions, strict=True) if not node.requires_grad}
    slots = {}
    for (x, node), (y, other) in zip(trace.parameters.items(), again.parameters.items(), strict=True):
        if node in argument_of:
            slots[x] = "argument", argument_of[node]
        elif node is not None and node is other:
            slots[x] = "tensor", node
        elif node is not None and node.requires_grad:
            raise TypeError("The function makes a Tensor that requires a gradient, another one in each call.")
        elif id(trace.arrays[x]) in known:
            slots[x] = "tensor", known[id(trace.arrays[x])]
        elif is_same_array(trace.arrays[x], again.arrays[y]):
            slots[x] = "constant", np.ascontiguousarray(trace.arrays[x])
        else:
            raise TypeError("An array that the function makes is another one in each call: it draws random numbers.")
    return slots
