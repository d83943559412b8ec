"""The frames of the user's program: those that one goes up and down in, and where one of them stands."""

import linecache

from ..watching.observers import PACKAGE


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
