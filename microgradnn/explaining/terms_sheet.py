"""A sum over many paths on a page: a table with a row for each path, its factors, their product, and a bar of that length.

Where the paths differ in an index only, as those through the samples of a batch do, that is the row's number, and the formulas
of the factors stand once, above their columns. The strongest paths are shown, as many as fit; the others are one row.
"""

import re
from typing import NamedTuple

from ..formulas.aligned import alike
from ..formulas.brief import counted
from ..formulas.signs import NORMAL
from ..formulas.spelling import spell_made
from ..formulas.symbols import as_formula
from ..formulas.unicode_text import number, text
from ..pictures.layout import Rectangle
from ..pictures.legend import legend_for
from ..pictures.shapes import shape_named
from ..pictures.sheet import Panel, Sheet, scaled
from ..pictures.typesetting import SIZE, Block, broken, clipped, in_lines, line_of, stacked
from .factors import reason_of, titled

TITLE = 26
SIDE, ROW = 28, 30
MOST_ROWS, FEWEST_ROWS = 10, 4
GAP, SIGN = 12, 26  # beside the numbers of a column, and the width of a sign between two columns
SETTINGS = (
    (True, 150, 34),
    (True, 60, 34),
    (False, 100, 34),
    (False, 60, 12),
)  # factors, least room for bars, letters of a label
INDEX = "ᵢ"
DIGITS = "₀₁₂₃₄₅₆₇₈₉"


class Term(NamedTuple):
    """A path: what its row is called, its factors, and their product."""

    label: str
    factors: list[float]
    value: float


class TermsSheet:
    """Composes the sheet of a chain rule with many paths: call it with a shape and a theme."""

    def __init__(self, rule):
        self.rule = rule

    def __call__(self, picture, shape, theme):
        """The Sheet with as many rows as fit in type that is large enough."""
        page = shape_named(shape)
        for with_factors, bar, longest in SETTINGS:
            for rows in range(MOST_ROWS, FEWEST_ROWS - 1, -1):
                table = Table(self.rule, rows, with_factors, bar, longest, page, theme)
                if table.zoom * SIZE >= page.smallest:
                    return table.sheet()
        return table.sheet()


class Column(NamedTuple):
    """What stands above a factor's numbers: its name and its formula, with i for the index that the rows differ in."""

    name: str
    formula: str


