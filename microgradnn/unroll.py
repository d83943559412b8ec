"""Unroll a recorded graph into the NumPy code that one would write by hand: forward, then backward, line by line.

There is no template for any operation. The rules that `backward()` runs on arrays are run on names, which write down what
is done to them; the package `unrolling` makes source of this, and here it is compiled, checked, and called.
"""

from __future__ import annotations

import linecache
import weakref
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from .backprop import between, upstream
from .errors import describe
from .graph import Node, reachable, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    from .annotations import Array, ArrayLike, FilePath
    from .tensor import Tensor

shape_of = attrgetter("shape")
serials = count(1)
PLAIN = {np.ndarray, np.float64, np.float32}


def unroll(output: Tensor, wrt: Tensor | Sequence[Tensor] | None = None, buffers: bool = False) -> Unrolled:
    """Write a recorded graph as a plain NumPy function: forward, then backward.

    Parameters
    ----------
    output : Tensor
        The loss: one number.
    wrt : Tensor or sequence of Tensor, optional
        Whose gradients the function returns: leaves, or nodes in between. All leaves that require one if not given.
    buffers : bool, optional
        Whether the function writes into arrays that are allocated once. This is for training loops: what it returns is
        overwritten by its next call.

    Returns
    -------
    Unrolled
        The function: call it with values for its `parameters`. Print its `source`, `save` it, step into it.

    Raises
    ------
    TypeError
        If a rule needs to know values: a branch of Python that depends on them cannot be written as a formula. Also if what
        is given is no Tensor.
    ValueError
        If the output is not one number, if there is nothing in `wrt` or something twice, or what the output does not depend on.
    RuntimeError
        If the function does not compute what the rules do: a rule draws random numbers, or changes an array unseen.

    Notes
    -----
    What the program computed outside of the graph, such as a mask, an index or 1 - t of targets t, is not known to have been
    computed: as an array it is a parameter c1, c2, ..., so that nothing of the data is frozen into the source. Where they
    hold for a call as they were, give it `**by_hand.recorded`.

    A number, as in `2 * x`, stands in the source. One that may have been made of the batch size, as the 1 / 100 of 100
    samples, leaves this size only; `mean()` and the losses follow the batch. Hooks are no part of a graph.

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
        dw = x * do  # ∂L/∂w = x do
        return L, dw
    <BLANKLINE>
    >>> by_hand([1.0, 2.0], [3.0, 4.0])
    (np.float64(121.0), array([22., 44.]))
    """
    from .unrolling.names import Refused
    from .unrolling.program import program_of, recomputed

    refuse_no_tensor("the output", output)
    single = isinstance(wrt, Node)
    wanted = [wrt] if single else leaves_of(output) if wrt is None else list(wrt)
    refuse_unfit(output, wanted)
    try:
        program, expected = program_of(output, wanted), recomputed(output, wanted)
    except Refused as error:
        raise error.explained() from None
    made, recorded = written(program, output, wanted, single, buffers)
    if program.batch is not None and not agrees(made, recorded, expected, wanted):
        # The size that was recorded is a special one, as 1 is for squeeze: only this one is left.
        program = program_of(output, wanted, any_batch=False)
        made, recorded = written(program, output, wanted, single, buffers)
    refuse_difference(made(*recorded), expected, wanted)
    made.least = 1 if takes_single(made, program, output, wanted) else 2
    return made


def written(program, output, wanted, single, buffers):
    """The function of a program, and the arguments that were recorded for it."""
    from .unrolling.buffers import Buffered
    from .unrolling.layout import module_text
    from .unrolling.writer import Writer

    writer = Writer(program, output, wanted, single)
    source = module_text(writer, Buffered(writer, indent=8) if buffers else None)
    parameters = {name: writer.shape_of(made) for name, made in writer.parameters.items()}
    recorded = {name: program.recorded[made] for name, made in writer.parameters.items()}
    dtypes = {name: array.dtype for name, array in recorded.items()}
    nameless = {name: np.array(recorded[name])[()] for name in recorded if writer.is_nameless(name)}
    return Unrolled(source, parameters, dtypes, nameless, program.batch, buffers), list(recorded.values())


def refuse_no_tensor(what, x):
    """Raise TypeError unless x is a Tensor."""
    if not isinstance(x, Node):
        raise TypeError(f"unroll(output, wrt) takes Tensors: a recorded loss, and those to differentiate by; {what} is {x!r}.")


