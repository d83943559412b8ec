"""Where values left the graph: what a message says of a result that nothing leads back from to its inputs."""

from contextlib import suppress

from ..graph import reachable
from ..watching.observers import Observer
from .expressions import shown
from .lines import users_place

MOST_PLACES = 3  # that a message names


class Leaving(Observer):
    """Notes where values that were computed from some inputs are read, or computed with and not recorded.

    Attributes
    ----------
    ways : dict of Place to str
        Where, and how: "float()", ".data", "no_grad()".
    """

    def __init__(self, inputs):
        self.inputs, self.ways = set(inputs), {}

    def leave(self, node, way):
        if len(self.ways) < MOST_PLACES and not self.inputs.isdisjoint(reachable(node)):
            self.ways.setdefault(users_place(), way)

    def compute(self, op, inputs, node):
        if node.op is None:
            for x in inputs:
                self.leave(x, "no_grad()")


def where_values_left(function, args, inputs, kwargs=None):
    """Run a function again, and say where values computed from `inputs`, which are among `args`, left the graph.

    Returns
    -------
    str
        Lines to end a message with; empty if none left.
    """
    with Leaving(inputs) as leaving, suppress(Exception):  # a function may not run twice
        function(*args, **(kwargs or {}))
    return "".join(f"\nHere a value left the graph, by {way}:\n{shown(place)}" for place, way in leaving.ways.items())
