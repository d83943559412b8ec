"""Which line of the user's program made a node: remembered inside `remember_lines()`, where one asks for it.

It costs a walk up the stack for every operation, so it is off otherwise. Steps and the prompt show the lines they know.
"""

import sys
import weakref
from contextlib import contextmanager
from pathlib import Path

from .graph import watchers

PACKAGE = str(Path(__file__).parent)
_lines = {}  # birth of a node -> (file, line); gone when the node is


@contextmanager
def remember_lines():
    """Remember for every operation recorded inside, in any thread, which line of the user's program asked for it.

    Examples
    --------
    >>> from microgradnn import Tensor, backward_steps, remember_lines
    >>> x = Tensor(2.0, requires_grad=True, name="x")
    >>> with remember_lines():
    ...     L = (x * x).named("L")
    >>> backward_steps(L)[0].line[1]
    2
    """
    watchers.append(remember)
    try:
        yield
    finally:
        watchers.remove(remember)


def remember(op, inputs, node):
    """Note the innermost line outside of this package, if the operation was recorded."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    if frame is not None and node.op is not None and node.birth not in _lines:
        _lines[node.birth] = frame.f_code.co_filename, frame.f_lineno
        weakref.finalize(node, _lines.pop, node.birth, None).atexit = False


def line_of(node):
    """(file, line) of the user's program that made a node; None if it was not remembered."""
    return _lines.get(node.birth)
