"""A Picture in Graphviz's language, DOT.

Labels are HTML-like tables of lines aligned left: so they stay aligned also where the renderer measured with other fonts
than the viewer has. Names are escaped here, and only here.
"""

import html

import graphviz
import numpy as np

from ..formulas.brief import visible
from ..formulas.notation import number
from .picture import Line

FONT = "Helvetica,Arial,sans-serif"
SIZES = {"name": 15, "made": 12, "note": 11}  # points, by role; 13 for the others
MOST_NUMBERS = (4, 4)  # rows and columns of an array whose numbers are shown
MOST_CELLS = 12  # rows and columns of a heat map; of a larger array, each cell is the mean of a block


def to_dot(picture, theme, outputorder="edgesfirst"):
    """The DOT text of a picture in a theme. With its edges drawn first, boxes hide the ends of lines."""
    graph = graphviz.Digraph()
    graph.attr("graph", rankdir=picture.direction, bgcolor=theme.background, pad="0.3", nodesep="0.3", ranksep="0.6")
    graph.attr("graph", outputorder=outputorder)
    graph.attr("graph", fontname=FONT, fontcolor=theme.ink, fontsize=_size(17, theme), labelloc="t")
    graph.attr("node", fontname=FONT, fontsize=_size(13, theme), margin="0.12,0.06", width="0", height="0")
    graph.attr("edge", fontname=FONT, fontsize=_size(12, theme), arrowsize="0.7")
    if picture.title or picture.notes:
        graph.attr("graph", label=_title(picture, theme))
    for frame in [None, *(frame for frame in picture.frames if frame.parent is None)]:
        _add_frame(graph, frame, picture, theme)
    for arrow in picture.arrows:
        _add_arrow(graph, arrow, theme)
    return graph.source


def escape(text):
    """Text as it may stand in an HTML-like label, whatever characters are in it.

    >>> escape('<a & "b">'), escape("line\\nbreak")
    ('&lt;a &amp; &quot;b&quot;&gt;', 'line\\\\\\\\nbreak')
    """
    return (
        html.escape(visible(text)).replace("]", "&#93;").replace("\\", "\\\\")
    )  # Graphviz reads \N in a label as the node's name


def _tooltip(card):
    """A card as lines of plain text; Graphviz reads backslashes in it."""
    lines = [f"{label}: {text}" if label else text for label, text in card]
    return "\n".join(visible(line) for text in lines for line in text.splitlines()).replace("\\", "\\\\")


def _size(points, theme):
    return f"{points * theme.scale:g}"


def _font(text, theme, size, colour):
    return f'<FONT POINT-SIZE="{_size(size, theme)}" COLOR="{colour}">{text or " "}</FONT>'


def _title(picture, theme):
    lines = [_font(escape(line), theme, 17, theme.ink) for line in picture.title]
    lines += [_font(" ", theme, 4, theme.ink)] if lines and picture.notes else []
    lines += [_font(escape(note), theme, SIZES["note"], theme.grey) for note in picture.notes]
    return "<" + "<BR/>".join(lines) + "<BR/>" + _font(" ", theme, 9, theme.ink) + ">"


def _add_frame(graph, frame, picture, theme):
    """The boxes in a frame, and the frames within it; None stands for the picture as a whole."""
    inner_id = frame.id if frame else None
    if frame is None:
        for box in picture.boxes:
            if box.frame is None:
                _add_box(graph, box, theme)
        return
    with graph.subgraph(name=f"cluster_{frame.id}") as cluster:
        cluster.attr(label=f"<{_font(escape(frame.label), theme, 12, theme.grey)}>", color=theme.faint, style="rounded")
        cluster.attr(labeljust="l", margin="10")
        for box in picture.boxes:
            if box.frame == inner_id:
                _add_box(cluster, box, theme)
        for inner in picture.frames:
            if inner.parent == inner_id:
                _add_frame(cluster, inner, picture, theme)


