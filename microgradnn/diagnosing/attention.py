"""What is noted while a step is attended to: its lines, the values that leave the graph, what is computed and not recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..graph import recording
from ..source.lines import remember, users_place
from ..watching.observers import Observer
from .pace import A_LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..graph import Op
    from ..source.lines import Place
    from .pace import Pace


class Departure(NamedTuple):
    """A value that left the graph: of which node, how, and where."""

    node: Any
    way: str
    place: Place | None


class Unrecorded(NamedTuple):
    """An operation of which nothing was recorded, since nothing in it requires a gradient."""

    op: Op
    inputs: Sequence[Any]
    made: Any
    place: Place | None


class Lines(Observer):
    """Notes the line of each operation; it is signed in for the steps that will be looked at, since that costs time."""

    def __init__(self, pace: Pace):
        self.pace = pace

    def compute(self, op, inputs, node):
        if node.op is not None:
            remember(node)
            self.pace.spend(A_LINE)


class Attention(Lines):
    """Notes besides what leaves the graph; for the first steps alone, since reading `.data` is slower meanwhile."""

    def __init__(self, pace: Pace):
        super().__init__(pace)
        self.departures: list[Departure] = []
        self.unrecorded: list[Unrecorded] = []
        self.used: dict[Any, Any] = {}  # of what was an operand, and requires a gradient: what was first made of it

    def compute(self, op, inputs, node):
        super().compute(op, inputs, node)
        requiring = [x for x in inputs if x.requires_grad]
        if node.op is not None:
            for x in requiring:
                self.used.setdefault(x, node)
        elif requiring and not recording.get():
            place = users_place()
            self.departures += [Departure(x, "no_grad()", place) for x in requiring]
        else:
            self.unrecorded.append(Unrecorded(op, inputs, node, users_place()))

    def leave(self, node, way):
        if node.requires_grad:
            self.departures.append(Departure(node, way, users_place()))

    def forget(self):
        """Begin anew, for the next step."""
        self.departures, self.unrecorded, self.used = [], [], {}
