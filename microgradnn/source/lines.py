"""Which line of the user's program made a node: remembered inside `remember_lines()`, where one asks for it.

It costs a walk up the stack for every operation, so it is off otherwise. Steps and the prompt show the lines they know.
"""

from __future__ import annotations

import itertools
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from ..graph import births
from ..watching.notes import Notes
from ..watching.observers import PACKAGE, Observer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

# How a value is asked about, for a person to read or to decide: nothing is computed from it.
ASKING = {"format()", "==", "!=", "<", "<=", ">", ">=", "bool()"}
places = Notes()  # of each node its Place
MOST_DEPARTURES = 8  # of one node that are kept
departures = Notes()  # of each node whose values were read while lines were remembered: its Departures


class Place(NamedTuple):
    """Where the user's program asked for an operation."""

    code: CodeType  # the compiled function or module
    instruction: int  # offset of the instruction in it

    @property
    def file(self) -> str:
        """The file of the program."""
        return self.code.co_filename

    @property
    def line(self) -> int:
        """The line, found when it is asked for: that takes longer than to note the instruction."""
        lines = [line for start, end, line in self.code.co_lines() if start <= self.instruction < end]
        return lines[0] or self.code.co_firstlineno

    @property
    def span(self) -> tuple[int | None, int | None, int | None, int | None]:
        """Where the expression stands: (line, last line, column, last column), columns in bytes; None where not known."""
        return next(itertools.islice(self.code.co_positions(), self.instruction // 2, None), (None,) * 4)


class KnownLine(NamedTuple):
    """A place of which no more than the line is known, as that of a pass that was read from a file."""

    file: str
    line: int
    span: tuple[None, None, None, None] = (None, None, None, None)


class Departure(NamedTuple):
    """Where the values of a node left the graph, by what, and between which births that was."""

    way: str
    place: Place | None
    birth: int


class LineObserver(Observer):
    """Notes the line of each operation that is recorded, and where values leave the graph."""

    def compute(self, op, inputs, node):
        if node.op is not None:
            remember(node)
            return
        for x in inputs:
            if x.requires_grad:  # or it would have been recorded
                note_departure(x, Departure("no_grad()", users_place(), next(births)))

    def leave(self, node, way):
        if way not in ASKING:
            departure = Departure(way, users_place(), next(births))
            for x in selected_from(node):
                note_departure(x, departure)


def note_departure(node, departure):
    """Add to the latest departures of a node; a parameter that lives for long has many."""
    departures[node] = (*departures.get(node, ())[-MOST_DEPARTURES:], departure)


def selected_from(node):
    """A node, and what it is a part of, as h of h[0][1]: the part is often gone when its value is asked for."""
    found = [node] if node.requires_grad else []
    while found and node.op is not None and node.op.name in ("getitem", "reshape"):
        node = node.inputs[0]
        found.append(node)
    return found


@contextmanager
def remember_lines() -> Iterator[None]:
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
    with LineObserver():
        yield


def remember(node):
    """Note the user's line that made a node, unless it is known."""
    if node not in places:
        place = users_place()
        if place is not None:
            places[node] = place


def note_lines(lines):
    """Note of nodes what is known of where they were made: (file, line), or None."""
    for node, line in lines.items():
        if line is not None:
            places[node] = KnownLine(*line)


def users_place():
    """The innermost line outside of this package that runs now; None if there is none."""
    frame = users_frame(sys._getframe(1))
    return None if frame is None else Place(frame.f_code, frame.f_lasti)


def users_frame(frame):
    """The innermost frame outside of this package, from a frame up; None if there is none."""
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    return frame


def place_of(node):
    """Where the user's program made a node; None if it was not remembered."""
    return places.get(node)


def line_of(node):
    """(file, line) of the user's program that made a node; None if it was not remembered."""
    place = place_of(node)
    return None if place is None else (place.file, place.line)
