"""What stands in boxes and at arrows, as Graphviz's HTML-like labels; numbers and cells have the colours of their signs.

They are tables of lines aligned left: so they stay aligned also where the renderer measured with other fonts than the viewer
has. Names are escaped here, and only here.
"""

import html
from itertools import repeat

import numpy as np

from ..formulas.aligned import aligned
from ..formulas.brief import visible
from .arrays import cells_of, heat, is_small, table_of, told_of
from .legend import legend_of
from .picture import Line

LONGEST = 400  # letters of a line
ON_TINT = 4  # points between text and the border of what lies behind it
SIZES = {"name": 15, "made": 12, "note": 11, "shape": 11, "code": 12}  # points, by role; 13 for the others


def escape(text):
    """Text as it may stand in an HTML-like label, whatever characters are in it; the end of a very long one is left out.

    >>> escape('<a & "b">'), escape("line\\nbreak")
    ('&lt;a &amp; &quot;b&quot;&gt;', 'line\\\\\\\\nbreak')
    """
    return (
        html.escape(_bounded(visible(text))).replace("]", "&#93;").replace("\\", "\\\\")
    )  # Graphviz reads \N in a label as the node's name


def _bounded(text):
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def font(text, size, colour):
    """Text in a size and a colour."""
    return f'<FONT POINT-SIZE="{size}" COLOR="{colour}">{escape(text) or " "}</FONT>'


def has_title(picture, theme):
    """Whether anything stands above a picture."""
    return bool(picture.title or picture.notes or legend_of(picture, theme))


def title_label(picture, theme):
    """The title of a picture, and below it the notes, and what its colours say."""
    lines = [font(line, 17, theme.ink) for line in picture.title]
    below = [font(note, SIZES["note"], theme.grey) for note in picture.notes]
    legend = "".join(font(text, SIZES["note"], colour) for text, colour in legend_of(picture, theme))
    below += [legend] if legend else []
    lines += [font(" ", 4, theme.ink)] if lines and below else []
    return "<" + "<BR/>".join([*lines, *below]) + "<BR/>" + font(" ", 9, theme.ink) + ">"


def frame_label(frame, theme):
    """What stands in the corner of a frame."""
    return f"<{font(frame.label, 12, theme.grey)}>"


def lines_label(arrow, theme):
    """The lines beside an arrow: the number in the colour of its sign."""
    lines = [_in_parts(line, 12, theme.ink, theme) for line in arrow.lines]
    lines.append(font(" ", 3, theme.ink))  # air between the text and the line
    return "<" + "".join(f'{line}<BR ALIGN="LEFT"/>' for line in lines) + ">"


def table_label(box, theme):
    """What stands in a box."""
    align = "CENTER" if box.kind == "operation" else "LEFT"
    rows = "".join(f'<TR><TD ALIGN="{align}"{tint}>{cell}</TD></TR>' for cell, tint in _cells(box, theme))
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>>'


def _cells(box, theme):
    """The rows of a box's table, and what lies behind each: lines of text, small arrays, or heat maps side by side."""
    look, tint = theme.looks[box.kind], f' BGCOLOR="{theme.tint}" CELLPADDING="{ON_TINT}"'
    cells, maps = [], []
    for item in box.content:
        behind = tint if item.role == "gradient" else ""
        if isinstance(item, Line):
            cells.append((_text(item, look, theme), tint if item.number is not None else ""))
        elif is_small(item.array):
            cells += [(_text(Line(item.label), look, theme), behind)] if item.label else []
            cells.append((_matrix(item, look, theme), behind))
        else:
            maps.append(f'<TD ALIGN="LEFT" VALIGN="TOP"{behind}>{_heat_map_with_range(item, look, theme)}</TD>')
    if maps:
        cells.append((f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="8" CELLPADDING="0"><TR>{"".join(maps)}</TR></TABLE>', ""))
    return cells


def _text(line, look, theme):
    colour = (
        theme.grey
        if line.role in ("made", "note", "shape", "code")
        else theme.gradient
        if line.role == "gradient"
        else look.ink
    )
    return _in_parts(line, SIZES.get(line.role, 13), look.ink if line.number is not None else colour, theme)


def _in_parts(line, size, colour, theme):
    """A line whose number, if it has one, has the colour of its sign."""
    before, written = line.parts
    if line.number is None:
        return font(before, size, colour)
    return (font(before, size, theme.ink) if before else "") + font(written, size, theme.of_sign(line.number))


def _matrix(item, look, theme):
    """The numbers of a small array between brackets, with the same decimals; those of gradients in the colours of signs."""
    table = table_of(item.array, item.column)
    written = aligned(table)
    is_gradient = item.role == "gradient"
    rows = []
    for i, (numbers, texts) in enumerate(zip(table, written.texts, strict=True)):
        colours = [theme.of_sign(x) if is_gradient else look.ink for x in numbers]
        cells = "".join(map(_number, numbers, texts, colours, repeat(theme)))
        edges = [_bracket(side, len(table), look.ink) if i == 0 else "" for side in ("LTB", "RTB")]
        rows.append(f"<TR>{edges[0]}{cells}{edges[1]}</TR>")
    matrix = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">{"".join(rows)}</TABLE>'
    if not written.factor:
        return matrix
    factor = f"<TD>{font(written.factor, 11, look.ink)}</TD>"
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{factor}<TD>{matrix}</TD></TR></TABLE>'


def _number(x, text, colour, theme):
    """A cell with a number; what is not finite stands out, on ink."""
    if np.isfinite(x):
        return f'<TD ALIGN="RIGHT">{font(text, 11, colour)}</TD>'
    return f'<TD ALIGN="RIGHT" BGCOLOR="{theme.ink}">{font(text, 11, theme.looks["parameter"].fill)}</TD>'


def _bracket(sides, rows, colour):
    """A cell that is the bracket at one side of a matrix."""
    return f'<TD ROWSPAN="{rows}" WIDTH="4" CELLPADDING="0" BORDER="1" SIDES="{sides}" COLOR="{colour}"></TD>'


def _heat_map_with_range(item, look, theme):
    """A heat map below what it shows and its smallest and largest number."""
    table = table_of(item.array)
    lines = [font(item.label or "value", 11, look.ink), *(font(line, 10, theme.grey) for line in told_of(item.array))]
    lines += [_heat_map(table, theme)] if table.size else []
    rows = "".join(f'<TR><TD ALIGN="LEFT">{line}</TD></TR>' for line in lines)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'


def _heat_map(table, theme):
    """Small coloured cells, paler the nearer to zero."""
    blocks = cells_of(table)
    side = 7
    fixed = f'FIXEDSIZE="TRUE" WIDTH="{side * blocks.shape[1] + 2}" HEIGHT="{side * blocks.shape[0] + 2}"'
    rows = "".join(f"<TR>{''.join(_cell(x, side, theme) for x in row)}</TR>" for row in blocks)
    return f'<TABLE BORDER="1" COLOR="{theme.faint}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" {fixed}>{rows}</TABLE>'


def _cell(x, side, theme):
    """A coloured cell for a number between −1 and 1; with a minus where no colours tell negative from positive."""
    minus = font("−", 7, theme.background if x < -0.5 else theme.ink) if not theme.is_coloured and x < -0.02 else ""
    return f'<TD BGCOLOR="{heat(x, theme)}" WIDTH="{side}" HEIGHT="{side}" FIXEDSIZE="TRUE">{minus}</TD>'
