"""What stands in boxes and at arrows, as Graphviz's HTML-like labels; cells are coloured by the sign of their number.

They are tables of lines aligned left: so they stay aligned also where the renderer measured with other fonts than the viewer
has. Names are escaped here, and only here.
"""

import html

import numpy as np

from ..formulas.brief import visible
from ..formulas.unicode_text import number
from .picture import Line

SIZES = {"name": 15, "made": 12, "note": 11}  # points, by role; 13 for the others
MOST_NUMBERS = (4, 4)  # rows and columns of an array whose numbers are shown
MOST_CELLS = 12  # rows and columns of a heat map; of a larger array, each cell is the mean of a block


def escape(text):
    """Text as it may stand in an HTML-like label, whatever characters are in it.

    >>> escape('<a & "b">'), escape("line\\nbreak")
    ('&lt;a &amp; &quot;b&quot;&gt;', 'line\\\\\\\\nbreak')
    """
    return (
        html.escape(visible(text)).replace("]", "&#93;").replace("\\", "\\\\")
    )  # Graphviz reads \N in a label as the node's name


def font(text, theme, size, colour):
    """Text in a size and a colour."""
    return f'<FONT POINT-SIZE="{size * theme.scale:g}" COLOR="{colour}">{escape(text) or " "}</FONT>'


def title_label(picture, theme):
    """The title of a picture, and below it the notes."""
    lines = [font(line, theme, 17, theme.ink) for line in picture.title]
    lines += [font(" ", theme, 4, theme.ink)] if lines and picture.notes else []
    lines += [font(note, theme, SIZES["note"], theme.grey) for note in picture.notes]
    return "<" + "<BR/>".join(lines) + "<BR/>" + font(" ", theme, 9, theme.ink) + ">"


def frame_label(frame, theme):
    """What stands in the corner of a frame."""
    return f"<{font(frame.label, theme, 12, theme.grey)}>"


def lines_label(arrow, colour, theme):
    """The lines beside an arrow: those about its gradient in its colour."""
    lines = [font(line.text, theme, 12, colour if line.role == "gradient" else theme.ink) for line in arrow.lines]
    lines.append(font(" ", theme, 3, colour))  # air between the text and the line
    return "<" + "".join(f'{line}<BR ALIGN="LEFT"/>' for line in lines) + ">"


def table_label(box, theme, width=None):
    """What stands in a box; where its width is known, the text stays at the left however short it is."""
    align = "CENTER" if box.kind == "operation" else "LEFT"
    wide = "" if width is None else f' WIDTH="{round(width)}"'
    rows = "".join(f'<TR><TD ALIGN="{align}"{wide}>{cell}</TD></TR>' for cell in _cells(box, theme.looks[box.kind], theme))
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>>'


def _cells(box, look, theme):
    """The rows of a box's table: a line of text, the numbers of small arrays, or heat maps side by side."""
    cells, maps, numbers = [], [], []
    for item in box.content:
        if isinstance(item, Line):
            cells.append(_text(item, look, theme))
        elif is_small(item.array):
            numbers.append(item)
        else:
            maps.append(f'<TD ALIGN="LEFT" VALIGN="TOP">{_heat_map_with_range(item, look, theme)}</TD>')
    if numbers:
        cells.append(_numbers(numbers, look, theme))
    if maps:
        cells.append(f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="8" CELLPADDING="0"><TR>{"".join(maps)}</TR></TABLE>')
    return cells


def _text(line, look, theme):
    colours = {"made": theme.grey, "note": theme.grey, "gradient": theme.gradient}
    colour = {**colours, "positive": theme.positive, "negative": theme.negative}.get(line.role, look.ink)
    return font(line.text, theme, SIZES.get(line.role, 13), colour)


def is_small(array):
    """Whether the numbers of an array are shown, and not a heat map."""
    if np.ndim(array) > 2 or np.size(array) == 0:
        return False
    return all(n <= most for n, most in zip(table_of(array).shape, MOST_NUMBERS, strict=True))


def table_of(array):
    """An array of any number of axes as rows and columns; its last axis runs along the rows."""
    array = np.asarray(array, dtype=float)
    return array.reshape(-1, array.shape[-1]) if array.size and array.ndim else array.reshape(1, -1)


def _numbers(items, look, theme):
    """The numbers of small arrays, such as a value and its gradient, below each other; in front what they are."""
    rows = []
    for item in items:
        colour = theme.gradient if item.role == "gradient" else look.ink
        for i, row in enumerate(table_of(item.array)):
            cells = "".join(f'<TD ALIGN="RIGHT">{font(number(x, 3), theme, 11, colour)}</TD>' for x in row)
            if any(other.label for other in items):
                label = item.label if i == 0 and item.label else ""
                cells = f'<TD ALIGN="LEFT">{font(label, theme, 11, colour)}</TD>{cells}'
            rows.append(f"<TR>{cells}</TR>")
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4">{"".join(rows)}</TABLE>'


def _heat_map_with_range(item, look, theme):
    """A heat map below what it shows and its smallest and largest number."""
    colour = theme.gradient if item.role == "gradient" else look.ink
    table = table_of(item.array)
    span = f"{number(np.min(table), 2)} … {number(np.max(table), 2)}" if table.size else "empty"
    lines = [font(item.label or "value", theme, 11, colour), font(span, theme, 10, theme.grey)]
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
    minus = font("−", theme, 7, theme.background if x < -0.5 else theme.ink) if theme.patterns and x < -0.02 else ""
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
