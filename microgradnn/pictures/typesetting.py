"""What stands in boxes, set in type: lines with real subscripts, matrices between brackets, value and gradient as two blocks.

A `Block` is a group of marks with its width and height; its corner is at 0, 0. All is measured by our own table of letters, so
that every renderer draws the same.
"""

import re
from functools import partial
from itertools import groupby
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from ..formulas.aligned import aligned
from ..formulas.brief import visible
from ..formulas.signs import NORMAL
from ..formulas.unicode_text import number
from .arrays import SEEN, SMALLEST_SIGNED, cells_of, heat, is_small, pixels_of, side_of_tiles, table_of, tiles_of, told_of
from .layout import Rectangle
from .metrics import width_of
from .picture import Line
from .sheet import Bracket, Cells, Panel, Run, moved

SIZE = 18  # of all text in boxes; a layout then makes all as large as fits
LINE, ROW = 1.2 * SIZE, 1.22 * SIZE  # heights of a line, and of a row of a matrix
ASCENT = 0.78 * LINE  # from the top of a line to its baseline
PAD, COLUMN = 9, 12  # within a box, and between the columns of a matrix
AIR = 4  # above and below cells
TALLEST, HIGHEST = 32, 52  # bars, and those that have their number
MOST_LABELLED = 8  # bars
TICK = 5  # the ends of a bracket
AIR_OF_SCRIPTS, SLANT = 0.04, 0.09  # before a script, as renderers round where letters begin, and as slanted ones reach over
SCRIPT = 0.72  # the size of what stands above or below a line, of that of the line
LONGEST_NAME, WIDEST = 30, 250  # letters of a name; points of a line before it is broken
DETAILS = ("numbers", "vectors", "maps", "cells", "formulas", "bare", "names")  # what boxes show, from most to least
WITH_FORMULAS = DETAILS[:4]  # those of them that show numbers too
NUMERIC = frozenset(DETAILS) - {"formulas", "names"}
DENSE = ("vectors", "cells", "bare")  # a gradient has no name of its own, but the tint

BELOW, ABOVE = "₀₁₂₃₄₅₆₇₈₉₋ᵢ", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾ᵀ"
ON_LINE = {**NORMAL, ord("ᵢ"): "i", ord("ᵀ"): "T", ord("⁻"): "−", ord("₋"): "−"}  # what a script is, written smaller
WORD = "[A-Za-z0-9Α-ω]"
NAMES = re.compile(  # b_h, z_6² and h_(t−1), but neither log_softmax( nor keyword_name= nor a name of several words
    rf"(?<!\w)([A-Za-zΑ-ω]+)_(?:\((?P<more>[^()]*)\)|(?P<word>{WORD}+)(?![(=_]|{WORD}))"
)


class Block(NamedTuple):
    """Marks, from 0, 0 on, and how wide and high they are."""

    width: float
    height: float
    marks: list[Any]

    def at(self, x, y):
        """list: the marks, moved to a place."""
        return [moved(mark, x, y) for mark in self.marks]


def pieces_of(text):
    """A line as pairs of text and level: 0 on the line, −1 below it, 1 above.

    >>> pieces_of("x₁(1 − h²) + b_h")
    [('x', 0), ('1', -1), ('(1 − h', 0), ('2', 1), (') + b', 0), ('h', -1)]
    """
    letters = []
    for part, level in _underscores(text):
        for letter in part:
            at = level or (-1 if letter in BELOW else 1 if letter in ABOVE else 0)
            letters.append((letter.translate(ON_LINE) if at else letter, at))
    pieces = []
    for letter, level in letters:
        if pieces and pieces[-1][1] == level:
            pieces[-1] = (pieces[-1][0] + letter, level)
        else:
            pieces.append((letter, level))
    return pieces


def _underscores(text):
    """What stands behind an underscore in a name is below the line."""
    end = 0
    for found in NAMES.finditer(text):
        yield text[end : found.end(1)], 0
        end = found.end()
        comma = "," if text[end : end + 1] and text[end] in BELOW else ""  # element 1 of z_1 is z₁,₁, and not z₁₁
        yield (found["word"] or found["more"]) + comma, -1
    yield text[end:], 0


