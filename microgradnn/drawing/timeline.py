"""A recurrent network on one baseline: its states in their order, what each is given below, the size of its gradient above.

What every step uses, such as W and U, stands at the arrows that it acts on. Where that is too wide for a page, there is none.
"""

from dataclasses import replace

import numpy as np

from ..formulas.labels import label_of
from ..formulas.unicode_text import number
from ..pictures.layout import Rectangle
from ..pictures.picture import Arrow, Line, Values
from ..pictures.shapes import shape_named
from ..pictures.sheet import Panel
from ..pictures.typesetting import LINE, SIZE, Block, line_of, stacked
from ..pictures.wrapping import TITLE, Composer, in_one_band
from .contents import is_numeric
from .graph_picture import GraphPainter
from .repeats import Rolled, repeats_in

MOST_STEPS = 8
BARS = 84  # how high the highest is
DETAILS = ("numbers", "cells")


def timeline(view, show, shape, theme):
    """The Sheet of a view folded by names that is a step made again and again; None if it is none, or too wide."""
    repeats = repeats_in(view)
    if len(repeats) != 1 or len(repeats[0].steps) > MOST_STEPS or len(repeats[0].steps[0]) > 1:
        return None
    states = [step[0] for step in repeats[0].steps]
    if not all(state.grad is not None and is_numeric(state.grad) for state in states):
        return None
    painter, page = GraphPainter(view, show, "LR"), shape_named(shape)
    told = _Told(painter, repeats[0])
    picture, header = told.picture(), told.header(theme)
    for detail in DETAILS:
        choice = in_one_band(picture, page, theme, detail, header)
        if choice.zoom * SIZE >= page.smallest:
            return _WithBars(choice, page, theme, told.sizes()).sheet()
    return None


class _Told:
    """What the timeline of a Repeat shows."""

    def __init__(self, painter, repeat):
        self.painter, self.view, self.repeat = painter, painter.view, repeat
        self.states = [step[0] for step in repeat.steps]
        self.shared = {x: None for x in self.view.sources(self.states[-1]) if x.op is None and x.requires_grad}
        self.rolled = Rolled(repeat, self.view, painter.output_name)

    def picture(self):
        """The Picture: states and what they are given show their values alone."""
        picture, ids = self.painter.paint(), self.painter.ids
        own = {ids[state] for state in self.states} | {ids[x] for x in self.repeat.given(self.view)}
        left_out = {ids[x] for x in self.shared}
        boxes = [replace(box, content=_briefly(box.content)) if box.id in own else box for box in picture.boxes]
        arrows = [arrow for arrow in picture.arrows if arrow.tail not in left_out]
        for state in self.states:
            acting, here = self._acting(state), ids[state]
            arriving = [Arrow(ids[x], here, acting.get(x, [])) for x in self._in_order(state)]
            arrows = [*(arrow for arrow in arrows if arrow.head != here), *arriving]
        return replace(
            picture, boxes=[box for box in boxes if box.id not in left_out], arrows=arrows, notes=self._notes(picture)
        )

    def header(self, theme):
        """What the bars are of, and room for them."""
        name = f"|∂{self.painter.output_name}/∂{self.rolled.names[0]}|"
        told = line_of([(name, theme.ink, "i"), (", the size of the gradient at each step", theme.grey, "")], TITLE)
        return stacked([told, Block(0, BARS + LINE + 16, [])])

    def sizes(self):
        """dict of str to float: of each state's box, the size of its gradient."""
        return {self.painter.ids[state]: float(np.sqrt(np.sum(np.square(state.grad)))) for state in self.states}

    def _notes(self, picture):
        names = ", ".join(label_of(x.name) for x in self.shared)
        meaning = self.view.meant.get(self.states[-1])
        formula = f"{self.rolled.names[0]} = {meaning.name if meaning else self.rolled.formula(0)}"
        return [f"{formula}, the same {names} at every step", "fold='repeats' rolls it up", *picture.notes]

    def _in_order(self, state):
        """What a state is made of, but for what all are: first the state before it."""
        first, second = self.states[:2]
        i = next(i for i, x in enumerate(self.view.sources(second)) if x is first)  # where the state before stands
        before = self.view.sources(state)[i]
        return [before, *(x for x in self.view.sources(state) if x is not before and x not in self.shared)]

    def _acting(self, state):
        """dict of Node to list of Line: of what a state is made of, the parameter that it is multiplied with, if it is one."""
        ends, seen, waiting, found = set(self.view.sources(state)), {state}, list(state.inputs), {}
        while waiting:
            x = waiting.pop()
            if x in seen or x in ends:
                continue
            seen.add(x)
            waiting.extend(x.inputs)
            if x.op is not None and x.op.name == "matmul" and x.inputs[1] in self.shared:
                found.setdefault(x.inputs[0], []).append(Line(label_of(x.inputs[1].name), "name"))
        return {x: lines for x, lines in found.items() if len(lines) == 1}


def _briefly(content):
    """Name and value."""
    return [item for item in content if item.role == "name" or (isinstance(item, Values) and item.role == "value")]


class _WithBars(Composer):
    """Composes the timeline: a bar above each state."""

    def __init__(self, choice, page, theme, sizes):
        super().__init__(choice, page, theme)
        self.sizes = sizes

    def _beside(self):
        """The bars, on a line above the states, each below its number."""
        largest, marks = max(self.sizes.values()) or 1.0, []
        foot = self.tops[0] - 14
        for name, size in self.sizes.items():
            place, tall = self.places[name], max(1.0, BARS * size / largest)
            width = min(40.0, 0.8 * place.width)
            marks.append(Panel(Rectangle(place.middle.x - width / 2, foot - tall, width, tall), self.theme.grey))
            told = line_of([(number(size, 3), self.theme.ink, "i")])
            marks += told.at(place.middle.x - told.width / 2, foot - tall - LINE)
        first, last = (self.places[name] for name in (next(iter(self.sizes)), list(self.sizes)[-1]))
        return [*marks, Panel(Rectangle(first.x, foot, last.x + last.width - first.x, 1.4), self.theme.ink)]
