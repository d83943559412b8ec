"""The program for any batch size, if there is one.

The rules see values only through shapes. So the program is right for other values, and for another batch size if what was
recorded, run on a batch of another size, leaves the same program behind. That is how it is found out: where the programs of
a few sizes differ, it must be by the batch size n, as a length of so many n or as a number with a formula in n; nothing else
may differ. The other sizes are small ones, so that this costs next to nothing.

For a function (recordings.py) all of it is run again. For a graph, the rules alone are, and numbers in it stay what they are:
so there must be none that may be made of the batch size (evidence.py).
"""

from functools import partial
from itertools import count, islice
from typing import Any, NamedTuple

import numpy as np

from .expression import Expression, Length, order_of
from .size_formulas import size_formula
from .tracing import Trace

SMALLEST = 2  # of the other sizes, for a graph
# For a function, whose numbers may be made of them: not a power of two, nor beside one, nor what somebody types.
ODD_SIZES = (6, 11, 13, 14, 19, 21, 22, 23)


class AnyBatch(NamedTuple):
    """A program for any batch size."""

    trace: Trace  # in whose Expressions numbers may be a Length
    shapes: dict[Expression, Any]  # Expression -> shape, whose lengths may be a Length
    batch: int  # the size that was recorded
    special: list[tuple[int, Trace | None]]  # small sizes, of which the program may not be right, with their own traces


def any_batch_of(recorded, graph):
    """The program of a Trace for any batch size, if there is one.

    Parameters
    ----------
    recorded : Trace
    graph : Resized or Recordings
        Whose `trace(n, size)` is the Trace for a batch of another size, None if there is none.

    Returns
    -------
    AnyBatch or None
    """
    for n in graph.batch_sizes(recorded):
        for least in graph.least_sizes(n):  # where a small batch lacks a row that is asked for, larger ones
            found = merged_sizes(graph, recorded, n, uncommon_sizes(recorded, graph.sizes(least), graph.count))
            if found:
                trace, shapes = found
                return AnyBatch(trace, shapes, n, [(size, graph.trace(n, size)) for size in graph.special])
    return None


def merged_sizes(graph, recorded, n, sizes):
    """The Trace of a small batch, with a Length where others differ, and the shapes in it; None if they differ otherwise."""
    traces = []
    for size in sizes:
        traces.append(graph.trace(n, size))
        if not traces[-1] or parameters_of(traces[-1]) != parameters_of(recorded):
            return None
    if graph.takes_recorded(n, recorded, traces[0]):
        traces, sizes = [*traces, recorded], [*sizes, n]
    found = merged_traces(traces, sizes)
    if not found:
        return None
    changes, shapes = found
    for made, how in changes.items():
        if made.op == "number" and how[0] != "number":
            made.fill = None  # a number is its own fill, and this is one no more
        made.become(*how)
    return traces[0], shapes


def lengths_of(trace):
    """The lengths of all axes in a trace."""
    return {length for made in trace.expressions if made.kind for length in made.shape}


def uncommon_sizes(trace, sizes, how_many):
    """The first few of these sizes that are the length of nothing else."""
    lengths = lengths_of(trace)
    return list(islice((size for size in sizes if size not in lengths), how_many))


class Resized:
    """A graph for other batch sizes: its rules, run on data of so many rows.

    Parameters
    ----------
    output : Tensor
    wanted : list of Tensor
    """

    count, special = 3, (1,)

    def __init__(self, output, wanted):
        self.output, self.wanted = output, wanted

    def batch_sizes(self, recorded):
        """The lengths that may be the batch size: of the first axes of data, which is what requires no gradient."""
        data = [made for made, node in recorded.parameters.items() if not (node is not None and node.requires_grad)]
        return dict.fromkeys(made.shape[0] for made in data if made.ndim and made.shape[0])

    def least_sizes(self, n):
        return (SMALLEST,)

    def sizes(self, least):
        return count(least)

    def takes_recorded(self, n, recorded, first):
        """Whether what was recorded is evidence too: not a single sample, nor what has its length by chance."""
        return n > 1 and n not in lengths_of(first)

    def trace(self, n, size):
        """The Trace with so many rows in place of n. None if the rules do not run on that."""
        return resized_trace(self.output, self.wanted, n, size)


