"""A pass that was, as the live page shows it: all its numbers are there, and nothing can be dragged.

So are graphs shown of which no page can compute the numbers anew: too large ones, operations that JavaScript has not, passes
that began with another gradient, or in which a hook took part. The page says which it is.
"""

import math

import numpy as np

from . import live_layout
from .live_graph import Graph, packed
from .live_steps import Telling

MOST_TOLD = 100_000  # numbers of a page, of some 20 bytes each
MOST_NUMBERS = (math.inf, 20_000, 4_000, 400)  # of an array that is there whole: the first of these with which all have room
CORNER = (live_layout.MOST_ROWS + 1, live_layout.MOST_COLUMNS + 1)  # one more than is drawn, so that there are dots
MOST_LEADING = 3  # along all axes before the last two
CUT = "Of arrays of more than {:,} numbers only the first {} rows and {} columns are on this page; print shows all of them."


class Recording(Graph):
    """A recorded pass, as the page is told of it.

    Parameters
    ----------
    recorded : Pass
        The values of its nodes are read from the nodes: call it where they are as they were.
    why : str
        Why nothing can be dragged.

    Attributes
    ----------
    data : dict
        All that the page is told, for JSON.
    programs : str
        JavaScript: a function that returns no programs.

    Raises
    ------
    TypeError
        If there are complex numbers, or other things that are no real numbers.
    """

    programs = "() => ({})"

    def __init__(self, recorded, why):
        super().__init__(recorded.output)
        refuse_unreal(self.nodes)
        self.recorded, self.cut = recorded, False
        self.gradients, output = recorded.gradients, recorded.output
        self.most = most_whole(recorded, self.nodes)
        results = {f"v{self.ids[node]}": self.beginning(node.data) for node in self.nodes}
        results |= {f"g{self.ids[node]}": self.beginning(dz) for node, dz in self.gradients.items()}
        results |= {f"d{i}": self.beginning(each.dx) for i, each in enumerate(recorded.contributions)}
        summed = [(i, x) for i, x in enumerate(recorded.contributions) if np.shape(x.full) != np.shape(x.dx)]
        results |= {f"f{i}": self.beginning(each.full) for i, each in summed}
        self.data = {
            "loss": self.ids[output],
            "nodes": [self.node(node) for node in self.nodes],
            "recorded": {"results": results, "seed": self.beginning(recorded.seed), "why": why},
            "inputs": {},
            "segments": [],
            "parameters": [self.ids[x] for x in self.gradients if x.op is None][::-1],
            "constants": [],
            "steps": Telling(self, recorded.contributions).steps,
            "units": None,
            "samples": None,
        } | self.drawn()
        changed = [self.labels.get(x, "a tensor without a name") for x in hooked(recorded)]
        self.notes += [f"A hook changed the gradient of {name} after all had come." for name in changed]
        self.notes += [CUT.format(self.most, *CORNER)] if self.cut else []

    def beginning(self, x):
        """An array for JSON; of a large one the beginning, of its rows and of its columns."""
        found = corner(np.asarray(x), self.most)
        self.cut = self.cut or np.size(found) < np.size(x)
        return packed(found)

    def node(self, node):
        """What is told of a node; its shape is that of what is there, and `whole` its own."""
        shape = list(corner(np.asarray(node.data), self.most).shape)
        told = super().node(node) | {"graded": node in self.gradients, "start": [] if node.op is None else None}
        return told | {"shape": shape, "whole": told["shape"], "grid": self.grid_here(told["grid"], shape)}

    @staticmethod
    def grid_here(grid, shape):
        """How what is there stands in its box: as the whole does, but rows of the length that they have here."""
        return grid and [grid[0], shape[-1] if len(shape) > 1 else grid[1], *grid[2:]]


def most_whole(recorded, nodes):
    """How many numbers an array may have, so that it is there whole."""
    arrays = [x.data for x in nodes] + list(recorded.gradients.values())
    arrays += [x for each in recorded.contributions for x in (each.dx, each.full)]
    sizes = [np.size(x) for x in arrays]
    told = (most for most in MOST_NUMBERS if sum(size for size in sizes if size <= most) <= MOST_TOLD)
    return next(told, MOST_NUMBERS[-1])


def corner(x, most):
    """The beginning of an array of more numbers than that, along each axis.

    >>> corner(np.zeros((1000, 64)), 400).shape, corner(np.zeros((3, 4)), 400).shape, corner(np.zeros(500), 400).shape
    ((10, 7), (3, 4), (7,))
    """
    if x.size <= most:
        return x
    most = [MOST_LEADING] * (x.ndim - 2) + list(CORNER[-x.ndim :])
    return x[tuple(map(slice, most))]


def refuse_unreal(nodes):
    """Raise TypeError if there is a node whose values are no real numbers."""
    for node in nodes:
        if node.data.dtype.kind not in "biuf":
            raise TypeError(
                f"A page shows real numbers; {node.name or 'a tensor'} is of {node.data.dtype}. print(steps) tells all."
            )


def hooked(recorded):
    """The nodes whose gradient is another one than what was added up."""
    latest = {each.node.inputs[each.position]: each.new for each in recorded.contributions}
    return [x for x, dz in recorded.gradients.items() if x in latest and not np.array_equal(latest[x], dz, equal_nan=True)]
