"""The function that `unroll` returns: compiled from its source, which it shows and saves, and called with checks."""

from __future__ import annotations

import linecache
import weakref
from importlib import import_module
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from ..errors import refuse_mask
from ..graph import values_of
from ..saving.savers import SAVERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from ..annotations import Array, ArrayLike, FilePath

shape_of, kind_of = attrgetter("shape"), attrgetter("shape", "dtype")
serials = count(1)
PLAIN = {np.ndarray, np.float64, np.float32}


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
        The smallest batch that the function is right for, 1, 2 or 3.
    batch : int or None
        The batch size that was recorded, if others are taken too.
    reason : str
        Why no batch size but that recorded is taken, if so.
    """

    source: str
    parameters: dict[str, tuple[Any, ...]]
    dtypes: dict[str, np.dtype[Any]]
    recorded: dict[str, Array]
    least: int
    reason: str
    _latest: tuple[Any, Any]

    def __init__(self, source, parameters, dtypes, recorded, batch, buffers, least=1, reason="", single=False, in_c=None):
        self.source, self.parameters, self.dtypes, self.recorded = source, parameters, dtypes, recorded
        self.batch, self._buffers, self.least, self.reason = batch, buffers, least, reason
        self._single, self._in_c = single, in_c
        self.check = None  # of a function: whether it does the same for a batch size that is new, by n
        self._checked = {batch}
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
        kinds = tuple(map(kind_of if self._buffers else shape_of, args))
        latest, function = self._latest
        if kinds != latest:
            function = self._function_for(args, tuple(map(shape_of, args)))
            self._latest = kinds, function
        return function(*args)

    def __reduce__(self):
        """Pickles and copies hold the source, and compile it anew; the function that was unrolled they do not have."""
        state = self.source, self.parameters, self.dtypes, self.recorded
        return Unrolled, (*state, self.batch, self._buffers, self.least, self.reason, self._single, self._in_c)

    def __repr__(self) -> str:
        return f"Unrolled({', '.join(self.parameters)})"

    def function(self, n: int | None = None) -> Callable[..., tuple[Any, Any]]:
        """The bare function, which checks nothing; with buffers, a new one that has buffers of its own: one for each thread.

        Parameters
        ----------
        n : int, optional
            The batch size that buffers are allocated for; as recorded if not given.
        """
        if self._in_c and (compiled := self._in_c.at(n if n != self.batch else None)):
            return compiled
        if not self._buffers:
            return self._namespace["loss_and_gradients"]
        return self._namespace["with_buffers"](*([n or self.batch] if self.batch else []))

    def save(self, path: FilePath) -> Path:
        """Write the source to a file, and run it from there from now on: breakpoints set in the file stop calls of this.

        If it is compiled, the suffix ".c" asks for the C source; gdb stops there.

        Parameters
        ----------
        path : str or path
            Where to write, such as "by_hand.py".

        Returns
        -------
        pathlib.Path
        """
        from pathlib import Path  # not above: importing it would take longer than importing all else here

        from ..saving.whole_files import write

        path = Path(path)
        if path.suffix == ".c" and self._in_c:
            self._latest = None, None
            return self._in_c.save(path)
        write(path, self.source)
        self._compile(str(path.resolve()))
        return path

    @property
    def c_source(self) -> str:
        """str: the C source that is called, for the batch size that was recorded; empty if nothing is compiled."""
        return self._in_c.source if self._in_c else ""

    def compile(self, program_at: Callable[[int | None], Any]) -> bool:
        """Call C from now on, for the Program that `program_at` gives for a batch size; whether that is done."""
        self._in_c = compiler()(program_at, self._single, self._buffers)
        self._latest = None, None
        return self._in_c is not None

    def _compile(self, filename):
        """Compile the source under a name by which debuggers find its lines."""
        self._namespace = {"__name__": "by_hand"}
        exec(compile(self.source, filename, "exec"), self._namespace)  # noqa: S102 (the source is ours)
        self._latest = None, None  # the shapes, with buffers also the types, that were checked last, and the function for them
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
        for x in values:
            refuse_mask(x)
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
            samples = {0: "no samples", 1: "one sample"}.get(n, f"{n} samples")
            raise ValueError(
                f"The batch has {samples}, but the function takes {self.least} or more: for fewer, it would be another."
            )
        for x, (name, dtype) in zip(args, self.dtypes.items() if self._buffers else (), strict=False):
            if x.dtype != dtype:
                raise TypeError(
                    f"{name!r} is of {x.dtype}, but the buffers were made for {dtype}: give {name}.astype({str(dtype)!r})."
                )
        function = self.function(n)
        if self.check is not None and n not in self._checked:
            self.check(function, n)
            self._checked.add(n)
        return function

    def _misfit(self, name, takes, shape, n):
        from .expression import shape_text

        has_batch = "n" in shape_text(takes)
        wanted = shape_text(takes) + (f" with n = {n}" if has_batch and shape[:1] != (n,) else "")
        message = f"{name!r} has shape {shape}, but the function takes {wanted}."
        if shape == takes[::-1]:
            return f"{message}\nIts transpose has that shape."
        if has_batch:
            return f"{message}\nThe batch size n may vary; it is the same in all parameters."
        if self.batch:
            return message
        return f"{message}\nAll shapes are those recorded. {self.reason}"


def compiler():
    """What compiles programs: it stands above this room, and is handed down."""
    module, _, function = SAVERS["Unrolled", "compile"].rpartition(".")
    return getattr(import_module(f"..{module}", __package__), function)


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
