"""The derivation along one path on a page: its factors in columns over the arrows that they belong to, and the product.

The first row names the factors, the second has their formulas, the third these in numbers, the fourth their values; below, each
scalar has a box with its value and gradient, and what the factors are made of stands below their arrows. A path that is
too long for one line goes on in the next; where the type would be too small, rows go, and then factors in the middle of the
path are multiplied together.
"""

from functools import partial
from math import prod
from typing import Any, NamedTuple

from ..formulas.formula import with_values
from ..formulas.spelling import spell_made
from ..formulas.symbols import as_formula
from ..formulas.unicode_text import number, text
from ..pictures.layout import Point, Rectangle, line_to, rounded
from ..pictures.legend import legend_for
from ..pictures.picture import Arrow
from ..pictures.shapes import shape_named
from ..pictures.sheet import Node, Panel, Sheet, Way, moved, scaled
from ..pictures.typesetting import PAD, SIZE, Block, broken, clipped, in_lines, line_of, stacked
from ..pictures.wrapping import narrowest
from .factors import operands_of, reason_of, titled

TITLE = 26
SIDE, ROWS = 28, 27  # margin, and the height of a row of factors
BAND = 44  # between two lines of a path
SPACE = 10  # beside a factor in its column
TALL = 26  # of an arrow from its operands
SETTINGS = ((4, True, True), (4, False, True), (3, False, True), (2, False, True), (1, False, False))  # rows, operands, boxes
MOST_STEPS = 40  # of a longer path, the middle is multiplied together before it is set in type


class Step(NamedTuple):
    """A factor of a path and the scalar that it leads to."""

    element: Any
    name: str
    formula: str
    numbers: str
    value: float
    contribution: float
    operands: list[str]


class PathSheet:
    """Composes the sheet of a chain rule with one path: call it with a shape and a theme."""

    def __init__(self, rule):
        self.rule, path = rule, rule.paths[0]
        self.first = path.elements[0]
        on_path = {element.name for element in rule.elements}
        self.steps = [self._step(partial, on_path) for partial in path.partials]

    def _step(self, partial, on_path):
        formula = None if partial.formula is None else as_formula(partial.formula)
        shown = reason_of(partial) if formula is None else text(formula)
        numbers = number(partial.value) if formula is None else text(with_values(formula))
        return Step(
            partial.wrt, partial.name, shown, numbers, partial.value, partial.contribution, operands_of(partial, on_path)
        )

    def __call__(self, picture, shape, theme):
        """The Sheet, in the setting that says most of those whose type is large enough."""
        page = shape_named(shape)
        for setting in SETTINGS if len(self.steps) <= MOST_STEPS else ():
            plan = self._best(self.steps, setting, page, theme)
            if plan.zoom * SIZE >= page.smallest:
                return plan.sheet(page)
        few, many = 1, min(len(self.steps), MOST_STEPS)
        while few + 1 < many:
            kept = (few + many) // 2
            tried = self._best(self._shortened(kept), SETTINGS[-1], page, theme)
            few, many = (kept, many) if tried.zoom * SIZE >= page.smallest else (few, kept)
        return self._best(self._shortened(few), SETTINGS[-1], page, theme).sheet(page)

    def _shortened(self, kept):
        """The steps of which so many are left, those in the middle multiplied together."""
        ahead = kept // 2
        behind = len(self.steps) - (kept - ahead - 1)
        middle = self.steps[ahead:behind]
        before = self.steps[ahead - 1].element if ahead else self.first
        name = f"∂{before.name}/∂{middle[-1].element.name}"
        both = Step(
            middle[-1].element, name, f"{len(middle)} factors", "", prod(s.value for s in middle), middle[0].contribution, []
        )
        return [*self.steps[:ahead], both, *self.steps[behind:]]

    def _best(self, steps, setting, page, theme):
        plans = [Plan(self, steps, setting, count, page, theme) for count in range(1, min(len(steps), 6) + 1)]
        return max(plans, key=zoom_of)


