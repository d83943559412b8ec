"""What `unroll(..., compile=True)` calls in place of its NumPy source: a function of the same arguments, in C.

C is written for lengths that are known, so there is a function for each batch size that comes.
"""

from __future__ import annotations

import warnings
from pathlib import Path

from ..saving.whole_files import write
from .blas import find_blas
from .c_source import CSource
from .compiler import STEPPING, CompilerError, compiled_beside, find_compiler
from .native import Native

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
        if n not in self.modules:
            program = self.program_at(n) if self.program_at and len(self.modules) < MOST_SIZES else None
            if program is None:
                return None
            self.modules[n] = CSource(program, blas=find_blas()).module
        try:
            native = Native(self.modules[n], self.libraries.get(n))
        except CompilerError as error:
            warnings.warn(str(error), RuntimeWarning, stacklevel=4)
            self.program_at = None
            return None
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
        self.turn = [True]  # whoever takes it has it: pop() and append() are whole, and take a third of the time of a Lock
        self.written = self.written_call()

    def __call__(self, *args):
        try:
            turn = self.turn.pop()
        except IndexError:  # another thread is in it, or was when this process began as its copy
            return CompiledFunction(self.native.another(), self.single, self.buffers)(*args)
        try:
            return self.written(*args)
        finally:
            self.turn.append(turn)

    def written_call(self):
        """What is done in a call, written out for these arguments and results, so quick: no loop, and what is a number."""
        native, takes = self.native, range(len(self.native.held))
        names = {"take": native.take, "run": native.function, "addresses": native.argument, "refuse": refuse}
        names |= {"results": native.results}
        lines = [f"def call({', '.join(f'x{i}' for i in takes)}):"]
        for i in takes:
            lines += [f"    x = x{i}", *native.taking(i, names, f"take({i}, x)", is_checked=True)]
        lines += ["    wrong = run(addresses)", "    if wrong: refuse(wrong)"]
        copied = "" if self.buffers else ".copy()"
        given = [f"results[{i}]{copied if array.ndim else '[()]'}" for i, array in enumerate(native.results)]
        gradients = given[1] if self.single else f"({', '.join(given[1:])},)"
        lines.append(f"    return {given[0]}, {gradients}")
        exec("\n".join(lines), names)  # noqa: S102 - the source is ours
        return names["call"]


def refuse(wrong):
    """Raise IndexError for what a program says is wrong."""
    raise IndexError(f"An index is out of bounds for an axis of size {wrong - 1}.")


def functions_of(program_at, single, buffers):
    """CompiledFunctions, of which the first is compiled; None, and a warning, if nothing can be.

    Raises
    ------
    TypeError
        If a step of the program cannot be written as C; it names the operation.
    """
    functions = CompiledFunctions(program_at, single, buffers)
    return functions if functions.at(None) else None