def line_of(parts, size=SIZE, with_scripts=True):
    """A line of (text, colour, style) parts as a Block."""
    x, marks, line = 0.0, [], LINE / SIZE * size
    for text, colour, style in parts:
        for piece, level in pieces_of(visible(text)) if with_scripts else [(visible(text), 0)]:
            at = size * SCRIPT if level else size
            width = width_of(piece, at, "b" in style)
            bare = piece.strip(" ")
            x += (SLANT if "i" in style else AIR_OF_SCRIPTS) * size if level else 0
            if bare:
                start = x + width_of(piece[: len(piece) - len(piece.lstrip(" "))], at)
                y = 0.78 * line + (0.17 * size if level < 0 else -0.33 * size if level else 0)
                marks.append(Run(start, y, bare, at, colour, style, bool(level)))
            x += width + (AIR_OF_SCRIPTS * size if level else 0)
    return Block(x, line, marks)


def broken(text, widest=WIDEST, size=SIZE):
    """A text as lines that are not much wider than `widest`: broken at spaces, the sign of an operation first in its line.

    >>> broken("tanh(x W + b)", 1000), broken("aaaa bbbb + cccc dddd", 90)
    (['tanh(x W + b)'], ['aaaa bbbb', '+ cccc', 'dddd'])
    """
    lines = [""]
    for word in re.split(r"(?<![+−·⊙/=]) (?=[+−·⊙/=]|\S{3,})", text):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size) > widest:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def in_terms(text, widest=WIDEST, size=SIZE):
    """A formula in lines: broken between the terms of its sum if they fit, and within them only if they do not.

    >>> in_terms("a · (b + c) + d · e", 80)
    ['a · (b + c)', '+ d · e']
    """
    terms, depth, start = [], 0, 0
    for i, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and text[i : i + 3] in (" + ", " − "):
            terms.append(text[start:i])
            start = i + 1
    lines = [""]
    for term in [*terms, text[start:]]:
        longer = f"{lines[-1]} {term}".strip()
        if width_of(longer, size) <= widest:
            lines[-1] = longer
        else:
            lines += broken(term, widest, size)
    return [line for line in lines if line]


def in_lines(parts, widest):
    """(text, colour) parts one after the other, in as many lines as they need; what no dot parts stays together if it can."""
    lines, line, used = [], [], 0.0
    for group in _groups(parts):
        width = line_of([(text, colour, "") for text, colour in group]).width
        if line and used + width > widest and (width <= widest or not group[0][0].strip(" ·")):
            lines, line, used = [*lines, line], [], 0.0
        for text, colour in group:
            block = line_of([(text, colour, "")])
            if line and used + block.width > widest:
                lines, line, used = [*lines, line], [], 0.0
            line.append((text if line else text.lstrip(" ·,"), colour, ""))
            used += block.width
    return [line_of(parts) for parts in [*lines, line] if any(text.strip() for text, *_ in parts)]


def _groups(parts):
    """The parts up to each dot that parts two things, which begins the next group."""
    groups = []
    for part in parts:
        if groups and not part[0].lstrip().startswith("·"):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def titles_of(picture, theme, widest, size):
    """The lines of a picture's title, and room for the titles that it has at other times, which may be longer."""
    titles = [
        [line for title in each for line in broken(title, widest, size)] for each in (picture.title, *zip(picture.titles))
    ]
    now, *others = ([line_of([(line, theme.ink, "")], size) for line in lines] for lines in titles)
    width = max((line.width for lines in others for line in lines), default=0.0)
    height = max((sum(line.height for line in lines[len(now) :]) for lines in others), default=0.0)
    return [*now, Block(width, height, [])] if others else now


