"""The frames of the user's program: those that one goes up and down in, and where one of them stands."""

import linecache

from ..watching.observers import PACKAGE
from .evaluating import read_only


def users_frames(frame):
    """The frames of the user's program, innermost first, up to the module that was run."""
    found = []
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith((PACKAGE, "<frozen")):
            found.append(frame)
            if code.co_name == "<module>":
                break
        frame = frame.f_back
    return found


def source_around(path, line, before=5, after=5):
    """The lines of a file around one of them: (number, text)."""
    found = []
    for i in range(max(1, line - before), line + after + 1):
        text = linecache.getline(path, i)
        if text:
            found.append((i, text.rstrip()))
    return found


def raised_at(error):
    """(frame, line) of what a backward pass called that raised: the rule, or a hook; None where the pass itself raised.

    What a rule calls in its turn, such as NumPy, is below it.
    """
    part = error.__traceback__
    while part is not None and part.tb_frame.f_code.co_name != "backpropagate":
        part = part.tb_next
    found = None
    while part is not None and part.tb_next is not None:
        part = part.tb_next
        found = part.tb_frame, part.tb_lineno
        if is_rule(part.tb_frame):
            break
    return found


def is_rule(frame):
    """Whether a frame is one of a rule, dx(self, dz, z, ...)."""
    return frame.f_code.co_varnames[:3] == ("self", "dz", "z")


def called(frame):
    """What a function that raised is called: a rule by its operation.

    >>> import sys
    >>> called(sys._getframe())
    '<module>'
    """
    name = frame.f_code.co_name
    return f"{name} of {frame.f_locals['self'].name}" if is_rule(frame) else name


def given_to(frame):
    """What a function that raised was given, and made, by its names: of a rule dz, z, x, ..."""
    return {name: read_only(value) for name, value in frame.f_locals.items() if name != "self"}
