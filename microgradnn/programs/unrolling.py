"""`unroll(L, [W])`: a recorded graph as the NumPy code that one would write by hand, forward, then backward, line by line.

There is no template for any operation. The rules that `backward()` runs on arrays are run on names, which write down what
is done to them; of this source is made, which is compiled, checked, and called.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, overload

import numpy as np

from ..backprop import between, upstream
from ..errors import describe, independent
from ..graph import Node, reachable, refuse_no_values
from ..watching.calls import numbers_in
from ..watching.changes import undone
from .batch import Resized
from .evidence import suspects
from .recordings import Recordings, unchanged
from .tracing import Trace
from .unrolled import Unrolled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..tensor import Tensor


NO_OTHER = "The program of another batch size differs by more than that size, so it leaves no other batch size."
MAY_BE_SIZE = (
    "A number in the graph may be made of the batch size: {}, as the 0.01 of a mean of 100 is. So this size is the only one.\n"
    "For any size, unroll the function that computes the loss, with examples: unroll(f, x, t)."
)


@overload
def unroll(
    output: Tensor, wrt: Tensor | Sequence[Tensor] | None = None, buffers: bool = False, compile: bool = False
) -> Unrolled: ...
@overload
def unroll(
    output: Callable[..., Any],
    *examples: Any,
    wrt: Tensor | Sequence[Tensor] | None = None,
    buffers: bool = False,
    compile: bool = False,
) -> Unrolled: ...
def unroll(output, *examples, wrt=None, buffers=False, compile=False):
    """Write a recorded graph, or a function that computes a loss, as plain NumPy: forward, then backward.

    Parameters
    ----------
    output : Tensor or callable
        The loss, one number; or the function that returns it. Of a function, what is written is for batches of any size.
    *examples : array, Tensor or number
        For a function: what to call it with, such as a batch. They become parameters, called as the function calls them.
    wrt : Tensor or sequence of Tensor, optional
        Whose gradients the function returns: leaves, or nodes in between. All leaves that require one if not given. For a
        Tensor it may be the second argument.
    buffers : bool, optional
        Whether the function writes into arrays that are allocated once. This is for training loops: what it returns is
        overwritten by its next call. For a Tensor it may be the third argument.
    compile : bool, optional
        Whether what is called is C, compiled, which works on many elements at once and makes no arrays in between: the same
        numbers but for rounding, since sums are added up in another order. Without a C compiler it is NumPy, and a warning
        says so.

    Returns
    -------
    Unrolled
        The function: call it with values for its `parameters`. Print its `source`, `save` it, step into it.

    Raises
    ------
    TypeError
        If a rule needs to know values: a branch of Python that depends on them cannot be written as a formula; if a function
        reads values. Also if what is given is no Tensor. With `compile`, if an operation has no C; it is named.
    ValueError
        If the output is not one number, if there is nothing in `wrt` or something twice, or what the output does not depend on.
    RuntimeError
        If the function does not compute what the rules do: a rule draws random numbers, or changes an array unseen.

    Notes
    -----
    What the program computed outside of the graph, such as a mask, an index or 1 - t of targets t, is not known to have been
    computed: as an array it is a parameter c1, c2, ..., so that nothing of the data is frozen into the source. Where they
    hold for a call as they were, give it `**by_hand.recorded`.

    A graph does not say where its numbers come from: the 0.01 in `(e * e).sum() * 0.01` may be 1 / n, and the 1 in
    `e.sum(axis=1)` n - 1. So of a graph that was given numbers, as operands, as an axis, an order, an index or a shape, or as
    what makes a layer, as in `LeakyReLU(0.1)`, the function is for its own batch size alone. In `mean()`, in layers as they
    are by default and in losses there are none, and it is for any size. What a graph cannot say is which way a program took:
    a branch of Python's, `if len(x) > 50`, or a loop of n turns leaves no number. Unroll the function where there is one.

    A function is called a few times more, with few of the examples' rows. A number that is another for each size is written
    as a formula in n, such as 0.1 / n or 1 / (n - 1), if all sizes agree on one; where they do not, or the programs differ
    otherwise, the recorded size is the only one. It is called again the first time that a batch has another size, since there
    may be one that is special, as with min(n, 1000); what `function()` returns, and a copy, do not check. Called with other
    values, it must do the same with the same numbers, and it must not read values, by `.data`, `x > 0`, `float(x)` or `if x:`.
    What it computes in `no_grad()`, or detaches, is in the program, and gets no gradient. Examples are the first parameters,
    used or not. What its calls change in place, as BatchNorm's averages, is put back.
    Hooks are no part of a graph.

    Gradients are equal to those of `backward()` to the last bit for float64. For other types they may differ in the last
    bits: numbers such as 2 / n are computed in double precision before they meet an array. With buffers, an outer product
    may hold 0 where `backward()` has −0, and arguments should lie in memory as those recorded: sums add up in that order.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x, w = Tensor([1.0, 2.0], name="x"), Tensor([0.5, 0.25], requires_grad=True, name="w")
    >>> by_hand = unroll(((x @ w).named("o") ** 2).named("L"), w)
    >>> print(by_hand.source.partition("# forward")[2])
    <BLANKLINE>
        o = x @ w
        L = o**2
    <BLANKLINE>
        # backward
        do = 2 * o  # ∂L/∂o = 2 o
        dw = x * do  # ∂L/∂w = xᵀ · do
        return L, dw
    <BLANKLINE>
    >>> by_hand([1.0, 2.0], [3.0, 4.0])
    (np.float64(121.0), array([22., 44.]))
    """
    if not isinstance(output, Node) and callable(output):
        graph = Recordings(output, examples, partial(wanted_of, wrt=wrt))
        with undone():
            output, wanted, *others = graph.record()
        refuse_unfit(output, wanted)
        trace = Trace(output, wanted, unchanged, *others)
        refuse_frozen_values(trace, graph)
        return compiled_if(compile, checked_function(trace, graph, isinstance(wrt, Node), buffers), trace, graph)
    wrt, buffers = arguments_after(output, *examples, wrt=wrt, buffers=buffers)
    wanted = wanted_of(output, wrt)
    refuse_unfit(output, wanted)
    found = suspects(output)
    graph = None if found else Resized(output, wanted)
    trace = Trace(output, wanted, unchanged)
    by_hand = checked_function(trace, graph, isinstance(wrt, Node), buffers)
    if found:
        by_hand.reason = MAY_BE_SIZE.format(found[0])
    return compiled_if(compile, by_hand, trace, graph)


def arguments_after(output, wrt_by_position=None, buffers_by_position=False, *others, wrt, buffers):
    """wrt and buffers of unroll(L, wrt, buffers), by position or by name."""
    refuse_no_tensor("the output", output)
    if others or (wrt is not None and wrt_by_position is not None):
        raise TypeError(
            "unroll(L, wrt, buffers) takes a recorded loss, and these two; examples are for a function: unroll(f, x)."
        )
    return (wrt if wrt_by_position is None else wrt_by_position), buffers or buffers_by_position


def refuse_frozen_values(trace, graph):
    """Raise TypeError if a number or the operations are others for other values of the examples: they would be frozen."""
    few, *others = graph.with_other_values(trace)
    for other in others if few else ():
        if other is None:
            continue  # it does not take such values
        if [x.op for x in other.expressions] != [x.op for x in few.expressions]:
            what = "the operations depend"
        else:
            pairs = zip(map(plain_numbers, few.expressions), map(plain_numbers, other.expressions), strict=True)
            differing = [one for one, another in pairs if repr(one) != repr(another)]
            if not differing:
                continue
            what = f"the number {differing[0][0]!r} depends" if len(differing[0]) == 1 else f"{differing[0]!r} depend"
        raise TypeError(
            f"unroll(f, *examples): {what} on the values of the examples, outside of the graph, and would be frozen into the\n"
            "source. Give a number to f as an argument: unroll(f, *examples, number); in place of a branch, np.where."
        )


def plain_numbers(made):
    """The numbers that an Expression was given: as operands, in an index, as parameters."""
    return [x for x in numbers_in([*made.args, *made.options.values()]) if not isinstance(x, bool)]


def checked_function(recorded, graph, single, buffers):
    """The function of a Trace, for any batch size if there is one, checked against the rules."""
    from .program import program_of, recomputed

    output, wanted = recorded.output, recorded.wanted
    program = program_of(recorded, graph)
    by_hand, arguments = function_of(program, single, buffers)
    expected = recomputed(output, wanted)
    if program.batch is not None:
        agreed = [n for n, other in program.special if other and agrees(by_hand.function(n), *other, wanted)]
        by_hand.least = 1 + max((n for n, _ in program.special if n not in agreed), default=0)
        if program.batch >= by_hand.least and agrees(by_hand, arguments, expected, wanted):
            if isinstance(graph, Recordings):
                by_hand.check = partial(refuse_another, graph, program)
            return by_hand
        # The size that was recorded is a special one, as 1 is for squeeze: only this one is left.
        by_hand, arguments = function_of(
            program_of(Trace(output, wanted, unchanged, recorded.given, recorded.unrecorded)), single, buffers
        )
    refuse_difference(by_hand(*arguments), expected, wanted)
    failure = getattr(graph, "failure", None)
    by_hand.reason = (
        f"{NO_OTHER}\nOf another size, the function raises {type(failure).__name__}: {failure}" if failure else NO_OTHER
    )
    return by_hand


def compiled_if(wanted, by_hand, recorded, graph):
    """The function, which runs as C from now on if that is wanted and can be; checked against the rules once more."""
    from .program import in_order, program_of, recomputed

    def program_at(n):
        trace = recorded if n in (None, by_hand.batch) else graph.trace(by_hand.batch, n)
        return trace and program_of(trace)

    if wanted and by_hand.compile(program_at):
        arguments = [recorded.arrays[x] for x in in_order(recorded)]
        refuse_difference(by_hand(*arguments), recomputed(recorded.output, recorded.wanted), recorded.wanted)
    return by_hand


def function_of(program, single, buffers):
    """A program as a function, and the arguments that were recorded for it."""
    from .numpy_buffers import Buffered
    from .numpy_module import module_text
    from .numpy_writer import NumPyWriter

    writer = NumPyWriter(program, single)
    source = module_text(writer, Buffered(writer, indent=8) if buffers else None)
    parameters = writer.variables.parameters
    shapes = {name: program.shapes[parameter] for name, parameter in parameters.items()}
    recorded = {name: program.arrays[parameter] for name, parameter in parameters.items()}
    dtypes = {name: array.dtype for name, array in recorded.items()}
    nameless = {name: np.array(recorded[name])[()] for name in recorded if writer.variables.is_nameless(name)}
    return Unrolled(source, shapes, dtypes, nameless, program.batch, buffers, single=single), list(recorded.values())


def refuse_no_tensor(what, x):
    """Raise TypeError unless x is a Tensor."""
    if not isinstance(x, Node):
        raise TypeError(f"unroll(output, wrt) takes Tensors: a recorded loss, and those to differentiate by; {what} is {x!r}.")


def wanted_of(output, wrt):
    """What to differentiate by: the leaves that a gradient goes to, oldest first, if nothing is asked for."""
    if wrt is None:
        return [node for node in reversed(reachable(output)) if node.op is None]
    return [wrt] if isinstance(wrt, Node) else list(wrt)


def refuse_unfit(output, wanted):
    """Raise if there is no loss, no dependence or no NumPy array."""
    if output.size != 1:
        raise ValueError(
            f"unroll takes a loss, which is one number; the output is {describe(output)}: reduce it, with .sum() or .mean()."
        )
    upstream(output, None)
    if not wanted:
        raise ValueError("unroll(output, wrt) needs something to differentiate by; wrt is empty.")
    for x in wanted:
        refuse_no_tensor("one of wrt", x)
    if len(set(wanted)) < len(wanted):
        raise ValueError("unroll was given a Tensor twice, in wrt: its gradient is one array.")
    nodes = between(output, wanted)
    for x in wanted:
        if x not in nodes:
            raise independent(output, x)
    for node in reachable(output):
        refuse_no_values(node.op, node.inputs)
        for x in (node, *node.inputs):
            if not isinstance(x.data, (np.ndarray, np.generic, bool, int, float, complex)):
                raise TypeError(
                    f"{describe(x)} holds a {type(x.data).__name__}; what is unrolled is NumPy source for NumPy arrays."
                )


def agrees(function, arguments, expected, wanted):
    """Whether a function gives what is expected."""
    try:
        with np.errstate(all="ignore"):
            refuse_difference(function(*arguments), expected, wanted)
    except (ValueError, TypeError, IndexError, AttributeError, RuntimeError, ArithmeticError, NameError):  # n may be unknown
        return False
    return True


def refuse_another(graph, program, function, n):
    """Raise ValueError if what was unrolled does something else for a batch of n samples: `if len(x) > 50`, or min(n, 50).

    So it is called with n rows of its examples, the first time that a batch has this size.
    """
    from .program import in_order

    other = graph.trace(program.batch, n)
    same = other and agrees(function, [other.arrays[x] for x in in_order(other)], other.results, program.wanted)
    if not same:
        raised = f"\nIt raised {type(graph.failure).__name__}: {graph.failure}" if other is None else ""
        raise ValueError(
            f"For a batch of {n} samples, the function that was unrolled does not do what it did with the\n"
            f"{program.batch} of its examples: a branch or a number in it is another there.{raised}\n"
            f"Unroll it with examples of {n} samples, for a function for those."
        )


def refuse_difference(received, expected, wanted):
    """Raise if a function does not give what the rules do on the recorded values."""
    ours, theirs = received[1] if isinstance(received[1], tuple) else (received[1],), expected[1]
    values = [expected[0], *theirs]  # of one scale: beside the others, a gradient may be nothing but rounding
    scale = max(np.max(np.abs(b), initial=0, where=np.isfinite(b)) for b in values)
    for what, a, b in zip(["output", *map(describe, wanted)], [received[0], *ours], values, strict=True):
        precision = 1e4 * np.finfo(np.asarray(b).dtype).eps
        if np.array_equal(a, b):
            continue
        if np.shape(a) != np.shape(b) or not np.allclose(a, b, rtol=precision, atol=precision * scale, equal_nan=True):
            raise RuntimeError(
                f"The function that was written gives another {what} than the rules do, run once more on the same values.\n"
                "A rule of the graph draws random numbers, or changes an array behind a view, so it cannot be unrolled.\n"
                "Draw the numbers outside, and hand them in as a Tensor: they become a parameter."
            )
