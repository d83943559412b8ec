"""The same step again and again, such as a recurrent network's, as one box: h_t = tanh(x_t W + h_(t−1) U), × 20, with a loop.

A step is found from the graph: named results that are made by the same operations from the same parameters, each from the one
before. Their names may be anything; where they differ in a number only, that is written as t.
"""

import re
from collections import Counter
from typing import NamedTuple

import numpy as np

from ..formulas.labels import label_of
from ..formulas.spelling import spell_made
from ..pictures.picture import Arrow, Box, Line, Values
from .contents import is_numeric

FEWEST, LONGEST = 3, 8  # times that a step must be repeated; results that one step may have


class Made(NamedTuple):
    """How a named result is made: by which operations, and from what: a parameter, a result so far before it, or something."""

    operations: tuple[str, ...]
    sources: tuple[object, ...]


class Repeat(NamedTuple):
    """Steps that are alike: for each time the results of the step, in order."""

    steps: list[list[object]]

    @property
    def inside(self):
        """set of Node: all their results."""
        return {node for step in self.steps for node in step}

    def given(self, view):
        """list of Node: the leaves that one step alone uses."""
        used = Counter(x for step in self.steps for node in step for x in dict.fromkeys(view.sources(node)) if x.op is None)
        return [x for x, count in used.items() if count == 1 and not x.requires_grad]


def repeats_in(view):
    """The Repeats among the drawn results of a view that is folded by names, first to last."""
    results = [node for node in view.shown if node.op is not None and node is not view.output]
    place = {node: i for i, node in enumerate(results)}
    made = [_made(view, node, place) for node in results]
    found, i = [], 0
    while i < len(results):
        counts = {period: _count(made, i, period) for period in range(1, LONGEST + 1)}
        period = max(counts, key=lambda p: (counts[p] >= FEWEST, counts[p] * p, -p))
        if counts[period] < FEWEST:
            i += 1
            continue
        end = i + counts[period] * period
        found.append(Repeat([results[j : j + period] for j in range(i, end, period)]))
        i = end
    return found


def _made(view, node, place):
    """How a result is made."""
    inside, waiting, operations = set(), [node], []
    ends = set(view.sources(node))
    while waiting:
        x = waiting.pop()
        if x in inside or (x in ends and x is not node) or view.stands_for.get(x, node) is not node:
            continue
        inside.add(x)
        if x.op is not None:
            operations.append(repr(x.op))
            waiting.extend(reversed(x.inputs))
    sources = []
    for x in view.sources(node):
        is_parameter = x.op is None and x.requires_grad
        sources.append(("parameter", id(x)) if is_parameter else place[node] - place[x] if x in place else None)
    return Made(tuple(operations), tuple(sources))


def _count(made, start, period):
    """How often the step of so many results that begins at a place is repeated, each time from the one before."""
    count = 1
    while start + (count + 1) * period <= len(made):
        before, now = (made[start + (count + k) * period :][:period] for k in (-1, 0))
        if not all(_alike(a, b) for a, b in zip(before, now, strict=True)):
            break
        sources = [(j, x) for j, each in enumerate(now) for x in each.sources]
        if not any(isinstance(x, int) and x > j for j, x in sources) or not any(isinstance(x, tuple) for _, x in sources):
            break  # beside each other, and not one after the other; or of no parameter that they share
        count += 1
    return count


def _alike(one, other):
    """Whether two results are made alike, by the same operations of the same parameters, from as many steps before.

    What comes from before the first step may be anything, and more than what steps hand on: an LSTM begins with h and c.
    """
    (of, before, given), (of_other, before_other, given_other) = map(_sorted, (one, other))
    if one.operations != other.operations or of != of_other:
        return False
    return (before == before_other and given == given_other) or (not before and given >= given_other)


def _sorted(made):
    """The parameters that a result is made of, how far before it the results are, and how many other things there are."""
    parameters = [x for x in made.sources if isinstance(x, tuple)]
    before = [x for x in made.sources if isinstance(x, int)]
    return parameters, before, len(made.sources) - len(parameters) - len(before)


def roll(painter, repeats):
    """Let each of the Repeats in a painter's picture, which is folded by names, be one step with a loop."""
    for repeat in repeats:
        Rolled(repeat, painter.view, painter.output_name).replace(painter.picture, painter.ids)


