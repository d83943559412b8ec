"""The lines of the user's program, forward: where they stop, and steps over, into and out of them.

It costs what Python's tracing costs while there are line breakpoints or steps to take, and nothing where there are none.
"""

import os
import sys
import sysconfig
from functools import cache
from pathlib import Path

from ...watching.observers import PACKAGE
from ..breakpoints import asked_of_pass
from ..frames import users_frames

PATHS = ("stdlib", "platstdlib", "purelib")
LIBRARIES = tuple(os.path.normcase(path) + os.sep for name, path in sysconfig.get_paths().items() if name in PATHS)


class Tracer:
    """Stops in lines of the user's program.

    Parameters
    ----------
    stop : callable
        Called as stop(frame, why) where the program stops; `why` is "step" or the Stop that a line has.

    Attributes
    ----------
    lines : dict of str to dict of int to Stop
        The breakpoints: of each file those of its lines.
    only_mine : bool
        Whether steps pass over installed packages and the standard library.
    """

    def __init__(self, stop):
        self.stop, self.lines, self.only_mine = stop, {}, True
        self.how, self.target = None, None  # next, stepIn or stepOut, and the frame that it was asked in

    def run_on(self, how=None, frame=None):
        """Let the program run on from a frame: "next", "stepIn", "stepOut", or None: to the next breakpoint."""
        mine = users_frames(frame)
        self.how, self.target = how, mine[0] if mine else None
        if self.how is None and not self.lines:
            sys.settrace(None)
            return
        for outer in mine:
            outer.f_trace = self.in_frame
        sys.settrace(self.at_call)

    def at_call(self, frame, event, arg):
        """A function is called: whether there is anything to stop at in it."""
        file = frame.f_code.co_filename
        if real_path(file) in self.lines or (self.how == "stepIn" and self.is_mine(file)):
            return self.in_frame
        return None

    def in_frame(self, frame, event, arg):
        """A line is reached in a frame that is traced, or its end."""
        if event == "line":
            stop = self.breakpoint_at(frame)
            if stop is not None:
                self.stop(frame, stop)
            elif self.ends_step(frame):
                self.stop(frame, "step")
        elif event == "return" and frame is self.target and self.how is not None:
            mine = [outer for outer in users_frames(frame.f_back) if self.is_mine(outer.f_code.co_filename)]
            self.how, self.target = "next", mine[0] if mine else None
            if mine:
                mine[0].f_trace = self.in_frame
        return self.in_frame

    def ends_step(self, frame):
        """Whether a step ends at a line of this frame."""
        if self.how == "stepIn":
            return self.is_mine(frame.f_code.co_filename)
        return self.how == "next" and frame is self.target

    def is_mine(self, file):
        """Whether steps go into a file."""
        return is_users(file) or not (self.only_mine or file.startswith((PACKAGE, "<")))

    def breakpoint_at(self, frame):
        """The breakpoint that stops at a line, or None."""
        stop = self.lines.get(real_path(frame.f_code.co_filename), {}).get(frame.f_lineno)
        if stop is None or asks_of_pass(stop.condition, frame):
            return None
        return stop if stop.hit(lambda text: eval(text, frame.f_globals, frame.f_locals)) else None  # noqa: S307 - the user's


@cache
def real_path(file):
    """A file's path as breakpoints are kept by it."""
    return file if file.startswith("<") else os.path.normcase(os.path.realpath(file))


@cache
def is_users(file):
    """Whether a file is of the user's program, and not of this package, the standard library, or an installed one."""
    path = os.path.normcase(file)
    return not (path.startswith((PACKAGE, "<", *LIBRARIES)) or f"{os.sep}site-packages{os.sep}" in path)


def asks_of_pass(condition, frame):
    """Whether a line's condition is about the pass that begins there: n, loss or last, which the program does not have."""
    return bool(asked_of_pass(condition).difference(frame.f_locals, frame.f_globals))


def lines_with_code(path):
    """The lines of a file that have code, in order; none if it cannot be read or compiled."""
    try:
        codes = [compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)]
    except (OSError, SyntaxError, ValueError):
        return []
    found = set()
    for code in codes:
        found |= {line for *_, line in code.co_lines() if line}
        codes += [constant for constant in code.co_consts if hasattr(constant, "co_lines")]
    return sorted(found)