def clipped(text, longest=LONGEST_NAME):
    """A text of at most so many letters, with its end said to be missing.

    >>> clipped("a" * 50, 10)
    'aaaaaaaaa…'
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"


def within(text, widest, size=SIZE):
    """A text that is at most so wide, with its end said to be missing.

    >>> within("WWWW", 100), within("WWWW", 60)
    ('WWWW', 'WW…')
    """
    letters = len(text)
    while letters > 1 and width_of(clipped(text, letters), size) > widest:
        letters -= 1
    return clipped(text, letters)


def stacked(blocks, gap=0.0):
    """Blocks below each other."""
    y, marks = 0.0, []
    for block in blocks:
        marks += block.at(0, y)
        y += block.height + gap
    return Block(max((block.width for block in blocks), default=0.0), max(0.0, y - gap), marks)


def matrix_of(table, colour_of, theme, ink, style=""):
    """The numbers of a table between brackets: points below each other, each in the colour that a function gives it.

    NaN and infinities stand out, on ink.
    """
    written = aligned(table)
    columns = list(zip(*written.texts, strict=True))
    widths = [max(width_of(text, SIZE, "b" in style) for text in column) for column in columns]
    marks, x0 = [], 0.0
    if written.factor:
        front = line_of([(written.factor + " ", ink, style)])
        x0 = front.width + 4
        marks += front.at(0, (ROW * len(table) - LINE) / 2)
    height, right = ROW * len(table), x0 + TICK
    for j, (column, width) in enumerate(zip(columns, widths, strict=True)):
        right += width + (COLUMN if j else 3)
        for i, text in enumerate(column):
            x = right - width_of(text, SIZE, "b" in style)
            marks.append(Run(x, i * ROW + ASCENT + 0.4, text, SIZE, colour_of(table[i][j]), style))
            if not isfinite(table[i][j]):
                marks.insert(0, Panel(Rectangle(x - 3, i * ROW + 1.5, right - x + 6, ROW - 3), theme.ink))
                marks[-1] = marks[-1]._replace(colour=theme.looks["parameter"].fill)
    right += 3 + TICK
    marks += [Bracket(x0, 1, height - 2, TICK, ink), Bracket(right, 1, height - 2, -TICK, ink)]
    return Block(right, height, marks)


def map_of(array, theme, is_told=True):
    """A heat map below what is said of it."""
    told = [line_of([(line, theme.grey, "")]) for line in told_of(array)] if is_told else []
    tiles = tiles_of(array)
    if tiles:
        return stacked([*told, _tiles(pixels_of(tiles), theme)])
    table = table_of(array)
    if not table.size:
        return stacked(told)
    cells = cells_of(table)
    side = max(8.0, 16.0 - max(cells.shape))
    down, across = (side * n for n in cells.shape)
    colours = tuple(tuple(heat(x, theme) for x in row) for row in cells)
    place = Rectangle(0, AIR, across, down)
    picture = Block(across, down + AIR, [Cells(place, colours, theme.faint), *_minuses(cells, place, theme)])
    return stacked([*told, picture])


def _minuses(cells, place, theme):
    """A minus in each negative cell, as in greyscale colours say no signs; where cells are too small for it, hatching."""
    side = place.height / len(cells)
    is_hatched = side < SMALLEST_SIGNED
    bars = []
    for i, j, count in _runs(cells < -SEEN) if is_hatched else [(i, j, 1) for i, j in np.argwhere(cells < -SEEN)]:
        mean = float(np.mean(cells[i][j : j + count]))
        colour = heat(mean / 2 - 0.5, theme) if is_hatched else theme.negative
        air, line = (0.0, 0.22 * side) if is_hatched else (0.2 * side, 0.12 * side)
        x, y = place.x + j * side + air, place.y + (i + 0.5) * side - line / 2
        bars.append(Panel(Rectangle(x, y, count * side - 2 * air, line), theme.background if mean < -0.5 else colour))
    return bars


def _runs(mask):
    """(row, column, length) of what is true without a gap in the rows of a mask.

    >>> _runs(np.array([[True, True, False, True]]))
    [(0, 0, 2), (0, 3, 1)]
    """
    found = []
    for i, row in enumerate(mask.tolist()):
        j = 0
        for is_on, group in groupby(row):
            length = len(list(group))
            found += [(i, j, length)] if is_on else []
            j += length
    return found


def _tiles(maps, theme):
    """Maps of an image, two beside each other."""
    down, across = maps[0].shape
    side = side_of_tiles(maps)
    a_row = min(2, len(maps))
    marks = []
    for i, cells in enumerate(maps):
        x, y = (i % a_row) * (across * side + 4), AIR + (i // a_row) * (down * side + 4)
        colours = tuple(tuple(heat(value, theme) for value in row) for row in cells)
        place = Rectangle(x, y, across * side, down * side)
        marks += [Cells(place, colours, theme.faint), *_minuses(cells, place, theme)]
    rows = -(-len(maps) // a_row)
    return Block(a_row * (across * side + 4) - 4, rows * (down * side + 4) - 4 + 2 * AIR, marks)


def bars_of(sizes, theme):
    """Sizes as bars beside each other: each below its number and above its place, or, where they are many, below their range.

    They are grey: they are sizes, and say nothing of signs.
    """
    if len(sizes) > MOST_LABELLED:
        width = min(14.0, max(4.0, 190 / len(sizes)))
        told = line_of([(f"{number(float(sizes[0]), 2)} … {number(float(sizes[-1]), 2)}", theme.grey, "")])
        marks = [_bar(size, sizes, i * (width + 2), width, theme, TALLEST) for i, size in enumerate(sizes)]
        return stacked([told, Block(len(sizes) * (width + 2), TALLEST + 2 * AIR, marks)])
    numbers = [line_of([(number(float(size), 2), theme.ink, "i")]) for size in sizes]
    places = [line_of([(f"t = {i}" if i == 1 else str(i), theme.grey, "")]) for i in range(1, len(sizes) + 1)]
    width = max(block.width for block in (*numbers, places[0]))
    marks, step = [], width + COLUMN
    for i, (size, above, below) in enumerate(zip(sizes, numbers, places, strict=True)):
        x = i * step
        bar = _bar(size, sizes, x + 0.15 * width, 0.7 * width, theme, HIGHEST)
        y = AIR + HIGHEST - bar.place.height
        marks += above.at(x + (width - above.width) / 2, y)
        marks += [moved(bar, 0, LINE), *below.at(x + (width - below.width) / 2, LINE + HIGHEST + AIR + 2)]
    line = Rectangle(0, LINE + AIR + HIGHEST, step * len(sizes) - COLUMN, 1.2)
    return Block(step * len(sizes) - COLUMN, 2 * LINE + HIGHEST + 2 * AIR, [*marks, Panel(line, theme.ink)])


def _bar(size, sizes, x, width, theme, tallest):
    """A bar whose foot is `tallest` below the top, in proportion to the largest."""
    tall = max(0.8, tallest * float(size) / max(float(np.max(sizes)), 1e-300))
    return Panel(Rectangle(x, AIR + tallest - tall, width, tall), theme.grey)


def _same(colour, x):
    return colour


def array_of(item, theme, ink, detail):
    """The array of an item as a matrix or a map; in italics and the colours of signs if it is a gradient."""
    if item.bars and np.all(np.isfinite(item.array)):
        return bars_of(item.array, theme)
    table = table_of(item.array, item.column)
    as_numbers = detail == "numbers" or item.array.size == 1 or (detail == "vectors" and min(table.shape) == 1)
    if not as_numbers or not is_small(item.array):
        return map_of(item.array, theme, detail not in DENSE)
    if item.role == "gradient":
        return matrix_of(table, theme.of_sign, theme, ink, "i")
    return matrix_of(table, partial(_same, ink), theme, ink)


def set_box(box, theme, detail="numbers", beside=False, longest=LONGEST_NAME, least=0.0):
    """What stands in a box as a Block with its padding; `beside` sets a gradient to the right of the value, and not below.

    Of names longer than `longest` the end is left out. The box is to be `least` points wide.
    """
    ink = theme.looks[box.kind].ink
    content = [item for item in box.content if detail in NUMERIC or (isinstance(item, Line) and item.role in ("name", "made"))]
    if detail == "names":
        content = [item for item in content if item.role == "name"] or content
    if detail == "bare":
        content = [item for item in content if item.role != "made"] or content
    if box.kind == "operation":
        content = [item for item in content if item.role != "shape"]
    values = _values(content, theme, ink, detail, longest, with_scripts=box.kind != "operation")
    gradients = _gradients(content, theme, ink, detail)
    if not gradients.marks:
        return _padded(values, PAD)
    is_round = "rounded" in theme.looks[box.kind].style
    if detail in DENSE and not any(not isinstance(item, Line) and item.bars for item in content):
        return _padded(_in_cells(values, gradients, theme, is_round), PAD)
    if beside:
        width, height = values.width + gradients.width + 4 * PAD - 4, max(values.height, gradients.height) + 2 * PAD - 2
        left = values.width + 2 * PAD - 2
        tint = Panel(Rectangle(left, 5, gradients.width + 2 * PAD - 3, height - 10), theme.tint, rounded=is_round)
        return Block(width, height, [tint, *values.at(PAD, PAD - 3), *gradients.at(left + PAD - 3, PAD - 2)])
    width = max(values.width + 2 * PAD, gradients.width + 2 * PAD, least)
    top = PAD - 3 + values.height + 6
    tint = Panel(Rectangle(5, top, width - 10, gradients.height + 6), theme.tint, rounded=is_round)
    return Block(width, top + gradients.height + 11, [*values.at(PAD, PAD - 3), tint, *gradients.at(PAD, top + 3)])


def _in_cells(values, gradients, theme, is_round):
    """A gradient's cells, or number, on the tint beside those of the value."""
    cells = [mark.place for mark in values.marks if isinstance(mark, Cells)]
    if not cells and gradients.height <= ROW < gradients.width / 2:  # a row of numbers stands below another one
        tint = Panel(Rectangle(-4, values.height + 4, gradients.width + 8, gradients.height + 4), theme.tint, rounded=is_round)
        height = values.height + gradients.height + 8
        return Block(max(values.width, gradients.width + 4), height, [*values.marks, tint, *gradients.at(0, values.height + 6)])
    left = max(place.x + place.width for place in cells) + 8 if cells else values.width + 8
    top = cells[0].y - AIR if cells else max(0.0, values.height - gradients.height)
    tint = Panel(Rectangle(left, top, gradients.width + 12, gradients.height + AIR), theme.tint, rounded=is_round)
    marks = [*values.marks, tint, *gradients.at(left + 6, top)]
    return Block(max(values.width, left + gradients.width + 12), max(values.height, top + gradients.height + AIR), marks)


