"""A few paths that part and merge again, on a page: a column for each step, factors over their arrows, the sum below.

Where one scalar leads to several, its arrows part at once and run level to each; where several lead to one, they run level and
meet before it. So every label stands above a level line of its own. Paths that cross, or that leave out a step, have a table.
"""

from ..formulas.brief import counted
from ..formulas.spelling import spell_made
from ..formulas.symbols import as_formula
from ..formulas.unicode_text import number, text
from ..pictures.layout import Point, Rectangle, line_to
from ..pictures.legend import legend_for
from ..pictures.picture import Arrow
from ..pictures.shapes import shape_named
from ..pictures.sheet import Node, Sheet, Way, scaled
from ..pictures.typesetting import LINE, SIZE, Block, broken, clipped, in_lines, line_of, stacked
from .factors import reason_of, titled
from .path_sheet import scalar_block

MOST_PATHS = 4
TITLE, SIDE = 26, 20
SMALLER = 16 / 18  # type may be so much smaller than on other sheets: there is no other way to see paths part and merge
BEND, AIR, BETWEEN = 30, 5, 16  # where arrows part or meet; beside a label; between boxes of a column


def levels_of(paths):
    """The elements of some paths in columns, from the output on; None if the paths are no fan."""
    if len({len(path.elements) for path in paths}) != 1 or not paths[0].partials:
        return None
    levels = [list(dict.fromkeys(elements)) for elements in zip(*(path.elements for path in paths), strict=True)]
    partials = {partial for path in paths for partial in path.partials}
    for of in (partial.of for partial in partials):
        leaving = [partial for partial in partials if partial.of is of]
        if len(leaving) > 1 and any(sum(other.wrt is partial.wrt for other in partials) > 1 for partial in leaving):
            return None  # one that parts and meets in the same step has no level line of its own
    return levels