def zoom_of(plan):
    """How large a plan can be."""
    return plan.zoom


class Plan:
    """One way to set a path: so many rows of factors, in so many lines."""

    def __init__(self, composer, steps, setting, count, page, theme):
        self.rule, self.steps, self.theme = composer.rule, steps, theme
        self.rows, self.with_operands, with_values = setting
        self.boxes = [
            scalar_block(element, composer.rule, theme, with_values)
            for element in (composer.first, *(step.element for step in steps))
        ]
        self.factors = [self._factor(i, step) for i, step in enumerate(steps)]
        self.plates = [self._plate(step) for step in steps]
        widest = page.width * SIZE / page.largest - 2 * SIDE
        self.header, self.footer = self._header(composer.first, widest), self._footer(widest)
        self.front = line_of([(f"{clipped(self.rule.name)} =", theme.ink, "")])
        self.boxes[0] = self._widened(self.boxes[0], self.front.width)
        self.end = line_of([("= ", theme.ink, "b"), (number(self.rule.value), theme.of_sign(self.rule.value), "b")])
        self.boxes[-1] = self._widened(self.boxes[-1], self.end.width)
        self.lines = self._wrapped(count)
        self.width = max(sum(self._width(i) for i in line) + (self.boxes[0].width if not line[0] else 0) for line in self.lines)
        self.band = self.rows * ROWS + 12 + max(box.height for box in self.boxes)
        self.drop = max((plate.height for plate in self.plates), default=0.0) if self.with_operands else 0.0
        self.level = 20.0
        self.band = max(self.band, self.rows * ROWS + 12 + self.level + TALL + self.drop)
        height = self.header.height + self.footer.height + self.band * len(self.lines) + BAND * (len(self.lines) - 1)
        self.zoom = min(page.width / (self.width + 2 * SIDE), page.height / (height + 2 * SIDE), page.largest / SIZE)

    def _widened(self, block, width):
        """A box at least so wide, with what is in it in the middle."""
        more = max(0.0, width - block.width)
        marks = [
            mark._replace(place=mark.place._replace(width=mark.place.width + more))
            if isinstance(mark, Panel)
            else moved(mark, more / 2, 0)
            for mark in block.marks
        ]
        return Block(block.width + more, block.height, marks)

    def _factor(self, i, step):
        """The rows of one factor."""
        theme, value = self.theme, number(step.value)
        value = f"({value})" if i and step.value < 0 else value
        cells = [
            (step.name, theme.grey, ""),
            (in_brackets(step.formula, i), theme.ink, ""),
            (in_brackets(step.numbers, i), theme.ink, ""),
        ]
        cells = cells[: max(0, self.rows - 1)]
        return [line_of([(clipped(text, 60), colour, style)]) for text, colour, style in cells] + [
            line_of([(value, theme.of_sign(step.value), "b")])
        ]

    def _plate(self, step):
        """What a factor is made of, but for what the path runs through."""
        if not step.operands or not self.with_operands:
            return Block(0, 0, [])
        lines = stacked([line_of([(text, self.theme.ink, "")]) for text in step.operands])
        return Block(lines.width + 2 * PAD, lines.height + 8, lines.at(PAD, 3))

    def _header(self, first, widest):
        theme, value = self.theme, self.rule.value
        title = line_of(
            [
                (f"{titled(self.rule, widest, TITLE)} = ", theme.ink, ""),
                (number(value), theme.of_sign(value), "b"),
            ],
            TITLE,
        )
        made = [
            (self.rule.cone.names[element.tensor], spell_made(element.tensor))
            for element in (first, *(s.element for s in self.steps))
        ]
        definitions = list(dict.fromkeys(f"{name} = {formula}" for name, formula in made if formula))
        lines = in_lines([(f"{text}      ", theme.grey) for text in definitions if len(text) < 60], widest)
        return stacked([title, *lines[:2], Block(0, 22, [])])

    def _footer(self, widest):
        theme = self.theme
        arrows = [Arrow("", "", kind="gradient", contribution=step.contribution) for step in self.steps]
        numbers = [self.rule.value, *(step.value for step in self.steps)]
        notes = [line for note in self.rule.notes for line in broken(note, widest)]
        lines = [line_of([(note, theme.grey, "")]) for note in notes]
        return stacked(
            [Block(0, 22, []), *lines, *in_lines(legend_for(numbers, arrows, clipped(self.rule.name), theme), widest)]
        )

    def _width(self, i):
        """How wide a factor's column and the box behind it are."""
        column = max(block.width for block in (*self.factors[i], self.plates[i])) + 2 * SPACE
        return max(column, 70.0) + self.boxes[i + 1].width

    def _wrapped(self, count):
        """The places of the steps in lines, the widest line as narrow as can be."""
        widths = [self._width(i) for i in range(len(self.steps))]
        widths[0] += self.boxes[0].width
        return narrowest(partial(filled, widths), max(widths), sum(widths), count)

    def sheet(self, page):
        """The Sheet of the plan."""
        width, height = page.width / self.zoom, page.height / self.zoom
        content = self.band * len(self.lines) + BAND * (len(self.lines) - 1)
        free = height - 2 * SIDE - self.header.height - self.footer.height - content
        self.marks, self.ways, self.page_width = [*self.header.at(SIDE, SIDE - 6)], [], width
        y = SIDE + self.header.height + (0 if page.shrinks else max(0.0, free) / 2)
        before = None
        for line in self.lines:
            before = self._set_line(line, y, before)
            y += self.band + BAND
        bottom = y - BAND + self.footer.height + SIDE if page.shrinks else height
        self.marks += self.footer.at(SIDE, bottom - self.footer.height - SIDE + 8)
        marks = [scaled(mark, self.zoom) for mark in [*self.marks, *self.ways]]
        return Sheet(page.width, bottom * self.zoom if page.shrinks else page.height, marks, self.theme.background)

    def _set_line(self, line, y, before):
        """One line of the path; `before` is the box at the end of the line above, and where it is."""
        widths = [self._width(i) - self.boxes[i + 1].width for i in line]
        fixed = sum(self._width(i) for i in line) + (self.boxes[0].width if not line[0] else 0)
        spare = (
            (self.page_width - 2 * SIDE - fixed) / len(line) if line[-1] + 1 == len(self.steps) or len(self.lines) > 1 else 0
        )
        spare = max(0.0, min(spare, 90.0))
        x, level = SIDE, y + self.rows * ROWS + 12 + self.level
        if not line[0]:
            before = self._put_box(0, x, level)
            self._put_signs(x, y)
            x += self.boxes[0].width
        for i, column in zip(line, widths, strict=True):
            self._put_factor(i, x, y, column + spare, level)
            x += column + spare
            place = self._put_box(i + 1, x, level)
            self._put_arrow(i, before, place, level)
            self._put_dot(i, x, y)
            before, x = place, x + self.boxes[i + 1].width
        return before

    def _put_signs(self, x, y):
        for row in range(self.rows):
            sign = self.front if row == 0 else line_of([("=", self.theme.ink, "")])
            self.marks += sign.at(x + self.boxes[0].width - sign.width - 2, y + row * ROWS)

    def _put_dot(self, i, x, y):
        """A dot between two factors; behind the last one, the product."""
        if i + 1 == len(self.steps):
            self.marks += self.end.at(x + (self.boxes[-1].width - self.end.width) / 2, y + (self.rows - 1) * ROWS)
            return
        dot = line_of([("·", self.theme.ink, "b")])
        for row in range(self.rows):
            self.marks += dot.at(x + (self.boxes[i + 1].width - dot.width) / 2, y + row * ROWS)

    def _put_factor(self, i, x, y, width, level):
        place = Rectangle(x + 1, y - 6, width - 2, level - y + 6)
        self.marks.insert(0, Panel(place, self.theme.tint))
        rows = self.factors[i]
        for row, block in enumerate(rows):
            self.marks += block.at(x + (width - block.width) / 2, y + row * ROWS)
        plate = self.plates[i]
        if plate.marks:
            at = Rectangle(x + (width - plate.width) / 2, level + TALL, plate.width, plate.height)
            self.marks += [Node(f"operands {i}", at, "constant", []), *plate.at(at.x, at.y)]
            start, end = Point(at.middle.x, at.y - 1), Point(at.middle.x, level + 5)
            self.ways.append(Way(f"operands {i}", f"scalar {i}", [start, *line_to(start, end)], self.theme.grey, 1.3, tip=7))

    def _put_box(self, i, x, level):
        """The box of a scalar, its arrows at a height; returns where it is."""
        block = self.boxes[i]
        place = Rectangle(x, level - self.level, block.width, block.height)
        kind = "output" if i == 0 else "target" if i == len(self.boxes) - 1 else "intermediate"
        self.marks += [Node(f"scalar {i}", place, kind, []), *block.at(place.x, place.y)]
        return place

    def _put_arrow(self, i, before, place, level):
        step = self.steps[i]
        start, end = Point(before.x + before.width + 1, before.y + self.level), Point(place.x - 1, level)
        if abs(start.y - end.y) < 1:
            points = [start, *line_to(start, end)]
        else:
            right, lane, left = self.page_width - 12, place.y - self.rows * ROWS - 12 - BAND / 2, 12.0
            points = rounded([start, Point(right, start.y), Point(right, lane), Point(left, lane), Point(left, end.y), end], 9)
        look = {"dashed": step.contribution < 0, "tip": 14}  # along one path, each arrow carries all of the gradient
        card = ((step.name, number(step.value, 8)),)
        self.ways.append(
            Way(f"scalar {i}", f"scalar {i + 1}", points, self.theme.of_sign(step.contribution), 3.5, card=card, **look)
        )


