"""A picture wrapped into a page: its columns in bands, as words in lines, with the largest type that fits.

Where the type would be smaller than the page allows, the boxes say less: cells for matrices, then for all numbers, formulas
alone, cells alone, names. If boxes are still too many, those that are furthest from the output go. What was left out is said.
"""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

from .columns import BESIDE, GAP, LEAF_GAP, Row, Setting, blocks_of, in_order, row_of, widths_of
from .layout import Rectangle
from .legend import legend_of
from .metrics import width_of
from .picture import Arrow, Box, Line
from .routes import BAND, LANE, labels_of, lanes_of, ways_of, widest_label
from .shapes import shape_named
from .sheet import Node, Sheet, pile_of, scaled
from .typesetting import DENSE, DETAILS, NUMERIC, SIZE, Block, broken, in_lines, line_of, stacked, titles_of

TITLE = 23  # the size of a title
SIDE = 24  # margin, with room for an arrow from one band to the next
WIDEST_GAP = 120
MOST_BANDS = 12
MOST_COLUMNS = 120  # a longer row is cut before it is set in type
SAID = {
    "vectors": "matrices as cells",
    "maps": "numbers as cells",
    "cells": "numbers as cells",
    "formulas": "values and gradients are left out",
    "bare": "formulas are left out",
    "names": "all but names is left out",
}


class Choice(NamedTuple):
    """A row in a setting, wrapped: how large the type can be, and which columns are in which band."""

    zoom: float
    row: Row
    setting: Setting
    blocks: dict[str, Block]
    bands: list[range]
    header: Block
    footer: Block


def wrapped(picture, shape, theme):
    """The Sheet of a picture on a page of that shape."""
    page = shape_named(shape)
    row = row_of(_without_end(picture, MOST_COLUMNS))
    choice = _fullest(picture, row, page, theme)
    if choice.zoom * SIZE < page.smallest:
        choice = _longest(picture, page, theme)
    return Composer(choice, page, theme).sheet()


def fits(picture, shape, theme, details=DETAILS[:1]):
    """Whether a picture fits a page in type that is large enough, in one of these details: by default with all its numbers."""
    page = shape_named(shape)
    row = row_of(picture)
    if len(row.heads) > MOST_COLUMNS:
        return False
    return any(SIZE * _best(picture, row, page, theme, detail).zoom >= page.smallest for detail in details)


def _fullest(picture, row, page, theme):
    """The choice that says most, of those whose type is large enough; else the one of names alone."""
    for detail in DETAILS:
        choice = _best(picture, row, page, theme, detail)
        if choice.zoom * SIZE >= page.smallest:
            break
    return choice


def _longest(picture, page, theme):
    """The choice with as many columns before the output as can be, and the others left out; names alone stand in them."""
    few, many = 1, min(MOST_COLUMNS, len(row_of(picture).heads))
    best = _best(picture, row_of(_without_end(picture, few)), page, theme, DETAILS[-1], _left_out(picture, few))
    while few + 1 < many:
        count = (few + many) // 2
        part = row_of(_without_end(picture, count))
        choice = _best(picture, part, page, theme, DETAILS[-1], _left_out(picture, count))
        few, many, best = (count, many, choice) if choice.zoom * SIZE >= page.smallest else (few, count, best)
    return best


def _results(picture):
    heads = {arrow.head for arrow in picture.arrows}
    return [box for box in picture.boxes if box.id in heads]


def _left_out(picture, count):
    return [f"{len(_results(picture)) - count:,} steps further from the output are not drawn"]


def _without_end(picture, count):
    """A picture with the last results alone and what they are made with; a box says how many are not drawn."""
    results = _results(picture)
    if len(results) <= count:
        return picture
    kept = {box.id for box in results[-count:]}
    left_out = {box.id for box in results} - kept
    arrows = [arrow for arrow in picture.arrows if arrow.head in kept and arrow.tail not in left_out]
    used = {arrow.tail for arrow in arrows} | kept
    more = Box("further", "note", [Line(f"… {len(left_out):,} more", "name")])
    first = next(box.id for box in picture.boxes if box.id in kept)
    boxes = [more, *(box for box in picture.boxes if box.id in used)]
    return replace(picture, boxes=boxes, arrows=[Arrow("further", first), *arrows])


