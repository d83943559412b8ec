"""A Picture in Graphviz's language, DOT, arrows in the colour of the sign of what flows.

It is to be read, and to be laid out by Graphviz. Which colours signs have, a Theme says.
"""

from math import ceil
from typing import NamedTuple

import graphviz
import numpy as np

from ..formulas.brief import visible
from .dot_labels import frame_label, has_title, lines_label, table_label, title_label

LONGEST = 2000  # letters of a tooltip; Graphviz 2.43 refuses quoted strings of more than 16,384
FONT = "Helvetica,Arial,sans-serif"
MARGIN = 0.12  # inches between the text and the border of a box, left and right
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


def to_dot(picture, theme):
    """The DOT text of a picture in a theme; with its edges drawn first, boxes hide the ends of lines."""
    graph = graphviz.Digraph()
    graph.attr("graph", rankdir=picture.direction, nodesep="0.3", ranksep="0.6", bgcolor=theme.background, pad="0.3")
    graph.attr("graph", outputorder="edgesfirst")
    graph.attr("graph", fontname=FONT, fontcolor=theme.ink, fontsize="17", labelloc="t")
    graph.attr("node", fontname=FONT, fontsize="13", margin=f"{MARGIN},0.06", width="0", height="0")
    graph.attr("edge", fontname=FONT, fontsize="12", arrowsize=str(TIP))
    if has_title(picture, theme):
        graph.attr("graph", label=title_label(picture, theme))
    for box in picture.boxes:
        if box.frame is None:
            _add_box(graph, box, theme)
    for frame in picture.frames:
        if frame.parent is None:
            _add_frame(graph, frame, picture, theme)
    for arrow in picture.arrows:
        _add_arrow(graph, arrow, theme)
    return graph.source


def _add_frame(graph, frame, picture, theme):
    """A frame with the boxes in it, and the frames within it."""
    with graph.subgraph(name=f"cluster_{frame.id}") as cluster:
        cluster.attr(label=frame_label(frame, theme) if frame.label else "", color=theme.faint, style="rounded")
        cluster.attr(labeljust="l", margin="10")
        for box in picture.boxes:
            if box.frame == frame.id:
                _add_box(cluster, box, theme)
        for inner in picture.frames:
            if inner.parent == frame.id:
                _add_frame(cluster, inner, picture, theme)


def _add_box(graph, box, theme):
    look = theme.looks[box.kind]
    graph.node(
        box.id,
        label=table_label(box, theme),
        shape=look.shape,
        style=look.style,
        fillcolor=look.fill,
        color=look.border,
        penwidth=f"{look.width:g}",
        fontcolor=look.ink,
        tooltip=tooltip_of(box.card) or " ",
        **_order(box),
    )


def tooltip_of(card):
    """A card as lines of plain text, of which a long one's end is left out; Graphviz reads backslashes in it."""
    lines = [f"{label}: {text}" if label else text for label, text in card]
    text = "\n".join(visible(line) for text in lines for line in text.splitlines())
    return (text if len(text) <= LONGEST else text[:LONGEST] + "…").replace("\\", "\\\\")


def _add_arrow(graph, arrow, theme):
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
    graph.edge(arrow.tail, arrow.head, **attributes)


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