class Table:
    """The table with so many rows; without its factors it is one of labels, terms and bars."""

    def __init__(self, rule, rows, with_factors, bar, longest, page, theme):
        self.rule, self.page, self.theme, self.bar = rule, page, theme, bar
        total = rule.paths.total
        paths = rule.paths[: rows if total <= rows else rows - 1]
        self.paths = paths
        self.columns = columns_of(paths) if with_factors else []
        labels, self.heading = labels_of(paths, self.columns, longest)
        self.terms = [
            Term(label, [partial.value for partial in path.partials], path.value)
            for label, path in zip(labels, paths, strict=True)
        ]
        rest = total - len(paths)
        if rest:
            self.terms.append(Term(f"{rest:,} more", [], rule.value - sum(path.value for path in paths)))
        if self.heading == "i":
            self.terms.sort(key=order_of)
        self.shown = [alike([term.factors[k] for term in self.terms if term.factors]) for k in range(len(self.columns))]
        self.values = alike([*(term.value for term in self.terms), rule.value])
        self._measure()

    def _measure(self):
        theme, page = self.theme, self.page
        widest = page.width * SIZE / page.largest - 2 * SIDE
        self.label = max(line_of([(term.label, theme.grey, "")]).width for term in [*self.terms, Term("added up", [], 0)])
        self.widths = [self._width_of(k, column) for k, column in enumerate(self.columns)]
        self.value = max(line_of([(text, theme.ink, "b")]).width for text in self.values)
        self.table = self.label + sum(self.widths) + SIGN * (len(self.columns) + 1) + self.value + 2 * GAP
        self.header, self.footer = self._header(widest), self._footer(widest)
        self.head = (2 if self.columns else 1) * ROW
        height = self.header.height + self.footer.height + self.head + ROW * (len(self.terms) + 1) + 16
        self.zoom = min(page.width / (self.table + self.bar + 2 * SIDE), page.height / (height + 2 * SIDE), page.largest / SIZE)

    def _width_of(self, k, column):
        theme = self.theme
        texts = [(clipped(column.name, 40), ""), (clipped(column.formula, 40), ""), *((text, "") for text in self.shown[k])]
        return max(line_of([(text, theme.ink, style)]).width for text, style in texts) + 2 * GAP

    def _header(self, widest):
        theme, value = self.theme, self.rule.value
        said = f", the sum over {counted(self.rule.paths.total, 'path')}"
        parts = [
            (f"{titled(self.rule, widest, TITLE)} = ", theme.ink, ""),
            (number(value), theme.of_sign(value), "b"),
        ]
        titles = [line_of([*parts, (said, theme.grey, "")], TITLE)]
        if titles[0].width > widest:
            titles = [line_of(parts, TITLE), line_of([(said.removeprefix(", "), theme.grey, "")])]
        tensors = dict.fromkeys(element.tensor for path in self.paths[:1] for element in path.elements)
        made = [f"{self.rule.cone.names[tensor]} = {spell_made(tensor)}" for tensor in tensors if spell_made(tensor)]
        lines = in_lines([(f"{text}      ", theme.grey) for text in made if len(text) < 60], widest)
        return stacked([*titles, *lines[:2], Block(0, 14, [])])

    def _footer(self, widest):
        theme = self.theme
        plus, minus = (sum(t.value for t in self.terms if t.value * sign > 0) for sign in (1, -1))
        numbers = [self.rule.value, *(x for term in self.terms for x in (*term.factors, term.value))]
        parts = legend_for(numbers, [], "", theme)
        if plus and minus:
            parts += [("   ·   bar below zero: hollow", theme.grey)]
            parts += [
                ("   ·   together ", theme.grey),
                (number(plus), theme.positive),
                (" and ", theme.grey),
                (number(minus), theme.negative),
            ]
        none = f"at these values, no change of {self.rule.cone.target.name} gets through to {self.rule.cone.source.name}"
        said = [*self.rule.notes, *([] if self.terms else [none])]
        notes = [line_of([(line, theme.grey, "")]) for note in said for line in broken(note, widest)]
        return stacked([Block(0, 16, []), *notes, *in_lines(parts, widest)])

    def sheet(self):
        """The Sheet of the table."""
        page, k = self.page, self.zoom
        width, height = page.width / k, page.height / k
        content = self.head + ROW * (len(self.terms) + 1) + 16
        free = 0 if page.shrinks else max(0.0, height - 2 * SIDE - self.header.height - self.footer.height - content)
        self.marks, self.right = [*self.header.at(SIDE, SIDE - 6)], width - SIDE
        y = SIDE + self.header.height + free / 2
        self._put_heads(y, content - ROW - 16)
        y += self.head
        for i, term in enumerate(self.terms):
            self._put_row(i, term, y)
            y += ROW
        left = SIDE + self.label + sum(self.widths)
        self.marks.append(Panel(Rectangle(SIDE, y + 5, self.right - SIDE, 1.2), self.theme.grey))
        self._put_sum(left, y + 12)
        bottom = y + ROW + 16 + self.footer.height + SIDE if page.shrinks else height
        self.marks += self.footer.at(SIDE, bottom - self.footer.height - SIDE + 8)
        tall = bottom * k if page.shrinks else page.height
        return Sheet(page.width, tall, [scaled(mark, k) for mark in self.marks], self.theme.background)

    def _put_heads(self, y, height):
        theme, x = self.theme, SIDE + self.label
        self.marks += line_of([(self.heading, theme.grey, "")]).at(SIDE, y + self.head - ROW)
        for k, (column, width) in enumerate(zip(self.columns, self.widths, strict=True)):
            x += SIGN if k else GAP
            self.marks.insert(0, Panel(Rectangle(x, y - 6, width, height + 6), theme.tint))
            for row, (words, colour) in enumerate(((column.name, theme.grey), (column.formula, theme.ink))):
                block = line_of([(clipped(words, 40), colour, "")])
                self.marks += block.at(x + (width - block.width) / 2, y + row * ROW)
            x += width
        block = line_of([("part of the sum", theme.grey, "")])
        self.marks += (
            block.at(max(self._end() - block.width, SIDE + self.label + GAP), y + self.head - ROW) if not self.columns else []
        )

    def _end(self):
        """Where the terms end."""
        return SIDE + self.table

    def _put_row(self, i, term, y):
        theme, x = self.theme, SIDE + self.label
        self.marks += line_of([(term.label, theme.grey, "")]).at(SIDE, y)
        for k, (factor, width) in enumerate(zip(term.factors, self.widths, strict=False)):
            if k:
                dot = line_of([("·", theme.ink, "b")])
                self.marks += dot.at(x + (SIGN - dot.width) / 2, y)
            x += SIGN if k else GAP
            block = line_of([(self.shown[k][i], theme.of_sign(factor), "")])
            self.marks += block.at(x + width - GAP - block.width, y)
            x += width
        if term.factors and self.widths:
            equals = line_of([("=", theme.ink, "")])
            self.marks += equals.at(x + (SIGN - equals.width) / 2, y)
        self._put_value(term.value, self.values[i], y)

    def _put_value(self, value, written, y):
        """A term, and a bar from the line of zero: hollow below zero."""
        theme = self.theme
        block = line_of([(written, theme.of_sign(value), "b")])
        self.marks += block.at(self._end() - block.width, y)
        values = [term.value for term in self.terms] + [self.rule.value]
        low, high = min(0.0, *values), max(0.0, *values)
        left, room = self._end() + 24, self.right - self._end() - 26
        scale = room / ((high - low) or 1.0)
        zero, length = left - low * scale, abs(value) * scale
        place = Rectangle(zero if value > 0 else zero - length, y + 3, max(length, 0.5), ROW - 12)
        colour = theme.of_sign(value)
        self.marks.append(Panel(place, "transparent" if value < 0 else colour, colour, 1.6))
        self.marks.append(Panel(Rectangle(zero - 0.6, y - 3, 1.2, ROW), theme.ink))

    def _put_sum(self, x, y):
        self.marks += line_of([("added up", self.theme.grey, "")]).at(SIDE, y)
        self._put_value(self.rule.value, self.values[-1], y)