def leaves_of(output):
    """The leaves that a gradient of `output` goes to, oldest first."""
    return [node for node in reversed(reachable(output)) if node.op is None]


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
            raise ValueError(
                f"The output, {describe(output)}, does not depend on {describe(x)}, or not through anything recorded."
            )
    for node in reachable(output):
        for x in (node, *node.inputs):
            if not isinstance(x.data, (np.ndarray, np.generic, bool, int, float, complex)):
                raise TypeError(
                    f"{describe(x)} holds a {type(x.data).__name__}; what is unrolled is NumPy source for NumPy arrays."
                )


def takes_single(made, program, output, wanted):
    """Whether a function is right for a batch of one: there, what was broadcast along the batch no longer is."""
    from .unrolling.program import named_first

    if program.single is None:
        return False
    arguments = [made.value for made in named_first(program.single.parameters)]
    expected = program.single.values[output].value, [program.single.gradients[x].value for x in wanted]
    return agrees(made.function(1), arguments, expected, wanted)


def agrees(function, arguments, expected, wanted):
    """Whether a function gives what is expected."""
    try:
        refuse_difference(function(*arguments), expected, wanted)
    except (ValueError, TypeError, IndexError, AttributeError, RuntimeError):
        return False
    return True


def refuse_difference(received, expected, wanted):
    """Raise if a function does not give what the rules do on the recorded values."""
    ours, theirs = received[1] if isinstance(received[1], tuple) else (received[1],), expected[1]
    values = [expected[0], *theirs]  # of one scale: beside the others, a gradient may be nothing but rounding
    scale = max(np.max(np.abs(b), initial=0, where=np.isfinite(b)) for b in values)
    for what, a, b in zip(["output", *map(describe, wanted)], [received[0], *ours], values, strict=True):
        precision = 1e4 * np.finfo(np.asarray(b).dtype).eps
        if np.shape(a) != np.shape(b) or not np.allclose(a, b, rtol=precision, atol=precision * scale, equal_nan=True):
            raise RuntimeError(
                f"The function that was written gives another {what} than the rules do, run once more on the same values.\n"
                "A rule of the graph draws random numbers, or changes an array behind a view, so it cannot be unrolled.\n"
                "Draw the numbers outside, and hand them in as a Tensor: they become a parameter."
            )


