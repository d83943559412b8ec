"""The derivation in matrix form on a page: a line for each named tensor, its formula, and its gradient between brackets."""

import numpy as np

from ..formulas.spelling import spell_made
from ..formulas.unicode_text import number, text
from ..pictures.layout import Rectangle
from ..pictures.legend import legend_for
from ..pictures.picture import Values
from ..pictures.shapes import shape_named
from ..pictures.sheet import Panel, Sheet, scaled
from ..pictures.typesetting import LINE, SIZE, Block, array_of, broken, in_lines, in_terms, line_of, stacked
from .factors import titled

TITLE, SIDE, GAP, AIR = 24, 28, 22, 8
WIDEST = (330, 230)  # of a formula before it is broken, in points: first as wide, then narrower
DETAILS = ("numbers", "cells")


class MatrixSheet:
    """Composes the sheet of a `MatrixRule`: call it with a shape and a theme."""

    def __init__(self, rule):
        self.rule = rule

    def __call__(self, picture, shape, theme):
        """The Sheet: with numbers if they fit, else with cells; of many lines the last ones."""
        page, lines = shape_named(shape), self.rule.lines
        for count in range(len(lines), 0, -1):
            for detail in DETAILS:
                for widest in WIDEST:
                    sheet, size = self._sheet(lines[-count:], page, theme, detail, widest)
                    if size >= page.smallest:
                        return sheet
        return sheet

    def _sheet(self, lines, page, theme, detail, widest):
        names = [line_of([(text(line.name), theme.ink, "")]) for line in lines]
        formulas = [self._formula(line, theme, widest) for line in lines]
        values = [self._value(line, theme, detail) for line in lines]
        first, second = (max(block.width for block in column) for column in (names, formulas))
        equals = line_of([(" = ", theme.ink, "")])
        header, footer = self._header(page, theme), self._footer(lines, page, theme)
        width = first + equals.width * 2 + AIR + second + GAP + max(block.width for block in values)
        heights = [max(f.height, v.height, LINE) + GAP for f, v in zip(formulas, values, strict=True)]
        height = header.height + sum(heights) + footer.height
        k = min(page.width / (max(width, header.width) + 2 * SIDE), page.height / (height + 2 * SIDE), page.largest / SIZE)
        tall = height + 2 * SIDE if page.shrinks else page.height / k
        marks = header.at(SIDE, SIDE - 6)
        y = SIDE + header.height + max(0.0, tall - height - 2 * SIDE) / 2
        for name, formula, value, line in zip(names, formulas, values, heights, strict=True):
            row = line - GAP
            x = SIDE + first
            marks += name.at(x - name.width, y + (row - LINE) / 2) + equals.at(x, y + (row - LINE) / 2)
            marks += formula.at(x + equals.width, y + (row - formula.height) / 2)
            x += equals.width + second + GAP
            marks += equals.at(x, y + (row - LINE) / 2)
            x += equals.width + AIR
            marks.append(
                Panel(Rectangle(x - 6, y + (row - value.height) / 2 - 5, value.width + 12, value.height + 10), theme.tint)
            )
            marks += value.at(x, y + (row - value.height) / 2)
            y += line
        marks += footer.at(SIDE, tall - footer.height - SIDE + 8)
        return Sheet(
            page.width, tall * k if page.shrinks else page.height, [scaled(m, k) for m in marks], theme.background
        ), k * SIZE

    def _formula(self, line, theme, widest):
        written = line.reason if line.formula is None else text(line.formula)
        colour = theme.grey if line.formula is None else theme.ink
        return stacked([line_of([(part, colour, "")]) for part in in_terms(written, widest)])

    def _value(self, line, theme, detail):
        if np.size(line.gradient) == 1:
            x = float(np.asarray(line.gradient).item())
            return line_of([(number(x), theme.of_sign(x), "i")])
        column = line.tensor in self.rule.columns
        return array_of(Values("", line.gradient, "gradient", column), theme, theme.ink, detail)

    def _header(self, page, theme):
        widest = page.width * SIZE / page.largest - 2 * SIDE
        title = line_of([(titled(self.rule, widest, TITLE), theme.ink, "b"), (" in matrix form", theme.grey, "")], TITLE)
        made = [
            f"{text(line.name).partition('/∂')[2]} = {spell_made(line.tensor)}" for line in self.rule.lines if line.tensor.op
        ]
        made.insert(0, f"{text(self.rule.lines[0].name)[1:].partition('/')[0]} = {spell_made(self.rule.output)}")
        lines = in_lines([(f"{part}      ", theme.grey) for part in made if len(part) < 60], widest)
        return stacked([title, *lines[:2], Block(0, 14, [])])

    def _footer(self, lines, page, theme):
        widest = page.width * SIZE / page.largest - 2 * SIDE
        numbers = [x for line in lines for x in np.ravel(line.gradient)[:200].tolist()]
        left_out = len(self.rule.lines) - len(lines)
        notes = [*self.rule.notes, *([f"{left_out} lines nearer to the loss are not shown"] if left_out else [])]
        said = [line_of([(part, theme.grey, "")]) for note in notes for part in broken(note, widest)]
        return stacked([Block(0, 12, []), *said, *in_lines(legend_for(numbers, [], "", theme), widest)])