def _add_box(graph, box, theme):
    look = theme.looks[box.kind]
    graph.node(
        box.id,
        label=f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{_rows(box, look, theme)}</TABLE>>',
        shape=look.shape,
        style=look.style,
        fillcolor=look.fill,
        color=look.border,
        penwidth=f"{look.width * theme.scale:g}",
        fontcolor=look.ink,
        tooltip=_tooltip(box.card) or " ",
        **({"group": "lane"} if box.lane else {}),
        **({"ordering": "in"} if box.kind not in ("neighbour", "operand", "note") else {}),
    )


def _rows(box, look, theme):
    """The rows of a box's table: a line of text, the numbers of a small array, or heat maps side by side."""
    align = "CENTER" if box.kind == "operation" else "LEFT"
    cells, maps, numbers = [], [], []
    for item in box.content:
        if isinstance(item, Line):
            cells.append(_text(item, look, theme))
        elif _is_small(item.array):
            numbers.append(item)
        else:
            maps.append(f'<TD ALIGN="LEFT" VALIGN="TOP">{_heat_map_with_range(item, look, theme)}</TD>')
    if numbers:
        cells.append(_numbers(numbers, look, theme))
    if maps:
        cells.append(f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="8" CELLPADDING="0"><TR>{"".join(maps)}</TR></TABLE>')
    return "".join(f'<TR><TD ALIGN="{align}">{cell}</TD></TR>' for cell in cells)


def _text(line, look, theme):
    colours = {"made": theme.grey, "note": theme.grey, "gradient": theme.gradient}
    colour = {**colours, "positive": theme.positive, "negative": theme.negative}.get(line.role, look.ink)
    return _font(escape(line.text), theme, SIZES.get(line.role, 13), colour)


def _is_small(array):
    """Whether the numbers of an array are shown, and not a heat map."""
    if np.ndim(array) > 2 or np.size(array) == 0:
        return False
    return all(n <= most for n, most in zip(_table(array).shape, MOST_NUMBERS, strict=True))


def _table(array):
    """An array of any number of axes as rows and columns; its last axis runs along the rows."""
    array = np.asarray(array, dtype=float)
    return array.reshape(-1, array.shape[-1]) if array.size and array.ndim else array.reshape(1, -1)


def _numbers(items, look, theme):
    """The numbers of small arrays, such as a value and its gradient, below each other; in front what they are."""
    rows = []
    for item in items:
        colour = theme.gradient if item.role == "gradient" else look.ink
        for i, row in enumerate(_table(item.array)):
            cells = "".join(f'<TD ALIGN="RIGHT">{_font(number(x, 3), theme, 11, colour)}</TD>' for x in row)
            if any(other.label for other in items):
                label = escape(item.label) if i == 0 and item.label else ""
                cells = f'<TD ALIGN="LEFT">{_font(label, theme, 11, colour)}</TD>{cells}'
            rows.append(f"<TR>{cells}</TR>")
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4">{"".join(rows)}</TABLE>'


def _heat_map_with_range(item, look, theme):
    """A heat map below what it shows and its smallest and largest number."""
    colour = theme.gradient if item.role == "gradient" else look.ink
    table = _table(item.array)
    span = f"{number(np.min(table), 2)} … {number(np.max(table), 2)}" if table.size else "empty"
    lines = [_font(escape(item.label or "value"), theme, 11, colour), _font(span, theme, 10, theme.grey)]
    lines += [_heat_map(table, theme)] if table.size else []
    rows = "".join(f'<TR><TD ALIGN="LEFT">{line}</TD></TR>' for line in lines)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'


def _heat_map(table, theme):
    """Small coloured cells: blue below zero, vermilion above, paler the nearer to zero."""
    blocks = _blocks(table, MOST_CELLS)
    largest = np.max(np.abs(blocks), where=np.isfinite(blocks), initial=0) or 1.0
    side = round(7 * theme.scale)
    fixed = f'FIXEDSIZE="TRUE" WIDTH="{side * blocks.shape[1] + 2}" HEIGHT="{side * blocks.shape[0] + 2}"'
    rows = "".join(f"<TR>{''.join(_cell(x / largest, side, theme) for x in row)}</TR>" for row in blocks)
    return f'<TABLE BORDER="1" COLOR="{theme.faint}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" {fixed}>{rows}</TABLE>'


def _cell(x, side, theme):
    """A coloured cell for a number between −1 and 1; with a minus where no colours tell negative from positive."""
    minus = _font("−", theme, 7, theme.background if x < -0.5 else theme.ink) if theme.patterns and x < -0.02 else ""
    return f'<TD BGCOLOR="{_heat(x, theme)}" WIDTH="{side}" HEIGHT="{side}" FIXEDSIZE="TRUE">{minus}</TD>'


def _blocks(table, most):
    """A table of at most `most` rows and columns, each the mean of a block of the given one.

    >>> _blocks(np.arange(8.0).reshape(2, 4), 2)
    array([[0.5, 2.5],
           [4.5, 6.5]])
    """
    for axis in (0, 1):
        if table.shape[axis] > most:
            table = np.stack([part.mean(axis=axis) for part in np.array_split(table, most, axis=axis)], axis=axis)
    return table


def _heat(x, theme):
    """The colour of a number between −1 and 1: between zero's colour and that of the end it leans to."""
    if not np.isfinite(x):
        return theme.ink  # NaN and infinities stand out
    end, zero = theme.heat[2] if x > 0 else theme.heat[0], theme.heat[1]
    mixed = (round(int(zero[i : i + 2], 16) * (1 - abs(x)) + int(end[i : i + 2], 16) * abs(x)) for i in (1, 3, 5))
    return "#" + "".join(f"{c:02x}" for c in mixed)


def _add_arrow(graph, arrow, theme):
    colour, style, width = _line_look(arrow, theme)
    attributes = {"color": colour, "penwidth": f"{width * theme.scale:.3g}"}
    if style:
        attributes["style"] = style
    if arrow.against:
        attributes["dir"] = "back"
    if arrow.kind in ("operand", "faint"):
        attributes["arrowsize"] = "0.5"
    if arrow.lines:
        shown = [_font(escape(line.text), theme, 12, colour if line.role == "gradient" else theme.ink) for line in arrow.lines]
        shown.append(_font(" ", theme, 3, colour))  # air between the text and the line
        attributes["label"] = "<" + "".join(f'{line}<BR ALIGN="LEFT"/>' for line in shown) + ">"
    if arrow.operand:
        attributes["headlabel"] = f"<{_font(escape(arrow.operand), theme, 10, theme.grey)}>"
        attributes |= {"labeldistance": "1.4", "labelangle": "28"}
    if arrow.card:
        attributes["tooltip"] = attributes["labeltooltip"] = _tooltip(arrow.card)
    if arrow.contribution is not None:
        attributes["weight"] = str(1 + round(20 * _share(arrow)))
    graph.edge(arrow.tail, arrow.head, **attributes)


def _line_look(arrow, theme):
    """Colour, style and width of an arrow: for gradients by the sign and the size of what flows through it."""
    if arrow.kind == "gradient":
        negative = arrow.contribution is not None and arrow.contribution < 0
        colour = theme.negative if negative else theme.positive
        return colour, "dashed" if negative and theme.patterns else "", 1 + 2.5 * _share(arrow)
    if arrow.kind == "rest":
        return theme.grey, "dotted", 1.8
    if arrow.kind == "operand":
        return theme.grey, "dashed", 1.0
    return (theme.faint, "", 1.0) if arrow.kind == "faint" else (theme.grey, "", 1.2)


def _share(arrow):
    """How much of the largest contribution an arrow carries, from 0 to 1."""
    if arrow.contribution is None or not np.isfinite(arrow.contribution):
        return 1.0
    return min(1.0, abs(arrow.contribution) / arrow.largest) if arrow.largest else 0.0