def _best(picture, row, page, theme, detail, notes=()):
    """The choice with the largest type, of all settings and numbers of bands."""
    header = _header(picture, page, theme)
    footers = [_footer(picture, theme, detail, notes, page, size) for size in (page.largest, page.smallest)]
    best = None
    for beside in (False, True) if detail == "numbers" else (False,):
        setting = Setting(detail, beside)
        blocks = blocks_of(row.boxes, theme, setting)
        widths = widths_of(row, blocks)
        for count in range(1, min(MOST_BANDS, len(widths)) + 1):
            bands = _bands(widths, count)
            width, height = _extent(row, blocks, bands)
            for footer in footers:
                wide, around = max(width, footer.width), 2 * SIDE + header.height + footer.height
                zoom = min(page.width / (wide + 2 * SIDE), page.height / (height + around), page.largest / SIZE)
                if best is None or zoom > best.zoom + 0.005:
                    best = Choice(zoom, row, setting, blocks, bands, header, footer)
    return best


def in_one_band(picture, page, theme, detail, header):
    """The choice of one line, below a header."""
    row, setting = row_of(picture), Setting(detail, beside=False)
    blocks, footer = blocks_of(row.boxes, theme, setting), _footer(picture, theme, detail, (), page, page.largest)
    bands = [range(len(row.heads))]
    width, height = _extent(row, blocks, bands)
    width += max(0, widest_label(row, theme) - GAP) * (len(row.heads) - 1)
    width, height = max(width, header.width, footer.width), height + header.height + footer.height
    zoom = min(page.width / (width + 2 * SIDE), page.height / (height + 2 * SIDE), page.largest / SIZE)
    return Choice(zoom, row, setting, blocks, bands, header, footer)


def _bands(widths, count):
    """Columns in that many bands, the widest of them as narrow as can be."""
    return narrowest(partial(_filled, widths), max(map(max, widths)), sum(max(pair) + GAP for pair in widths), count)


def narrowest(filled, narrow, wide, count):
    """What `filled(width)` puts into at most so many lines, for the least such width: by bisection.

    >>> narrowest(lambda width: [["aa"], ["bbb"]] if width < 5 else [["aa", "bbb"]], 3, 9, 1)
    [['aa', 'bbb']]
    """
    lines = filled(wide)
    for _ in range(16):
        middle = (narrow + wide) / 2
        tried = filled(middle)
        if len(tried) <= count:
            lines, wide = tried, middle
        else:
            narrow = middle
    return lines


def _filled(widths, widest):
    """Columns in bands of which neither the row of heads nor that of leaves is wider than that, unless one column is."""
    bands, start, heads, leaves = [], 0, 0.0, 0.0
    for i, (head, below) in enumerate(widths):
        if i > start and max(heads + GAP + head, leaves + below - BESIDE) > widest:
            bands.append(range(start, i))
            start, heads, leaves = i, 0.0, 0.0
        heads += head + (GAP if i > start else 0)
        leaves += below
    return [*bands, range(start, len(widths))]


def _extent(row, blocks, bands):
    """Width and height of all bands, with the lanes between them."""
    widths = widths_of(row, blocks)
    heads = max(sum(widths[i][0] for i in band) + GAP * (len(band) - 1) for band in bands)
    leaves = max(sum(widths[i][1] for i in band) - BESIDE for band in bands)
    lanes = sum(LANE * len(found) for found in lanes_of(row, bands))
    return max(heads, leaves), sum(_height(row, blocks, band) for band in bands) + lanes + BAND * (len(bands) - 1)


def _height(row, blocks, band):
    """How high a band is: its highest head, and its highest leaf."""
    heads = max(blocks[row.heads[i]].height for i in band)
    leaves = [blocks[name].height for i in band for name in row.leaves[i]]
    return heads + (LEAF_GAP + max(leaves) if leaves else 0)


def _header(picture, page, theme):
    widest = page.width * SIZE / page.largest - 2 * SIDE
    lines = titles_of(picture, theme, widest, TITLE)
    return stacked([*lines, *([Block(0, 16, [])] if lines else [])])


def _footer(picture, theme, detail, notes, page, size):
    """Notes, what was left out, and the legend, in lines that fit the page in type of a size."""
    widest = page.width * SIZE / size - 2 * SIDE
    reason = f"for type of {page.words}"
    said = [*picture.notes, *notes, *([f"{SAID[detail]}, {reason}"] if detail in SAID else [])]
    said += ["gradients on the tint"] if detail in DENSE else []
    long = [note for note in said if width_of(note, SIZE) > widest]
    lines = [line_of([(line, theme.grey, "")]) for note in long for line in broken(note, widest)]
    parts = [(f"   ·   {note}", theme.grey) for note in said if note not in long]
    legend = legend_of(picture, theme) if detail in NUMERIC else []
    parts += [(f"   ·   {text}" if i == 0 else text, colour) for i, (text, colour) in enumerate(legend)]
    lines += in_lines(parts, widest)  # one behind the other, as each line takes room from the picture
    return stacked([Block(0, 14, []), *lines]) if lines else Block(0, 0, [])


