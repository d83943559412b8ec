"""From a recorded graph to a program: its operations, forward and backward, run on names.

The rules see the recorded values only through shapes. So the program is right for other values, and for another batch
size if the rules, run on a batch of another size, leave the same program behind. That is how it is found out: numbers in
which the programs differ must follow from the batch size n, as n itself or as a multiple of it; nothing else may differ.
"""

from itertools import count
from typing import Any, NamedTuple

import numpy as np

from ..backprop import backpropagate, between
from ..graph import PYTHON_NUMBERS, reachable, recompute
from .code import Length
from .expression import Expression, order_of
from .recorder import Name, Recorder


class Program(NamedTuple):
    """The Expressions of a graph."""

    values: dict[Any, Any]  # node -> Expression, forward
    gradients: dict[Any, Any]  # node -> Expression
    parameters: dict[Any, Any]  # Expression of a parameter -> its node, or None for an array within an operation
    recorded: dict[Any, Any]  # Expression of a parameter -> the array that was recorded
    shapes: dict[Any, Any]  # Expression -> shape, whose lengths may be a Length
    backward_from: int  # the position where the backward pass begins
    batch: int  # the batch size recorded, if others are possible; else None
    single: object  # the Trace for a batch of one, or None


class Trace:
    """One run of the rules on names. `resized` gives arrays another batch size."""

    def __init__(self, output, wanted, resized):
        self.recorder = Recorder(resized)
        self.resized = resized
        self.names, self.parameters = {}, {}
        for node in reversed(reachable(output)):  # oldest first: inputs before what is made from them
            if node.op is not None:
                self.read(node)
        self.backward_from = len(self.recorder.expressions)
        gradients = backpropagate(output, self.seed(output), between(output, wanted), self.read)
        self.gradients = {node: self.recorder.expression(dz) for node, dz in gradients.items()}
        self.numbers = [node.data for node in self.names if type(node.data) in PYTHON_NUMBERS or is_nameless_number(node)]
        self.values = {node: name.expression for node, name in self.names.items() if isinstance(name, Name)}
        for made in self.recorder.parameters:
            self.parameters.setdefault(made, None)

    def read(self, node):
        """What a rule sees of a node: a Name; Python's numbers as they are."""
        if node not in self.names:
            if type(node.data) in PYTHON_NUMBERS:
                self.names[node] = node.data
            elif is_nameless_number(node):
                self.names[node] = Name(self.recorder, self.recorder.number(node.data))
            elif node.op is None:
                self.names[node] = Name(self.recorder, self.leaf(node))
            else:
                z = node.op.forward(*map(self.read, node.inputs))
                self.names[node] = Name(self.recorder, self.recorder.expression(z))
        return self.names[node]

    def leaf(self, node):
        """A parameter for a leaf. Leaves that share one array have two, unless this is all that is known of them."""
        if node.requires_grad:
            made = self.recorder.parameter(node.data)
        elif node.name is None:
            made = self.recorder.nameless(node.data)
        else:
            made = self.recorder.parameter(self.resized(node.data))
        self.parameters.setdefault(made, node)
        return made

    def seed(self, output):
        """∂L/∂L: 1."""
        z = self.read(output)
        return Name(self.recorder, self.recorder.number(z.dtype.type(1))) if z.shape == () else np.ones_like(z)


def program_of(output, wanted, any_batch=True):
    """The program that computes `output` and its gradients, for any batch size if that is asked and can be.

    Returns
    -------
    Program
    """
    as_recorded = Trace(output, wanted, lambda array: array)
    for n in batch_sizes(as_recorded) if any_batch else ():
        sizes = uncommon_sizes(as_recorded, n)
        traces = [resized_trace(output, wanted, n, size) for size in sizes]
        if not all(trace and len(trace.parameters) == len(as_recorded.parameters) for trace in traces):
            continue
        compared = list(zip(traces, sizes, strict=True))
        if n not in lengths_of(traces[0]):  # else what has this length by chance would be taken for a batch
            compared.append((as_recorded, n))
        found = merged_traces(*zip(*compared, strict=True))
        if found and may_be_made_of(n, as_recorded.numbers):
            break
        if found:
            arguments, shapes = found
            for made, (args, kwargs) in arguments.items():
                made.args, made.kwargs = args, kwargs
            return program(traces[0], as_recorded, shapes, n, resized_trace(output, wanted, n, 1))
    expressions = as_recorded.recorder.expressions
    shapes = {made: np.shape(made.value) for made in expressions if not isinstance(made.value, (tuple, list))}
    return program(as_recorded, as_recorded, shapes, None, None)


def program(trace, as_recorded, shapes, batch, single):
    """The Program of a trace, whose parameters are those of another one."""
    arrays = [made.value for made in as_recorded.recorder.parameters]
    recorded = dict(zip(trace.recorder.parameters, arrays, strict=True))
    return Program(trace.values, trace.gradients, trace.parameters, recorded, shapes, trace.backward_from, batch, single)