class FanSheet:
    """Composes the sheet of a chain rule with a few paths; where that is no fan, or too large, another composer does."""

    def __init__(self, rule, otherwise):
        self.rule, self.otherwise = rule, otherwise
        self.paths = rule.paths[:]
        self.levels = levels_of(self.paths)
        self.partials = list(dict.fromkeys(partial for path in self.paths for partial in path.partials))

    def __call__(self, picture, shape, theme):
        """The Sheet of the fan, if its type is large enough."""
        page = shape_named(shape)
        if self.levels is not None:
            self._measure(page, theme)
            if self.zoom * SIZE >= SMALLER * page.smallest:
                return self._sheet(page, theme)
        return self.otherwise(picture, shape, theme)

    def _measure(self, page, theme):
        self.boxes = {e: scalar_block(e, self.rule, theme) for level in self.levels for e in level}
        self.labels = {partial: self._label(partial, theme) for partial in self.partials}
        self.widths = [max(self.boxes[e].width for e in level) for level in self.levels]
        self.gaps = [self._gap(i) for i in range(len(self.levels) - 1)]
        self.pitch = max(2 * LINE + 30, *(block.height for block in self.boxes.values())) + BETWEEN
        self.header, self.footer = self._header(page, theme), self._footer(page, theme)
        width = max(sum(self.widths) + sum(self.gaps), self.footer.width, self.header.width)
        tall = self.pitch * max(map(len, self.levels)) - BETWEEN
        height = self.header.height + tall + self.footer.height
        self.zoom = min(page.width / (width + 2 * SIDE), page.height / (height + 2 * SIDE), page.largest / SIZE)
        self.tall, self.height = tall, height

    def _label(self, partial, theme):
        """The formula of a factor above its value."""
        formula = reason_of(partial) if partial.formula is None else text(as_formula(partial.formula))
        value = line_of([(number(partial.value), theme.of_sign(partial.value), "b")])
        return stacked([line_of([(clipped(formula), theme.ink, "")]), value])

    def _gap(self, i):
        """How wide the gap behind a column is: room for the labels and for the bends."""
        here = [partial for partial in self.partials if partial.of in self.levels[i]]
        bends = BEND if len(here) > 1 else 0
        return max(self.labels[partial].width for partial in here) + 2 * AIR + bends + 12

    def _header(self, page, theme):
        widest = page.width * SIZE / page.largest - 2 * SIDE
        title = line_of(
            [
                (f"{titled(self.rule, widest, TITLE)} = ", theme.ink, ""),
                (number(self.rule.value), theme.of_sign(self.rule.value), "b"),
                (f", over {counted(len(self.paths), 'path')}", theme.grey, ""),
            ],
            TITLE,
        )
        tensors = dict.fromkeys(e.tensor for level in self.levels for e in level)
        made = [f"{self.rule.cone.names[tensor]} = {spell_made(tensor)}" for tensor in tensors if spell_made(tensor)]
        lines = in_lines([(f"{part}      ", theme.grey) for part in made if len(part) < 60], widest)
        return stacked([title, *lines[:2], Block(0, 18, [])])

    def _footer(self, page, theme):
        """The sum over the paths, notes, and the legend."""
        widest = page.width * SIZE / page.largest - 2 * SIDE
        parts = [(f"{clipped(self.rule.name)} = ", theme.ink, "")]
        for i, path in enumerate(self.paths):
            value = number(path.value) if i == 0 else number(abs(path.value))
            parts += [(f" {'−' if path.value < 0 else '+'} ", theme.ink, "")] if i else []
            parts.append((value, theme.of_sign(path.value), "b"))
        parts += [(" = ", theme.ink, ""), (number(self.rule.value), theme.of_sign(self.rule.value), "b")]
        arrows = [Arrow("", "", kind="gradient", contribution=partial.contribution) for partial in self.partials]
        legend = legend_for([partial.value for partial in self.partials], arrows, clipped(self.rule.name), theme)
        notes = [line_of([(line, theme.grey, "")]) for note in self.rule.notes for line in broken(note, widest)]
        return stacked([Block(0, 22, []), line_of(parts), Block(0, 14, []), *notes, *in_lines(legend, widest)])

    def _sheet(self, page, theme):
        k = self.zoom
        width = page.width / k
        tall = self.height + 2 * SIDE if page.shrinks else page.height / k
        top = SIDE + self.header.height + max(0.0, tall - self.height - 2 * SIDE) / 2
        spare = min((width - 2 * SIDE - sum(self.widths) - sum(self.gaps)) / max(1, len(self.gaps)), 60.0)
        marks, places, x = [*self.header.at(SIDE, SIDE - 6)], {}, float(SIDE)
        for i, level in enumerate(self.levels):
            y = top + (self.tall - self.pitch * len(level) + BETWEEN) / 2
            for e in level:
                block = self.boxes[e]
                places[e] = Rectangle(x + (self.widths[i] - block.width) / 2, y, block.width, block.height)
                kind = "output" if i == 0 else "target" if i == len(self.levels) - 1 else "intermediate"
                marks += [Node(e.name, places[e], kind, []), *block.at(places[e].x, y)]
                y += self.pitch
            x += self.widths[i] + (self.gaps[i] + spare if i < len(self.gaps) else 0)
        largest = max(abs(partial.contribution) for partial in self.partials) or 1.0
        for partial in self.partials:
            marks += self._arrow(partial, places, theme, largest)
        marks += self.footer.at(SIDE, tall - self.footer.height - SIDE + 8)
        height = tall * k if page.shrinks else page.height
        return Sheet(page.width, height, [scaled(mark, k) for mark in marks], theme.background)

    def _arrow(self, partial, places, theme, largest):
        """An arrow that parts early or meets late, and its label above the level line."""
        a, b = places[partial.of], places[partial.wrt]
        start, end = Point(a.x + a.width + 1, a.middle.y), Point(b.x - 1, b.middle.y)
        parts = sum(other.of is partial.of for other in self.partials) > 1
        if abs(start.y - end.y) < 1:
            points, left = [start, *line_to(start, end)], start.x + (BEND if parts else AIR)
        elif parts:
            turn = Point(start.x + BEND, end.y)
            bend = [Point(start.x + BEND / 2, start.y), Point(start.x + BEND / 2, end.y), turn]
            points, left = [start, *bend, *line_to(turn, end)], turn.x
        else:
            turn = Point(end.x - BEND - 10, start.y)
            bend = [Point(turn.x + BEND / 2, turn.y), Point(turn.x + BEND / 2, end.y), Point(turn.x + BEND, end.y)]
            points, left = [start, *line_to(start, turn), *bend, *line_to(bend[-1], end)], start.x + AIR
        label, line = self.labels[partial], 1.4 + 3.2 * abs(partial.contribution) / largest
        y = (end.y if parts else start.y) - label.height - line / 2 - 4
        look = {"dashed": partial.contribution < 0, "tip": 9 + 1.2 * line}
        card = ((partial.name, number(partial.value, 8)),)
        way = Way(partial.of.name, partial.wrt.name, points, theme.of_sign(partial.contribution), line, card=card, **look)
        return [way, *label.at(left, y)]