def scalar_block(element, rule, theme, with_values=True):
    """Name and value of a scalar, and its gradient on the tint."""
    lines = [line_of([(clipped(element.name), theme.ink, "b")])]
    if not with_values:
        return Block(lines[0].width + 2 * PAD, 40.0, lines[0].at(PAD, (40 - lines[0].height) / 2))
    lines.append(line_of([(number(element.value), theme.ink, "")]))
    gradient = [
        line_of([(clipped(f"∂{rule.cone.source.name}/∂{element.name}"), theme.ink, "i")]),
        line_of([(number(element.gradient), theme.of_sign(element.gradient), "bi")]),
    ]
    width = max(block.width for block in (*lines, *gradient)) + 2 * PAD
    above, below = centred(lines, width), centred(gradient, width)
    is_round = element is not rule.cone.target
    tint = Panel(Rectangle(5, above.height + 9, width - 10, below.height + 8), theme.tint, rounded=is_round)
    return Block(width, above.height + below.height + 22, [*above.at(0, 5), tint, *below.at(0, above.height + 13)])


def filled(widths, widest):
    """Places in lines that are no wider than that, unless one alone is."""
    lines, used = [[]], 0.0
    for i, width in enumerate(widths):
        if lines[-1] and used + width > widest + 0.01:
            lines.append([])
            used = 0.0
        lines[-1].append(i)
        used += width
    return lines


def centred(blocks, width):
    """Blocks below each other, each in the middle."""
    marks, y = [], 0.0
    for block in blocks:
        marks += block.at((width - block.width) / 2, y)
        y += block.height
    return Block(width, y, marks)


def in_brackets(factor, i):
    """A factor behind a dot, in brackets if it begins with a minus."""
    return f"({factor})" if i and factor.startswith("−") else factor