def is_nameless_number(node):
    """Whether a leaf is a NumPy scalar that is as good as a number of Python's: np.sqrt(3)."""
    return node.op is None and isinstance(node.data, np.generic) and not node.requires_grad and node.name is None


def named_first(parameters):
    """The parameters of a program as its function takes them: those of tensors with a name first."""
    return dict(sorted(parameters.items(), key=lambda item: getattr(item[1], "name", None) is None))


def batch_sizes(trace):
    """The lengths that may be the batch size: of the first axes of data, which is what requires no gradient."""
    data = [made.value for made, node in trace.parameters.items() if not (node is not None and node.requires_grad)]
    return dict.fromkeys(len(array) for array in data if array.ndim and len(array))


def may_be_made_of(n, numbers):
    """Whether one of these may come from a batch size, as of a mean that is written as a sum times 1 / n.

    Of 1 and 2 that cannot be said: they stand in many formulas.
    """
    return n > 2 and any(x in (n, 2 * n, 1 / n, 2 / n, 1 / (2 * n)) for x in numbers)


def lengths_of(trace):
    """The lengths of all axes in a trace."""
    return {length for made in trace.recorder.expressions if hasattr(made.value, "shape") for length in made.value.shape}


def uncommon_sizes(trace, n):
    """Three other batch sizes, none of which is the length of something else."""
    lengths, found = lengths_of(trace), []
    for least in (n + 1, 2 * n + 3, 3 * n + 4):
        found.append(next(size for size in count(least) if size not in lengths and size not in found))
    return found


def resized_trace(output, wanted, n, size):
    """The Trace for another batch size: arrays of data of length n are repeated until they are long enough. Or None."""

    def resized(array):
        return repeated(array, size) if array.ndim and len(array) == n else array

    try:
        return Trace(output, wanted, resized)
    except (ValueError, TypeError, IndexError, ArithmeticError):  # what NumPy raises for operands that do not fit
        return None


def repeated(array, size):
    """So many rows of an array, the first ones again after the last, in memory in the order in which these are."""
    rows = np.take(array, np.arange(size) % len(array), axis=0)
    if order_of(array) is not None:
        return np.asarray(rows, order=order_of(array))
    with_gaps = np.empty((*rows.shape, 2), rows.dtype)[..., 0]
    with_gaps[...] = rows
    return with_gaps


class Different(Exception):
    """Raised where programs differ by more than the batch size."""


def merged_traces(traces, sizes):
    """One trace out of several: the arguments of each Expression, with a Length where they depend on the batch size.

    Returns
    -------
    (dict, dict) or None
        Arguments and shapes, by Expression of the first trace. None if the traces differ otherwise.
    """
    if any(structure(trace) != structure(traces[0]) for trace in traces):
        return None
    together = list(zip(*[trace.recorder.expressions for trace in traces], strict=True))
    try:
        arguments = {
            made[0]: (merged(sizes, [x.args for x in made]), merged(sizes, [x.kwargs for x in made])) for made in together
        }
        shapes = {
            made[0]: merged(sizes, [np.shape(x.value) for x in made])
            for made in together
            if not isinstance(made[0].value, (tuple, list))
        }
    except Different:
        return None
    return arguments, shapes


def structure(trace):
    """What is the same in two traces that consist of the same operations, up to the arguments of these."""
    return (
        [(x.head, x.name, x.silenced, [y.position for y in x.operands]) for x in trace.recorder.expressions],
        [repr(x.value) for x in trace.recorder.expressions if x.head == "number"],
        [x.position for x in trace.gradients.values()],
        trace.backward_from,
    )


def merged(sizes, versions):
    """What an argument is for any batch size, from what it was for a few."""
    first = versions[0]
    if any(type(x) is not type(first) for x in versions):
        raise Different
    if isinstance(first, Expression):
        return first  # structure() compares their positions
    if isinstance(first, (tuple, list)):
        if any(len(x) != len(first) for x in versions):
            raise Different
        return type(first)(merged(sizes, parts) for parts in zip(*versions, strict=True))
    if isinstance(first, slice):
        return slice(*[merged(sizes, [getattr(x, part) for x in versions]) for part in ("start", "stop", "step")])
    if isinstance(first, int) and not all(x == first for x in versions):
        times, remainder = divmod(versions[1] - first, sizes[1] - sizes[0])
        plus = first - times * sizes[0]
        if remainder or any(times * size + plus != x for size, x in zip(sizes, versions, strict=True)):
            raise Different
        return Length(times, plus)
    if any(repr(x) != repr(first) for x in versions):
        raise Different
    return first


def recomputed(output, wanted):
    """Output and gradients by the same rules on arrays: what a program must give. Leaves may have changed since."""
    values = recompute(output, {node: node.data for node in reachable(output) if node.op is None})

    def read(node):
        return values.get(node, node.data)

    seed = np.ones_like(read(output))[()]
    gradients = backpropagate(output, seed, between(output, wanted), read)
    return read(output), [gradients[x] for x in wanted]