def _padded(block, pad):
    """A block with air around it."""
    return Block(block.width + 2 * pad, block.height + 2 * pad - 4, block.at(pad, pad - 3))


def _values(content, theme, ink, detail, longest, with_scripts=True):
    """Name and how it was made, shape, value."""
    numbers_shown = any(not isinstance(item, Line) and is_small(item.array) for item in content) and detail == "numbers"
    blocks, name = [], None
    for item in content:
        if not isinstance(item, Line):
            blocks += [array_of(item, theme, ink, detail)] if item.role == "value" else []
        elif item.role == "name" and name is None:
            name = [(clipped(item.text, longest), ink, "b")]
            blocks.append(None)
        elif item.text.startswith("= ") and item.role in ("made", "value") and blocks == [None]:
            blocks[:] = _headed(name, item.text, theme.grey if item.role == "made" else ink)
        elif item.role == "code":
            blocks.append(line_of([(item.text, theme.grey, "")], with_scripts=False))
        elif item.role == "shape" and (numbers_shown or detail in DENSE):
            continue
        elif item.number is None:
            colour = {"value": ink, "name": ink, "gradient": theme.gradient}.get(item.role, theme.grey)
            blocks += [line_of([(line, colour, "")]) for line in broken(item.text)]
    return stacked([line_of(name, with_scripts=with_scripts) if block is None else block for block in blocks])


def _headed(name, text, colour):
    """A name, and what it equals: in its line if there is room, else below it."""
    first, *others = broken(f"{name[0][0]} {text}")
    rest = first.removeprefix(name[0][0])
    return [line_of([*name, (rest, colour, "")]), *(line_of([(line, colour, "")]) for line in others)]


def _gradients(content, theme, ink, detail):
    """Gradients, each below its name or behind it; numbers in the colours of their signs."""
    blocks = []
    for item in content:
        if isinstance(item, Line) and item.number is not None:
            before, written = ("", item.parts[1]) if detail in DENSE else item.parts
            before = before if len(before) <= LONGEST_NAME else f"{clipped(before)} = "
            blocks.append(line_of([(before, ink, "i"), (written, theme.of_sign(item.number), "i")]))
        elif not isinstance(item, Line) and item.role == "gradient":
            blocks += [] if detail in DENSE else [line_of([(clipped(item.label), ink, "i")])]
            blocks.append(array_of(item, theme, ink, detail))
    return stacked(blocks)
