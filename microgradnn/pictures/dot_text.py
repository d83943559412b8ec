"""A Picture in Graphviz's language, DOT, arrows in the colour of the sign of what flows.

It is to be laid out by Graphviz, or with the places of a Layout, to be drawn only. Which colours signs have, a Theme says.
"""

from math import ceil
from typing import NamedTuple

import graphviz
import numpy as np

from ..formulas.brief import visible
from .dot_labels import frame_label, has_title, lines_label, table_label, title_label
from .layout import shortened

LONGEST = 2000  # letters of a tooltip; Graphviz 2.43 refuses quoted strings of more than 16,384
FONT = "Helvetica,Arial,sans-serif"
MARGIN = 0.12  # inches between the text and the border of a box, left and right
INNER = {"box": 1, "ellipse": 0.5**0.5}  # how much of the width of a shape is inside of it
TIP = 0.7  # length of an arrow's tip, in units of 10 points; of those that lead aside SMALL_TIP
SMALL_TIP = 0.5


class Sizes(NamedTuple):
    """Width and height of what was set in type elsewhere: of boxes by their ids, of the arrows' labels, of frames' labels."""

    boxes: dict[str, tuple[float, float]]
    labels: list[tuple[float, float]]
    frames: dict[str, tuple[float, float]]


def to_layout(picture, theme, sizes):
    """The DOT text that asks where things of these sizes are to stand; it has no text in it."""
    graph = graphviz.Digraph()
    graph.attr("graph", rankdir=picture.direction, nodesep="0.3", ranksep="0.5")
    graph.attr("node", label="", fixedsize="true")
    inside = {}
    for box in picture.boxes:
        inside.setdefault(box.frame, []).append(box)
    _add_sized(graph, None, inside, picture, theme, sizes)
    for arrow, size in zip(picture.arrows, sizes.labels, strict=True):
        attributes = {"weight": str(1 + round(20 * _share(arrow)))} if arrow.contribution is not None else {}
        graph.edge(arrow.tail, arrow.head, **attributes, **({"label": _sized(size)} if arrow.lines else {}))
    return graph.source


def _add_sized(graph, frame_id, inside, picture, theme, sizes):
    """The boxes of a frame and the frames within it, in their sizes."""
    for box in inside.get(frame_id, ()):
        width, height = sizes.boxes[box.id]
        shape = "ellipse" if theme.looks[box.kind].shape == "ellipse" else "box"
        attributes = {"shape": shape, "width": f"{width / 72:.4f}", "height": f"{height / 72:.4f}", **_order(box)}
        graph.node(box.id, **attributes)
    for frame in picture.frames:
        if frame.parent == frame_id:
            with graph.subgraph(name=f"cluster_{frame.id}") as cluster:
                cluster.attr(label=_sized(sizes.frames[frame.id]) if frame.label else "", labeljust="l", margin="10")
                _add_sized(cluster, frame.id, inside, picture, theme, sizes)


def _sized(size):
    """An empty label of a size."""
    cell = f'<TD FIXEDSIZE="TRUE" WIDTH="{ceil(size[0])}" HEIGHT="{ceil(size[1])}"></TD>'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{cell}</TR></TABLE>>'


def _order(box):
    """Whether Graphviz keeps a box on the line that the eye follows, and its arrows in their order."""
    group = {"group": "lane"} if box.lane else {}
    return group | ({"ordering": "in"} if box.kind not in ("neighbour", "operand", "note") else {})


def to_dot(picture, theme, layout=None, outputorder="edgesfirst"):
    """The DOT text of a picture in a theme; with a Layout of it, everything stands where that says.

    With its edges drawn first, boxes hide the ends of lines.
    """
    graph = graphviz.Digraph()
    common = {"bgcolor": theme.background, "pad": "0.3"}
    if layout is None:
        graph.attr("graph", rankdir=picture.direction, nodesep="0.3", ranksep="0.6", **common)
    else:
        graph.attr("graph", layout="nop2", **common)
    graph.attr("graph", outputorder=outputorder)
    graph.attr("graph", fontname=FONT, fontcolor=theme.ink, fontsize="17", labelloc="t")
    graph.attr("node", fontname=FONT, fontsize="13", margin=f"{MARGIN},0.06", width="0", height="0")
    graph.attr("edge", fontname=FONT, fontsize="12", arrowsize=str(TIP))
    if has_title(picture, theme):
        places = {"lp": layout.title} if layout else {}
        graph.attr("graph", label=title_label(picture, theme), **_written(places, layout))
    for box in picture.boxes:
        if box.frame is None:
            _add_box(graph, box, theme, layout)
    for frame in picture.frames:
        if frame.parent is None:
            _add_frame(graph, frame, picture, theme, layout)
    for i, arrow in enumerate(picture.arrows):
        _add_arrow(graph, arrow, theme, layout, layout.curves[i] if layout else None)
    if layout:
        _add_sheet(graph, layout)
    return graph.source


def _written(places, layout):
    """Places as attributes; Graphviz's y runs up."""
    return {key: f"{place.x:.2f},{layout.height - place.y:.2f}" for key, place in places.items() if place is not None}


