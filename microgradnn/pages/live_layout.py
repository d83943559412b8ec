"""Where boxes and arrows of the live page are: boxes as large as their matrices, laid out by Graphviz.

Sizes depend on shapes alone, so that a number that changes moves nothing. Lengths are pixels of a page that is as wide as the
graph. A vector that is a column in the algebra of the graph stands upright, so that row times column can be read off.
"""

import json
from typing import NamedTuple

import numpy as np

from ..pictures.render import run_renderer

CELL = 95  # the width of a number, −10.000 in bold
VALUE, PAIR = 36, 56  # heights: of a value alone, of a value over its gradient
HEAD, MARGIN, TAIL = 34, 12, 9
OPERATION, STUB, LETTER = 46, 40, 13
MOST_ROWS, MOST_COLUMNS = 9, 6  # of a matrix that is shown; of a larger one fewer, and dots; a graph is wide already
DIRECTIONS = {"LR": (0.26, 0.35, "e"), "TB": (0.3, 0.28, "s")}  # gaps between boxes and ranks in inches, where a result leaves
NO_TIPS = ("-Earrowhead=none", "-Earrowtail=none")


class Grid(NamedTuple):
    """How an array stands in its box: rows and columns that it has, and that are shown."""

    rows: int
    columns: int
    shown_rows: int
    shown_columns: int


def grid_of(node, upright):
    """The Grid of a node; leading axes of three or more become rows."""
    shape = np.shape(node.data)
    columns = 1 if not shape or (len(shape) == 1 and node in upright) else shape[-1]
    rows = int(np.size(node.data) // columns) if columns else 0
    cut_rows, cut_columns = rows > MOST_ROWS, columns > MOST_COLUMNS
    return Grid(rows, columns, MOST_ROWS - 1 if cut_rows else rows, MOST_COLUMNS - 1 if cut_columns else columns)


def size_of_box(node, grid, label):
    """Width and height of a box, with room for its name, and beside that for the shape of what is not shown whole."""
    is_cut = grid.rows > grid.shown_rows or grid.columns > grid.shown_columns
    named = LETTER * len(label) + is_cut * 10 * len(" × ".join(map(str, np.shape(node.data))))
    rows = grid.shown_rows + (grid.rows > grid.shown_rows) * 0.5
    columns = grid.shown_columns + (grid.columns > grid.shown_columns) * 0.4
    return 2 * MARGIN + max(columns * CELL + 10, named), HEAD + max(rows, 0.5) * (PAIR if node.requires_grad else VALUE) + TAIL


def size_of_operation(glyph):
    """Width and height of an operation's circle; of a long word it is an ellipse."""
    return OPERATION + (len(glyph) > 3) * (12 * len(glyph) - 28), OPERATION


def size_of_stub(label):
    """Width and height of a box with nothing but a name."""
    return 24 + LETTER * len(label), STUB


def layout(boxes, operations, links, direction):
    """Places of boxes and circles, and the curves of links.

    Parameters
    ----------
    boxes, operations : dict of str to (width, height)
    links : list of (tail, head, is_main)
        An arrow of the main line, from what was computed, leaves its box in the middle of a side.
    direction : {"LR", "TB"}

    Returns
    -------
    dict
        width and height; at: x, y, width, height by name; curves: in the order of the links, points of Bézier curves.
    """
    apart, ranks, side = DIRECTIONS[direction]
    lines = [f'rankdir={direction}; nodesep={apart}; ranksep={ranks}; node [fixedsize=true, label=""];']
    for sizes, shape in ((boxes, "box"), (operations, "ellipse")):
        lines += [f"{name} [shape={shape}, width={w / 72:.4f}, height={h / 72:.4f}];" for name, (w, h) in sizes.items()]
    for tail, head, is_main in links:
        lines.append(f"{tail}{f':{side}' * is_main} -> {head} [weight={4 if is_main else 1}];")
    told = json.loads(run_renderer(f"digraph {{ {' '.join(lines)} }}", "-Tjson0", *NO_TIPS))
    _, _, width, height = map(float, told["bb"].split(","))
    sizes, at = boxes | operations, {}
    for thing in told["objects"]:
        x, y = map(float, thing["pos"].split(","))
        w, h = sizes[thing["name"]]
        at[thing["name"]] = [round(x - w / 2, 1), round(height - y - h / 2, 1), w, h]
    names = {thing["_gvid"]: thing["name"] for thing in told["objects"]}
    waiting = {}
    for edge in sorted(told.get("edges", []), key=lambda edge: edge["_gvid"]):
        points = [tuple(map(float, text.split(","))) for text in edge["pos"].split()]
        curve = [[round(x, 1), round(height - y, 1)] for x, y in points]
        waiting.setdefault((names[edge["tail"]], names[edge["head"]]), []).append(curve)
    return {"width": width, "height": height, "at": at, "curves": [waiting[tail, head].pop(0) for tail, head, _ in links]}