def resized_trace(output, wanted, n, size):
    """The Trace for another batch size: of arrays of data of length n so many rows. None if the rules do not run on that."""
    try:
        return Trace(output, wanted, partial(resized, n=n, size=size))
    except (ValueError, TypeError, IndexError, ArithmeticError):  # what NumPy raises for operands that do not fit
        return None


def resized(array, n, size):
    """An array of data with so many rows in place of n; any other as it is."""
    return repeated(array, size) if array.ndim and len(array) == n else array


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
    """One trace out of several: what changes in each Expression of the first, so that it is right for any batch size.

    Returns
    -------
    (dict, dict) or None
        How it is made (op, args, options) and shapes, by Expression. None if the traces differ otherwise.
    """
    first, *others = map(structure, traces)
    if any(other != first for other in others):
        return None
    changes, shapes = {}, {}
    try:
        for together in zip(*[trace.expressions for trace in traces], strict=True):
            made = together[0]
            changes[made] = merged_number(sizes, together) if made.op == "number" else merged_expression(sizes, together)
            if made.kind:
                shapes[made] = merged(sizes, [x.shape for x in together])
    except Different:
        return None
    return changes, shapes


def parameters_of(trace):
    """What must be the same of the parameters: those that are differentiated by; of others the names."""
    return [
        id(node) if getattr(node, "requires_grad", False) else getattr(node, "name", None) for node in trace.parameters.values()
    ]


def structure(trace):
    """What is the same in two traces that consist of the same operations, up to the arguments of these."""
    return (
        [(x.op, list(x.options), x.silenced, [y.position for y in x.operands]) for x in trace.expressions],
        [(x.dtype, x.kind.order) for x in trace.expressions if x.op == "full"],
        [x.dtype for x in trace.expressions if x.op == "number"],
        [x.position for x in trace.gradients.values()],
        trace.backward_from,
    )


def merged_expression(sizes, versions):
    """The operands and parameters of an Expression for any batch size."""
    first, args = versions[0], []
    for together in zip(*[x.args for x in versions], strict=True):
        try:
            args.append(merged(sizes, together))
        except Different:
            if not all(type(x) in (int, float) for x in together) or first.dtype.kind not in "fc":
                raise
            args.append(formula_of(sizes, together, first.dtype, first.position - 0.5))
    options = [merged(sizes, together) for together in zip(*[x.options.values() for x in versions], strict=True)]
    return first.op, tuple(args), dict(zip(first.options, options, strict=True))


def merged_number(sizes, versions):
    """A NumPy number for any batch size: as it is, or made of n."""
    first, values = versions[0], [x.options["value"] for x in versions]
    if all(repr(x) == repr(values[0]) for x in values):
        return first.op, first.args, first.options
    if first.dtype.kind != "f":
        raise Different
    formula = formula_of(sizes, values, first.dtype, first.position)
    return formula.op, formula.args, formula.options


def formula_of(sizes, values, dtype, position):
    """The Expression of a number that is another for each batch size."""
    found = size_formula(sizes, values, dtype, position)
    if found is None:
        raise Different
    return found


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
    if type(first) is int and not all(x == first for x in versions):
        times, remainder = divmod(versions[1] - first, sizes[1] - sizes[0])
        plus = first - times * sizes[0]
        if remainder or any(times * size + plus != x for size, x in zip(sizes, versions, strict=True)):
            raise Different
        return Length(times, plus)
    if any(repr(x) != repr(first) for x in versions):
        raise Different
    return first