def _add_sheet(graph, layout):
    """A node that is not seen, as large as the layout: from its nodes Graphviz computes how large a picture is."""
    size = {"width": f"{layout.width / 72:.4f}", "height": f"{layout.height / 72:.4f}", "fixedsize": "true"}
    middle = f"{layout.width / 2:.2f},{layout.height / 2:.2f}"
    graph.node("the sheet", label="", shape="box", style="invis", pos=middle, **size)


def _add_frame(graph, frame, picture, theme, layout):
    """A frame with the boxes in it, and the frames within it; where a layout has no place for a frame, only these."""
    placed = layout is None or frame.id in layout.frames
    with graph.subgraph(name=f"cluster_{frame.id}" if placed else frame.id) as cluster:
        if placed:
            cluster.attr(label=frame_label(frame, theme) if frame.label else "", color=theme.faint, style="rounded")
            cluster.attr(labeljust="l", margin="10")
        if placed and layout:
            x, y, width, height = layout.frames[frame.id]
            bb = f"{x:.2f},{layout.height - y - height:.2f},{x + width:.2f},{layout.height - y:.2f}"
            cluster.attr(bb=bb, **_written({"lp": layout.labels.get(frame.id)}, layout))
        for box in picture.boxes:
            if box.frame == frame.id:
                _add_box(cluster, box, theme, layout)
        for inner in picture.frames:
            if inner.parent == frame.id:
                _add_frame(cluster, inner, picture, theme, layout)


def _add_box(graph, box, theme, layout):
    look = theme.looks[box.kind]
    rectangle = layout.boxes[box.id] if layout else None
    wide = rectangle.width * INNER[look.shape] - 2 * 72 * MARGIN if layout and look.shape in INNER else None
    graph.node(
        box.id,
        label=table_label(box, theme, wide),
        shape="none" if layout and look.shape == "plain" else look.shape,  # a plain box would be as small as its text
        style=look.style,
        fillcolor=look.fill,
        color=look.border,
        penwidth=f"{look.width:g}",
        fontcolor=look.ink,
        tooltip=tooltip_of(box.card) or " ",
        **_order(box),
        **(_place_of(rectangle, layout) if layout else {}),
    )


def _place_of(rectangle, layout):
    """Middle and size of a rectangle, as attributes of a node."""
    size = {"width": f"{rectangle.width / 72:.4f}", "height": f"{rectangle.height / 72:.4f}", "fixedsize": "true"}
    return {**_written({"pos": rectangle.middle}, layout), **size}


def tooltip_of(card):
    """A card as lines of plain text, of which a long one's end is left out; Graphviz reads backslashes in it."""
    lines = [f"{label}: {text}" if label else text for label, text in card]
    text = "\n".join(visible(line) for text in lines for line in text.splitlines())
    return (text if len(text) <= LONGEST else text[:LONGEST] + "…").replace("\\", "\\\\")


def _add_arrow(graph, arrow, theme, layout, curve):
    colour, style, width = line_look(arrow, theme)
    attributes = {"color": colour, "penwidth": f"{width:.3g}"}
    if style:
        attributes["style"] = style
    if arrow.against:
        attributes["dir"] = "back"
    if arrow.kind in ("operand", "faint"):
        attributes["arrowsize"] = str(SMALL_TIP)
    if arrow.lines:
        attributes["label"] = lines_label(arrow, theme)
    if arrow.card:
        attributes["tooltip"] = attributes["labeltooltip"] = tooltip_of(arrow.card)
    if arrow.contribution is not None:
        attributes["weight"] = str(1 + round(20 * _share(arrow)))
    if curve:
        tip = 10 * float(attributes.get("arrowsize", TIP))
        attributes |= {"pos": _way(curve, arrow.against, tip, layout)}
        attributes |= _written({"lp": curve.label}, layout)
    graph.edge(arrow.tail, arrow.head, **attributes)


def _way(curve, against, tip, layout):
    """A curve and the tip of its arrow as Graphviz writes them."""
    points = shortened(curve.points, tip, at_end=not against)
    mark, end = ("s", curve.points[0]) if against else ("e", curve.points[-1])
    written = [f"{point.x:.2f},{layout.height - point.y:.2f}" for point in [end, *points]]
    return f"{mark},{' '.join(written)}"


def line_look(arrow, theme):
    """Colour, style and width of an arrow: for gradients by the sign and the size of what flows through it."""
    if arrow.kind == "gradient" and arrow.contribution is None:
        return theme.gradient, "", 3.5
    if arrow.kind == "passed":
        return theme.gradient, "", 1.6
    if arrow.kind == "gradient":
        return theme.of_sign(arrow.contribution), "dashed" if arrow.contribution < 0 else "", 1 + 2.5 * _share(arrow)
    looks = {"rest": (theme.grey, "", 1.8), "operand": (theme.grey, "", 1.0), "faint": (theme.faint, "", 1.0)}
    return looks.get(arrow.kind, (theme.grey, "", 1.2))


def _share(arrow):
    """How much of the largest contribution an arrow carries, from 0 to 1."""
    if arrow.contribution is None or not np.isfinite(arrow.contribution):
        return 1.0
    return min(1.0, abs(arrow.contribution) / arrow.largest) if arrow.largest else 0.0
