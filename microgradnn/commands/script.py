"""Running a script of the user's as Python would, but for what happens at its calls of `.backward()`."""

import runpy
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from ..graph import birth_of
from ..lines import remember_lines
from ..naming import name_tensors
from ..tensor import Tensor


class CommandError(Exception):
    """What a command says, in one line and without a traceback, before it ends with `code`."""

    def __init__(self, message, code=2):
        super().__init__(message)
        self.code = code


class Enough(BaseException):
    """Ends the script: its command has what it needs. No `except Exception` of the script's stops it."""


@dataclass
class Ran:
    """How a script ended: its exit code, its variables if it came to its end, and whether it was `enough` before."""

    code: int = 0
    variables: dict[str, object] = field(default_factory=dict)
    enough: bool = False


def run_script(script, args, at_backward):
    """Run a script as `python script args` does.

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
    if not Path(script).is_file():
        raise CommandError(f"there is no file {script!r}")
    ran, real = Ran(), Tensor.backward

    def backward(self, gradient=None):
        Tensor.backward = real  # what the command does now may go back by itself
        try:
            at_backward(self, gradient, sys._getframe(1))
        finally:
            Tensor.backward = backward

    argv, path0 = sys.argv, sys.path[0]
    sys.argv, sys.path[0] = [script, *args], str(Path(script).absolute().parent)
    Tensor.backward = backward
    try:
        with remember_lines():
            ran.variables = runpy.run_path(script, run_name="__main__")
    except Enough:
        ran.enough = True
    except SystemExit as stop:
        ran.code = exit_code(stop)
    except (BrokenPipeError, CommandError):
        raise
    except Exception as error:  # noqa: BLE001 - a script may raise anything
        print_from(script, error)
        ran.code = 1
    finally:
        Tensor.backward = real
        sys.argv, sys.path[0] = argv, path0
    return ran


def exit_code(stop):
    """The exit code that a SystemExit means: its number; 0 for none; 1, with the text printed, for a text."""
    if stop.code is None or isinstance(stop.code, int):
        return stop.code or 0
    print(stop.code, file=sys.stderr)
    return 1


def print_from(script, error):
    """Print a traceback as Python would have: it begins in the script, not in what runs it."""
    begin = error.__traceback__
    while begin is not None and begin.tb_frame.f_code.co_filename != script:
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