class Unrolled:
    """A graph as a function of its leaves. `unroll` makes it; calling it checks the shapes and calls `function`.

    Attributes
    ----------
    source : str
        The text of a Python module that needs NumPy only.
    parameters : dict of str to tuple
        What the function takes, with the shapes. n is the batch size, which may vary.
    dtypes : dict of str to dtype
        What a list is made for each of these; arrays are taken as they are.
    recorded : dict of str to array
        Arrays of the graph that have no name, as they were; `by_hand(x, W, **by_hand.recorded)` takes them again.
    least : int
        The smallest batch that the function is right for, 1 or 2.
    """

    source: str
    parameters: dict[str, tuple[Any, ...]]
    dtypes: dict[str, np.dtype[Any]]
    recorded: dict[str, Array]
    least: int
    _latest: tuple[Any, Any]

    def __init__(self, source, parameters, dtypes, recorded, batch, buffers, least=1):
        self.source, self.parameters, self.dtypes, self.recorded = source, parameters, dtypes, recorded
        self._batch, self._buffers, self.least = batch, buffers, least
        self._compile(f"<unrolled {next(serials)}>")

    def __call__(self, /, *args: ArrayLike, **kwargs: ArrayLike) -> tuple[Any, Any]:
        """Compute the output and its gradients.

        Parameters
        ----------
        *args, **kwargs : array, Tensor, number or list
            Values for the `parameters`, in their order or by their names.

        Returns
        -------
        tuple
            The output; and the gradient, or a tuple of them if `wrt` was a sequence.

        Raises
        ------
        TypeError
            If a parameter is missing, or there is none of that name, or a type does not fit.
        ValueError
            If a shape does not fit.
        """
        if kwargs or len(args) != len(self.parameters):
            args = self._bound(args, kwargs)
        if not PLAIN.issuperset(map(type, args)):
            args = self._as_arrays(args)
        shapes = tuple(map(shape_of, args))
        latest, function = self._latest
        if shapes != latest:
            function = self._function_for(args, shapes)
            self._latest = shapes, function
        return function(*args)

    def __reduce__(self):
        """Pickles and copies hold the source, and compile it anew."""
        made = self.source, self.parameters, self.dtypes, self.recorded, self._batch, self._buffers, self.least
        return Unrolled, made

    def __repr__(self) -> str:
        return f"Unrolled({', '.join(self.parameters)})"

    def function(self, n: int | None = None) -> Callable[..., tuple[Any, Any]]:
        """The bare function, which checks nothing; with buffers, a new one that has buffers of its own: one for each thread.

        Parameters
        ----------
        n : int, optional
            The batch size that buffers are allocated for; as recorded if not given.
        """
        if not self._buffers:
            return self._namespace["loss_and_gradients"]
        return self._namespace["with_buffers"](*([n or self._batch] if self._batch else []))

    def save(self, path: FilePath) -> Path:
        """Write the source to a file, and run it from there from now on: breakpoints set in the file stop calls of this.

        Parameters
        ----------
        path : str or path
            Where to write, such as "by_hand.py".

        Returns
        -------
        pathlib.Path
        """
        from pathlib import Path  # not above: importing it would take longer than importing all else here

        path = Path(path)
        path.write_text(self.source, encoding="utf-8")
        self._compile(str(path.resolve()))
        return path

    def _compile(self, filename):
        """Compile the source under a name by which debuggers find its lines."""
        self._namespace = {"__name__": "by_hand"}
        exec(compile(self.source, filename, "exec"), self._namespace)  # noqa: S102 (the source is ours)
        self._latest = None, None  # the shapes that were checked last, and the function for them
        if filename.startswith("<"):
            linecache.cache[filename] = len(self.source), None, self.source.splitlines(keepends=True), filename
            weakref.finalize(self, linecache.cache.pop, filename, None).atexit = False

    def _bound(self, args, kwargs):
        """One argument for each parameter, in order."""
        takes = f"The function takes {', '.join(self.parameters)}"
        if len(args) > len(self.parameters):
            raise TypeError(f"{takes}; it was given {len(args)} arguments.")
        given = dict(zip(self.parameters, args, strict=False))
        for name in kwargs:
            if name not in self.parameters or name in given:
                raise TypeError(f"{takes}; {name!r} {'was given twice' if name in given else 'is none of them'}.")
        given |= kwargs
        if missing := [name for name in self.parameters if name not in given]:
            message = f"{takes}; {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
            if nameless := [name for name in missing if name in self.recorded]:
                message += (
                    f"\nWithout a name in the graph: {', '.join(nameless)}, which may be a mask, an index or targets. "
                    "If they are for this call as they were recorded, add **by_hand.recorded (by_hand being this function)."
                )
            raise TypeError(message)
        return [given[name] for name in self.parameters]

    def _as_arrays(self, args):
        """Tensors as their values; lists and numbers as arrays of the recorded dtypes."""
        values = [values_of(x) for x in args]
        takes = zip(values, self.dtypes.items(), strict=True)
        return [x if hasattr(x, "shape") else converted(x, name, dtype) for x, (name, dtype) in takes]

    def _function_for(self, args, shapes):
        """The function for arguments of these shapes, if they fit."""
        expected = self.parameters.values()
        n = next((shape[0] for shape, takes in zip(shapes, expected, strict=False) if shape and is_batch(takes)), None)
        for (name, takes), shape in zip(self.parameters.items(), shapes, strict=True):
            if shape != tuple(length if isinstance(length, int) else length.at(n) for length in takes):
                raise ValueError(self._misfit(name, takes, shape, n))
        if n is not None and n < self.least:
            samples = "one sample" if n == 1 else "no samples"
            raise ValueError(f"The batch has {samples}, but the function takes 2 or more: for one, the graph would be another.")
        for x, (name, dtype) in zip(args, self.dtypes.items() if self._buffers else (), strict=False):
            if x.dtype != dtype:
                raise TypeError(
                    f"{name!r} is of {x.dtype}, but the buffers were made for {dtype}: give {name}.astype({str(dtype)!r})."
                )
        return self.function(n)

    def _misfit(self, name, takes, shape, n):
        from .unrolling.source import shape_text

        has_batch = "n" in shape_text(takes)
        wanted = shape_text(takes) + (f" with n = {n}" if has_batch and shape[:1] != (n,) else "")
        message = f"{name!r} has shape {shape}, but the function takes {wanted}."
        if shape == takes[::-1]:
            return f"{message}\nIts transpose has that shape."
        if has_batch:
            return f"{message}\nThe batch size n may vary; it is the same in all parameters."
        if self._batch:
            return message
        return (
            f"{message}\nAll shapes are those recorded: the graph leaves no other batch size, or has a number in it that may "
            "be made of that size. Unroll a graph of the new size."
        )


def converted(x, name, dtype):
    """A list or number as an array of this dtype, which must be able to hold it."""
    array = np.asarray(x)
    fitting = array.astype(dtype)
    if dtype.kind not in "fc" and not np.array_equal(fitting, array):
        raise TypeError(f"{name!r} takes numbers of {dtype}; {x!r} are others.")
    return fitting[()]


def is_batch(shape):
    """Whether a parameter's first axis is the batch."""
    return bool(shape) and not isinstance(shape[0], int)
