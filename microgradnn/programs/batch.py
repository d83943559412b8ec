"""Whether a program is right for another batch size.

The rules see the recorded values only through shapes. So the program is right for other values, and for another batch
size if the rules, run on a batch of another size, leave the same program behind. That is how it is found out: numbers in
which the programs differ must follow from the batch size n, as n itself or as a multiple of it; nothing else may differ.
The other sizes are small ones, so that this costs next to nothing.
"""

from itertools import count, islice
from typing import Any, NamedTuple

import numpy as np

from .expression import Expression, Length, order_of
from .tracing import Trace


class AnyBatch(NamedTuple):
    """A program for any batch size."""

    trace: Trace  # in whose Expressions numbers may be a Length
    shapes: dict[Expression, Any]  # Expression -> shape, whose lengths may be a Length
    batch: int  # the size that was recorded
    single: Trace | None  # for a batch of one


def any_batch_of(output, wanted, recorded):
    """The program of a Trace for any batch size, if there is one.

    Returns
    -------
    AnyBatch or None
    """
    for n in batch_sizes(recorded):
        for least in (2, n + 1):  # where a small batch lacks a row that is asked for, larger ones
            found = merged_sizes(output, wanted, recorded, n, least)
            if found and may_be_made_of(n, recorded.numbers):
                return None
            if found:
                trace, shapes = found
                return AnyBatch(trace, shapes, n, resized_trace(output, wanted, n, 1))
    return None


def merged_sizes(output, wanted, recorded, n, least):
    """The Trace of a small batch, with a Length where others differ, and the shapes in it; None if they differ otherwise."""
    sizes = uncommon_sizes(recorded, least)
    traces = []
    for size in sizes:
        traces.append(resized_trace(output, wanted, n, size))
        if not traces[-1] or len(traces[-1].parameters) != len(recorded.parameters):
            return None
    if n not in lengths_of(traces[0]):  # else what has this length by chance would be taken for a batch
        traces, sizes = [*traces, recorded], [*sizes, n]
    found = merged_traces(traces, sizes)
    if not found:
        return None
    arguments, shapes = found
    for made, (args, options) in arguments.items():
        made.args, made.options = args, options
    return traces[0], shapes


def batch_sizes(trace):
    """The lengths that may be the batch size: of the first axes of data, which is what requires no gradient."""
    data = [made for made, node in trace.parameters.items() if not (node is not None and node.requires_grad)]
    return dict.fromkeys(made.shape[0] for made in data if made.ndim and made.shape[0])


def may_be_made_of(n, numbers):
    """Whether one of these may come from a batch size, as of a mean that is written as a sum times 1 / n.

    Of 1 and 2 that cannot be said: they stand in many formulas.
    """
    return n > 2 and any(x in (n, 2 * n, 1 / n, 2 / n, 1 / (2 * n)) for x in numbers)


def lengths_of(trace):
    """The lengths of all axes in a trace."""
    return {length for made in trace.expressions if made.kind for length in made.shape}


def uncommon_sizes(trace, least):
    """Three other batch sizes, the smallest ones that are the length of nothing else."""
    lengths = lengths_of(trace)
    return list(islice((size for size in count(least) if size not in lengths), 3))


def resized_trace(output, wanted, n, size):
    """The Trace for another batch size: of arrays of data of length n so many rows. None if the rules do not run on that."""

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
        Arguments (operands and parameters) and shapes, by Expression of the first trace. None if the traces differ otherwise.
    """
    if any(structure(trace) != structure(traces[0]) for trace in traces):
        return None
    arguments, shapes = {}, {}
    try:
        for together in zip(*[trace.expressions for trace in traces], strict=True):
            first = together[0]
            options = [x.options.values() for x in together]
            merged_options = [merged(sizes, versions) for versions in zip(*options, strict=True)]
            arguments[first] = merged(sizes, [x.args for x in together]), dict(zip(first.options, merged_options, strict=True))
            if first.kind:
                shapes[first] = merged(sizes, [x.shape for x in together])
    except Different:
        return None
    return arguments, shapes


def structure(trace):
    """What is the same in two traces that consist of the same operations, up to the arguments of these."""
    return (
        [(x.op, list(x.options), x.silenced, [y.position for y in x.operands]) for x in trace.expressions],
        [(x.dtype, x.kind.order) for x in trace.expressions if x.op == "full"],
        [repr(x.options["value"]) for x in trace.expressions if x.op == "number"],
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