def order_of(term):
    """Rows that have numbers come in their order, what is left last."""
    return int(term.label) if term.label.isdigit() else 10**9


def columns_of(paths):
    """The Columns of paths that are alike but for an index; none if they are not."""
    if len({len(path.partials) for path in paths}) != 1:
        return []
    columns = []
    for partials in zip(*(path.partials for path in paths), strict=True):
        names = common([partial.name for partial in partials])
        formulas = [reason_of(p) if p.formula is None else text(as_formula(p.formula)) for p in partials]
        columns.append(Column(names or "", common(formulas) or ""))
    return columns if all(column.name for column in columns) else []


def common(texts):
    """Texts that differ in subscripts only, as one text with an i in the place of each that differs; None if they differ more.

    >>> common(["∂L/∂o₁", "∂L/∂o₂"]), common(["V₁(1 − h₁²)", "V₂(1 − h₂²)"]), common(["x", "y"])
    ('∂L/∂oᵢ', 'Vᵢ(1 − hᵢ²)', None)
    """
    split = [re.findall(rf"[{DIGITS}]|[^{DIGITS}]+", line) for line in texts]
    if len({len(parts) for parts in split}) != 1:
        return None
    made = ""
    for parts in zip(*split, strict=True):
        if len(set(parts)) > 1 and any(part not in DIGITS for part in parts):
            return None
        made += parts[0] if len(set(parts)) == 1 else INDEX
    return made


def labels_of(paths, columns, longest=34):
    """What the rows are called, and the word above them: the one index that they differ in, else the scalars on their ways."""
    ways = [[element.name for element in path.elements] for path in paths]
    if columns:
        varying = [_index_of(way, columns) for way in ways]
        if all(len(found) == 1 for found in varying) and len({min(found) for found in varying}) == len(paths):
            return [min(found) for found in varying], "i"
    inner = [clipped(" ← ".join(way[1:-1]) or "directly", longest) for way in ways]
    return inner, "through"


def _index_of(way, columns):
    """The subscripts of a way's elements that stand where the columns have an i."""
    found = set()
    names = [column.name for column in columns]
    for k, name in enumerate(way[1:]):
        template = names[k].partition("/∂")[2]
        for letter, sign in zip(name, template, strict=False):
            if sign == INDEX:
                found.add(letter.translate(NORMAL))
    return found