class Rolled:
    """One Repeat as boxes: for each result of a step, and for each thing that is given anew at every step."""

    def __init__(self, repeat, view, output_name):
        self.repeat, self.view, self.output_name = repeat, view, output_name
        self.count, self.last = len(repeat.steps), repeat.steps[-1]
        self.names = [general([label_of(step[j].name) for step in repeat.steps]) for j in range(len(self.last))]
        self.given = self._given()

    def _given(self):
        """What every step is given anew: for each, its general name and the leaves."""
        columns = []
        for j in range(len(self.last)):
            for i, x in enumerate(self.view.sources(self.last[j])):
                leaves = [self.view.sources(step[j])[i] for step in self.repeat.steps]
                if x.op is None and len(set(leaves)) == self.count:
                    columns.append((general([label_of(leaf.name) or "x" for leaf in leaves]), leaves))
        return list({tuple(map(id, leaves)): (name, leaves) for name, leaves in columns}.values())

    def replace(self, picture, ids):
        """Put the rolled boxes in the place of those of all steps."""
        own = {ids[node]: ids[self.last[j]] for step in self.repeat.steps for j, node in enumerate(step)}
        leaves = {ids[leaf]: ids[group[-1]] for _, group in self.given for leaf in group}
        kept = [box for box in picture.boxes if box.id not in own and box.id not in leaves]
        at = min(i for i, box in enumerate(picture.boxes) if box.id in own)
        before = sum(box in kept for box in picture.boxes[:at])
        boxes = [self._given_box(name, group, ids) for name, group in self.given]
        boxes += [self._box(j, ids) for j in range(len(self.last))]
        picture.boxes[:] = [*kept[:before], *boxes, *kept[before:]]
        picture.arrows[:] = self._arrows(picture.arrows, own, leaves, ids)
        picture.notes.append(f"{', '.join(self.names)}: the same step {self.count} times, rolled up")

    def _arrows(self, arrows, own, leaves, ids):
        """Arrows into the last step, with a loop for what comes from the step before, and those out of any step."""
        now = {ids[node] for node in self.last}
        before = {ids[node] for node in self.repeat.steps[-2]}
        first = {ids[node] for node in self.repeat.steps[0]}
        found = {}
        for arrow in arrows:
            tail, head = own.get(arrow.tail) or leaves.get(arrow.tail, arrow.tail), own.get(arrow.head, arrow.head)
            if arrow.head in own and arrow.head not in now and not (arrow.head in first and arrow.tail not in own):
                continue
            kind = "loop" if arrow.tail in before and arrow.head in now else arrow.kind
            found.setdefault((tail, head, kind), Arrow(tail, head, kind=kind))
        return list(found.values())

    def _given_box(self, name, group, ids):
        lines = [Line(name, "name"), Line(f"× {self.count}", "note"), Line(str(group[-1].shape), "shape")]
        return Box(ids[group[-1]], "constant", lines, [("", name), ("", f"{self.count} different ones, one for each step")])

    def _box(self, j, ids):
        """A result of a step: its general name and formula, how often, and how large its gradient is at each step."""
        nodes = [step[j] for step in self.repeat.steps]
        meaning = self.view.meant.get(nodes[-1])
        made = meaning.name if meaning else self.formula(j)
        lines = [Line(self.names[j], "name"), Line(f"= {made}", "made"), Line(f"× {self.count}", "note")]
        lines += [Line(meaning.rule, "note")] if meaning else []
        gradients = [node.grad for node in nodes]
        if all(gradient is not None and is_numeric(gradient) for gradient in gradients):
            sizes = np.array([np.sqrt(np.sum(np.square(gradient))) for gradient in gradients])
            lines.append(Values(f"|∂{self.output_name}/∂{self.names[j]}|, t = 1 … {self.count}", sizes, "gradient", bars=True))
        card = [("", self.names[j]), ("", f"{self.count} times the same step")]
        return Box(ids[nodes[-1]], "intermediate", lines, card, is_pile=True)

    def formula(self, j):
        """How a result of the last step is made, with t in place of its number, and t − 1 in that of the step before."""
        written = {label_of(node.name): self.names[i] for i, node in enumerate(self.last)}
        written |= {label_of(node.name): earlier(self.names[i]) for i, node in enumerate(self.repeat.steps[-2])}
        written |= {label_of(group[-1].name): name for name, group in self.given if group[-1].name}
        names = sorted(filter(None, written), key=len, reverse=True)
        pattern = "|".join(rf"(?<!\w){re.escape(name)}(?![\w])" for name in names)
        return re.sub(pattern, lambda found: written[found[0]], spell_made(self.last[j]))


def general(names):
    """Names that differ in one number, with t in its place; else the first and the last.

    >>> general(["h_1", "h_2", "h_3"]), general(["h1", "h2"]), general(["a", "b"])
    ('h_t', 'h_t', 'a … b')
    """
    stems = {re.sub(r"_?\d+", "#", name, count=1) for name in names}
    (stem, *others) = stems
    if others or "#" not in stem:
        return f"{names[0]} … {names[-1]}" if len(set(names)) > 1 else names[0]
    return stem.replace("#", "_t")


def earlier(name):
    """The name of the step before.

    >>> earlier("h_t"), earlier("a … b")
    ('h_(t−1)', 'a … b before')
    """
    return name.replace("_t", "_(t−1)") if "_t" in name else f"{name} before"
