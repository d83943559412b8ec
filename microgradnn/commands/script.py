"""Running a script of the user's as Python would, but for what happens at its calls of `.backward()`."""

import argparse
import sys
import traceback
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from ..graph import birth_of
from ..source.lines import remember_lines
from ..source.naming import name_tensors
from ..tensor import Tensor


class CommandError(Exception):
    """What a command says, in one line and without a traceback, before it ends with `code`."""

    def __init__(self, message, code=2):
        super().__init__(message)
        self.code = code


class Enough(Exception):
    """Raised by a command that has what it needs: the script, or its thread, ends."""


@dataclass
class Ran:
    """How a script ended: its exit code, its variables, and whether it was `enough` before."""

    code: int = 0
    variables: dict[str, object] = field(default_factory=dict)
    enough: bool = False


def run_script(script, args, at_backward):
    """Run a script as `python script args` does, but for what happens at its calls of `.backward()`.

    Parameters
    ----------
    script : str
        Its file.
    args : list of str
        What it finds in sys.argv.
    at_backward : callable
        Called as at_backward(output, gradient, frame) in place of `output.backward(gradient)`; `frame` is the caller's.
        It may raise `Enough`.

    Returns
    -------
    Ran

    Raises
    ------
    CommandError
        If there is no such file.
    """
    ran, real = Ran(), Tensor.backward
    Tensor.backward = in_place_of(real, ran, at_backward)
    try:
        run_program(script, args, ran)
    finally:
        Tensor.backward = real
    return ran


def run_program(script, args, ran, module=False, at_error=None, lines=True, watching=None):
    """Run a script as `python script args` does, or a module as `python -m module args`.

    Parameters
    ----------
    script : str
        A file, or the name of a module or package.
    args : list of str
        What it finds in sys.argv.
    ran : Ran
        Is told how it ended.
    module : bool, optional
        Whether it is a module.
    at_error : callable, optional
        Called with what the program raised, after its traceback was printed.
    lines : bool, optional
        Whether to remember the line of each operation, which costs time.
    watching : Observer, optional
        Is told of all that happens. It may raise SystemExit, having set its `enough` to true.

    Raises
    ------
    CommandError
        If there is no such file or module.
    """
    file, package, code = code_of_module(script) if module else code_of_script(script)
    try:
        around = (remember_lines() if lines else nullcontext(), watching or nullcontext())
        with around[0], around[1], main_module(str(file) if module else script, file, args, package) as ran.variables:
            exec(code(), ran.variables)  # noqa: S102 - as the user asked
    except SystemExit as stop:
        ran.enough = ran.enough or getattr(watching, "enough", False)
        ran.code = 0 if ran.enough else exit_code(stop)
    except (BrokenPipeError, CommandError):
        raise
    except Exception as error:  # noqa: BLE001 - a script may raise anything
        print_from(str(file), error)
        ran.code = 1
        if at_error is not None:
            at_error(error)


def code_of_script(script):
    """A script's file, that it is in no package, and a function that compiles it."""
    if not Path(script).is_file():
        raise CommandError(f"there is no file {script!r}")
    file = Path(script).absolute()  # the script may change its folder
    return file, None, lambda: compile(file.read_bytes(), file, "exec", dont_inherit=True)


def code_of_module(name):
    """The file of a module, or of a package's __main__, its package, and a function that compiles it, as `python -m` does."""
    sys.path[0] = str(Path.cwd())
    try:
        spec = find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = find_spec(f"{name}.__main__")
    except (ImportError, ValueError) as error:
        raise CommandError(f"there is no module {name!r}: {error}") from None
    if spec is None or not spec.origin or not hasattr(spec.loader, "get_code"):
        raise CommandError(f"there is no module {name!r} that can be run")
    return Path(spec.origin), spec.parent, lambda: spec.loader.get_code(spec.name)


def in_place_of(real, ran, at_backward):
    """What stands in the place of `backward` while a script runs."""

    @wraps(real)
    def backward(self, gradient=None, **options):
        if options:
            real(self, gradient, **options)  # which says that there are none
        if not ran.enough:
            Tensor.backward = real  # what the command does now may go back by itself
            try:
                at_backward(self, gradient, sys._getframe(1))
            except Enough:
                ran.enough = True
            finally:
                Tensor.backward = backward
        if ran.enough:  # again, if the script caught it the first time
            raise SystemExit

    return backward


@contextmanager
def main_module(script, file, args, package=None):
    """Let sys look as `python script args` would have it; yields the variables of the module to run the script in.

    Of a module that is run as one, `package` is the package that it imports from.
    """
    before = sys.argv, sys.path[0], sys.modules["__main__"]
    module = ModuleType("__main__")
    module.__file__, module.__package__ = str(file), package
    folder = str(file.parent) if package is None else str(Path.cwd())
    sys.argv, sys.path[0], sys.modules["__main__"] = [script, *args], folder, module
    try:
        yield vars(module)
    finally:
        sys.argv, sys.path[0], sys.modules["__main__"] = before


def exit_code(stop):
    """The exit code that a SystemExit means: its number; 0 for none; 1, with the text printed, for a text."""
    if stop.code is None or isinstance(stop.code, int):
        return stop.code or 0
    print(stop.code, file=sys.stderr)
    return 1


def print_from(file, error):
    """Print a traceback as Python would have: it begins in the script, not in what runs it."""
    begin = error.__traceback__
    while begin is not None and begin.tb_frame.f_code.co_filename != file:
        begin = begin.tb_next
    traceback.print_exception(type(error), error, begin)


def name_by_variables(frame):
    """Name Tensors that have no name by the variables of a frame: its own first, then those of its module."""
    name_tensors(dict(frame.f_locals))
    name_tensors(dict(frame.f_globals))


def youngest_recorded(variables):
    """The Tensor among a script's variables that was computed last, by recorded operations; None if there is none."""
    found = [value for value in variables.values() if isinstance(value, Tensor) and value.op is not None]
    return max(found, key=birth_of, default=None)


def positive(text):
    """A number of passes that was typed."""
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)
