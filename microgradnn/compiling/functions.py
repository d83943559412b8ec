"""What `unroll(..., compile=True)` calls in place of its NumPy source: a function of the same arguments, in C.

C is written for lengths that are known, so there is a function for each batch size that comes.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from threading import Lock

import numpy as np

from ..saving.whole_files import write
from .blas import find_blas
from .c_source import CSource
from .compiler import STEPPING, CompilerError, compiled_beside, find_compiler
from .native import LARGE, Native, address_of, aligned, bound_test

MOST_SIZES = 8  # of batches, for which C is compiled; others run as NumPy


class CompiledFunctions:
    """The functions in C of one program, by batch size.

    Parameters
    ----------
    program_at : callable or None
        The Program for a batch of n, None for that which was recorded; None if no other size is compiled any more.
    single, buffers : bool
        Whether one gradient is returned and not a tuple; whether the arrays that are returned are used again.

    Attributes
    ----------
    modules : dict of int to CModule
    """

    def __init__(self, program_at, single, buffers, modules=()):
        self.program_at, self.single, self.buffers, self.modules = program_at, single, buffers, dict(modules)
        self.libraries = {}

    def __reduce__(self):
        return CompiledFunctions, (None, self.single, self.buffers, self.modules)

    def at(self, n):
        """A new function for batches of n; None if no further size is compiled, or there is no compiler any more."""
        try:
            return self.made(n)
        except CompilerError as error:
            warnings.warn(str(error), RuntimeWarning, stacklevel=4)
            self.program_at = None
            return None

    def made(self, n):
        """The same; raises CompilerError."""
        if n not in self.modules:
            program = self.program_at(n) if self.program_at and len(self.modules) < MOST_SIZES else None
            if program is None:
                return None
            self.modules[n] = CSource(program, blas=find_blas()).module
        native = Native(self.modules[n], self.libraries.get(n))
        self.libraries[n] = native.library
        return CompiledFunction(native, self.single, self.buffers)

    @property
    def source(self):
        """str: the C source for the batch size that was compiled first."""
        return next(iter(self.modules.values())).source

    def save(self, path):
        """Write the C source to a file, and run what is compiled from there, for a debugger to stop in."""
        path = Path(path)
        write(path, self.source)
        n = next(iter(self.modules))
        self.libraries[n] = compiled_beside(find_compiler(), path.resolve(), STEPPING)
        return path


class CompiledFunction:
    """A function of arrays that gives the output and its gradients, as the one in the NumPy source does."""

    def __init__(self, native, single, buffers):
        self.native, self.single, self.buffers = native, single, buffers
        self.seen = [None] * len(native.held)  # what the arguments were in the call before
        self.own = [None] * len(native.held)  # arrays that small arguments are copied to
        self.first, self.lock = len(native.held), Lock()
        self.is_bound = bound_test(len(native.held), ())
        self.scalars = [i for i, array in enumerate(native.results) if not array.ndim]
        self.reused = tuple(native.results[1:]) if buffers and self.scalars == [0] else ()  # what is returned each time
        self.large = [] if buffers else [i for i, array in enumerate(native.results) if array.nbytes >= LARGE]

    def __call__(self, *args):
        native = self.native
        if not self.lock.acquire(blocking=False):  # another thread is in it, or was when this process began as its copy
            return CompiledFunction(native.another(), self.single, self.buffers)(*args)
        try:
            if not self.is_bound(args, native.held, ()):
                for i, x in enumerate(args):
                    if x is not native.held[i]:
                        self.take(i, x)
            for i in self.large:
                native.results[i] = fresh = np.empty_like(native.results[i])
                native.addresses[self.first + i] = address_of(fresh)
            wrong = native.function(native.argument)
            if wrong:
                raise IndexError(f"An index is out of bounds for an axis of size {wrong - 1}.")
            return self.returned(native.results)
        finally:
            self.lock.release()

    def take(self, i, x):
        """Hand over an argument: where it lies if it is large or comes again, else copied."""
        native, (shape, dtype) = self.native, self.native.module.takes[i]
        is_same = x is self.seen[i] or getattr(x, "nbytes", 0) >= LARGE
        if is_same and type(x) is np.ndarray and x.dtype == dtype and x.flags.c_contiguous and x.flags.aligned:
            native.bind(i, x)
            return
        if self.own[i] is None:
            self.own[i] = aligned(shape, np.dtype(dtype))
        if type(x) is np.float64 and self.own[i].dtype == x.dtype:
            self.own[i][()] = x
        else:
            np.copyto(self.own[i], x, casting="same_kind")
        native.held[i], self.seen[i] = None, x
        native.addresses[i] = address_of(self.own[i])

    def returned(self, results):
        """The output and the gradients, in memory of their own unless buffers are wanted."""
        if self.reused:
            return results[0][()], self.reused[0] if self.single else self.reused
        given = list(results) if self.buffers else [x if i in self.large else x.copy() for i, x in enumerate(results)]
        for i in self.scalars:
            given[i] = given[i][()]
        output, *gradients = given
        return output, gradients[0] if self.single else tuple(gradients)


def functions_of(program_at, single, buffers):
    """CompiledFunctions, of which the first is compiled; None, and a warning, if nothing can be.

    Raises
    ------
    TypeError
        If a step of the program cannot be written as C; it names the operation.
    """
    functions = CompiledFunctions(program_at, single, buffers)
    return functions if functions.at(None) else None
