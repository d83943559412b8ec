"""Who lays a picture out: Graphviz, or, where that would take minutes, ranks.py.

The renderer is told how large all boxes and labels are, and lays them out; it answers in JSON. Its y runs up.
"""

import json
from dataclasses import replace

from .dot_text import to_layout
from .layout import Curve, Layout, Point, Rectangle
from .ranks import layout_by_ranks, lengths_of_arrows, sources_of
from .render import run_renderer

LONGEST_ARROWS = 4000  # ranks that all arrows together may run across; beyond it Graphviz takes seconds, then minutes

NO_TIPS = ("-Earrowhead=none", "-Earrowtail=none")  # lines then reach from box to box; tips are put on when they are drawn


def layout_of_sizes(picture, theme, sizes):
    """The Layout of a picture whose boxes and labels were set in type elsewhere.

    Raises
    ------
    RendererError
        If Graphviz is asked, and there is no renderer, or it fails, or takes longer than a minute.
    """
    if lengths_of_arrows(sources_of(picture)) > LONGEST_ARROWS:
        return layout_by_ranks(replace(picture, title=[], notes=[]), theme, sizes)
    return _told(to_layout(picture, theme, sizes), picture)


def _told(dot, picture):
    """What Graphviz tells of a DOT text of a picture."""
    told = json.loads(run_renderer(dot, "-Tjson0", *NO_TIPS))
    things, edges = told.get("objects", []), told.get("edges", [])
    corner, width, height = _sheet(told["bb"], edges)
    clusters = {thing["name"].removeprefix("cluster_"): thing for thing in things if "bb" in thing}
    names = {thing["_gvid"]: thing["name"] for thing in things}
    waiting = {}
    for edge in sorted(edges, key=lambda edge: edge["_gvid"]):  # equal arrows come in the order of the DOT text
        waiting.setdefault((names[edge["tail"]], names[edge["head"]]), []).append(edge)
    return Layout(
        width,
        height,
        {thing["name"]: _box(thing, corner) for thing in things if "pos" in thing},
        [_curve(waiting[arrow.tail, arrow.head].pop(0), corner) for arrow in picture.arrows],
        {frame: _frame(cluster["bb"], corner) for frame, cluster in clusters.items()},
        {frame: _point(cluster["lp"], corner) for frame, cluster in clusters.items() if "lp" in cluster},
        None,
    )


def _sheet(bb, edges):
    """The upper left corner of everything, and its size; also of the control points of curves that swing out."""
    left, bottom, right, top = map(float, bb.split(","))
    points = [tuple(map(float, text.split(","))) for edge in edges for text in edge["pos"].split()]
    left, right = (end([x for x, _ in points] + [edge]) for end, edge in ((min, left), (max, right)))
    bottom, top = (end([y for _, y in points] + [edge]) for end, edge in ((min, bottom), (max, top)))
    return (left, top), right - left, top - bottom


def _point(text, corner):
    """A place, from Graphviz's "x,y"."""
    x, y = map(float, text.split(","))
    return Point(x - corner[0], corner[1] - y)


def _box(thing, corner):
    width, height = 72 * float(thing["width"]), 72 * float(thing["height"])
    middle = _point(thing["pos"], corner)
    return Rectangle(middle.x - width / 2, middle.y - height / 2, width, height)


def _frame(bb, corner):
    left, bottom, right, top = map(float, bb.split(","))
    return Rectangle(left - corner[0], corner[1] - top, right - left, top - bottom)


def _curve(edge, corner):
    points = [_point(text, corner) for text in edge["pos"].split()]
    return Curve(points, _point(edge["lp"], corner) if "lp" in edge else None)