class Composer:
    """Puts a choice on its page."""

    def __init__(self, choice, page, theme):
        self.choice, self.page, self.theme = choice, page, theme
        self.row, self.bands = choice.row, choice.bands
        self.width, self.height = page.width / choice.zoom, page.height / choice.zoom
        self.left, self.right, self.places = {}, {}, {}

    def sheet(self):
        """The Sheet: what stands in boxes, the boxes, title and notes, arrows."""
        self._place_columns()
        bottom = self._place_boxes()
        choice, marks = self.choice, []
        height = min(self.height, bottom + choice.footer.height + SIDE) if self.page.shrinks else self.height
        marks += choice.header.at(SIDE, SIDE - 6)
        for name, place in self.places.items():
            box = self.row.boxes[name]
            marks += pile_of(place, self.theme) if box.is_pile else []
            marks.append(Node(name, place, box.kind, box.card))
            marks += choice.blocks[name].at(place.x, place.y)
        marks += choice.footer.at(SIDE, height - choice.footer.height - SIDE + 8)
        marks += [*ways_of(self), *labels_of(self), *self._beside()]
        k = choice.zoom
        tall = height * k if self.page.shrinks else self.page.height
        return Sheet(self.page.width, tall, [scaled(mark, k) for mark in marks], self.theme.background)

    def _beside(self):
        """list: more marks, of who composes something else beside the boxes."""
        return []

    def _place_columns(self):
        """Where each head begins: bands fill the width, but the last one, as in a text, only if it is full."""
        room, before = self.width - 2 * SIDE, None
        for band in self.bands:
            widths = [self.choice.blocks[self.row.heads[i]].width for i in band]
            gap = min((room - sum(widths)) / max(1, len(band) - 1), WIDEST_GAP)
            if band is self.bands[-1] and before is not None:
                gap = min(gap, before)
            before = gap
            x = SIDE if len(self.bands) > 1 else SIDE + (room - sum(widths) - gap * (len(band) - 1)) / 2
            for i, width in zip(band, widths, strict=True):
                self.left[i], self.right[i] = x, x + width
                x += width + gap

    def _place_boxes(self):
        """Where each box is, band by band; returns where the last band ends."""
        self.lanes = lanes_of(self.row, self.bands)
        heights = [_height(self.row, self.choice.blocks, band) for band in self.bands]
        fixed = sum(heights) + sum(LANE * len(lanes) for lanes in self.lanes) + BAND * (len(self.bands) - 1)
        free = self.height - 2 * SIDE - self.choice.header.height - self.choice.footer.height - fixed
        free = 0.0 if self.page.shrinks else max(0.0, free)
        between = min(free / (len(self.bands) + 1), 36.0)
        y = SIDE + self.choice.header.height + (free - between * (len(self.bands) - 1)) / 2
        self.tops = []
        for band, lanes, height in zip(self.bands, self.lanes, heights, strict=True):
            y += LANE * len(lanes)
            self.tops.append(y)
            self._place_band(band, y)
            y += height + BAND + between
        return y - BAND - between

    def _place_band(self, band, y):
        """The heads of a band at a height, and below them its leaves, each as near as can be to its head."""
        blocks, leaves, wanted = self.choice.blocks, [], []
        for i in band:
            head = self.row.heads[i]
            self.places[head] = Rectangle(self.left[i], y, blocks[head].width, blocks[head].height)
            leaves += self.row.leaves[i]
            x = (self.left[i] + self.right[i] - sum(blocks[name].width + BESIDE for name in self.row.leaves[i]) + BESIDE) / 2
            for name in self.row.leaves[i]:
                wanted.append(x - SIDE)
                x += blocks[name].width + BESIDE
        y += max(blocks[self.row.heads[i]].height for i in band) + LEAF_GAP
        starts = in_order(wanted, [blocks[name].width for name in leaves], BESIDE, self.width - 2 * SIDE)
        for name, x in zip(leaves, starts, strict=True):
            self.places[name] = Rectangle(SIDE + x, y, blocks[name].width, blocks[name].height)

    def is_round(self, name):
        """Whether a box is an ellipse."""
        return self.theme.looks[self.row.boxes[name].kind].shape == "ellipse"
