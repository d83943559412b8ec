"""What the page tells: the data of each of its positions, as lists, numbers and strings for JSON."""

import re

import numpy as np

from ..drawing.contents import scalar_or_values, shape_text
from ..drawing.places import Places
from ..formulas.brief import brief, counted, in_box
from ..formulas.formula import Element, Partial
from ..formulas.labels import label_of
from ..formulas.mathml import arithmetic, mathml
from ..formulas.spelling import spell_made
from ..formulas.unicode_text import number, text
from ..graph import PYTHON_NUMBERS, whole_graph
from ..pictures.picture import Line, Values
from .arrays import Arrays, largest
from .formulas import Formulas, letters_of

NOTES = {"given": "Given; no gradient is wanted.", "parameter": "A parameter: the backward pass finds its gradient."}
SEED_NOTES = {
    True: "Here the backward pass begins: what L changes by, if L itself does. Each step passes it on to one input.",
    False: "Here the backward pass begins, with the gradient that was given.",
}


class Positions:
    """What the page tells: positions one after the other, first each node's value, then the backward pass.

    Attributes
    ----------
    positions : list of dict
        What each position shows.
    arrays : Arrays
        The arrays that they refer to by number.
    """

    def __init__(self, steps, direction="TB"):
        self.steps, self.output, self.formulas = steps, steps.output, Formulas(steps)
        self.nodes = [node for node in whole_graph(self.output) if type(node.data) not in PYTHON_NUMBERS]
        self.arrays, self.positions = Arrays(), []
        self.title = self.formulas.label(self.output) + (f" = {spell_made(self.output)}" if spell_made(self.output) else "")
        self.first = len(self.nodes)  # position of the upstream gradient, where the backward pass begins
        self.graph = Places(self.output, direction)
        self.picture, self.notes = self.graph.picture, self.graph.picture.notes
        self.place = {node: i for i, node in enumerate(self.nodes)}
        self.added = {}  # of each input, the steps that add to its gradient
        for step in steps:
            if step.new is not None:
                self.added.setdefault(step.input, []).append(step)
        for i, node in enumerate(self.nodes):
            self.tell_value(i, node)
        self.tell_seed()
        for step in steps:
            self.tell_step(step)
        self.boxes = [self.box(node) for node in self.graph.drawn]
        self.picture.notes, self.picture.title = [], []

    def data(self):
        """All of it, for json."""
        arrows = [[item, *when] for item, when in self.graph.arrow_times(self.steps, self.place, self.first).items()]
        return {
            "positions": self.positions,
            "first": self.first,
            "boxes": self.boxes,
            "arrows": arrows,
            "arrays": self.arrays.written(),
        }

    # Positions

    def tell_value(self, i, node):
        """The value of one node."""
        kind = "operation" if node.op is not None else "parameter" if node.requires_grad else "given"
        rows = [
            [letter, mathml(self.formulas.formula(x)), self.arrays(x.data), self.formulas.label(x)]
            for letter, x in zip(letters_of(node), node.inputs, strict=True)
        ]
        name = self.formulas.label(node)
        through = "given" if node.op is None else f"through {node.op.name}"
        self.positions.append(
            {
                "kind": "value",
                "link": f"value={i + 1}",
                "count": f"Forward {i + 1} of {len(self.nodes)}",
                "title": ("math", mathml(self.formulas.formula(node))),
                "name": name,
                "through": through,
                "says": f"{name} = {brief(node.data)}, {through}",
                "quiz_says": f"{name}, {through}",
                "lit": self.graph.lit_value(node),
                "rows": rows,
                "formulas": self.formulas.of_value(node),
                "result": [None, self.arrays(node.data), None],
                "note": NOTES.get(kind, ""),
                "ask": None if node.op is None else self.question(self.formulas.formula(node), node.data, largest(node.data)),
            }
        )

    def tell_seed(self):
        """The start of the backward pass: the upstream gradient."""
        name = self.steps.gradient_name(self.output)
        self.positions.append(
            {
                "kind": "seed",
                "link": "step=0",
                "count": f"Backward 0 of {len(self.steps)}",
                "title": ("math", self.formulas.gradient(self.output)),
                "name": name,
                "through": "upstream gradient",
                "says": f"{name} = {brief(self.steps.seed)}, the upstream gradient",
                "lit": self.graph.lit_value(self.output, arrows=False),
                "rows": [],
                "formulas": [],
                "result": [None, self.arrays(self.steps.seed), None],
                "note": SEED_NOTES[bool(np.ndim(self.steps.seed) == 0 and self.steps.seed == 1)],
                "ask": None,
            }
        )

    def tell_step(self, step):
        """One contribution, or the sum of one over broadcast axes."""
        operands = {"dz": step.dz, "z": step.z, **dict(zip(letters_of(step.node), step.xs, strict=True))}
        asked = step.dx if step.new is None else step.new
        index = largest(step.dx)
        formulas = [["rule", step.rule]]
        if step.kind == "vjp":
            formulas += self.formulas.of_rule(step, operands, index)
            rows = self.rule_rows(step, operands)
        else:
            rows = [["", ("mtext", "before the sum"), self.arrays(step.full), f"{step.name}, before the sum"]]
        through = f"through {step.op.name}" if step.kind == "vjp" else "summed over broadcast axes"
        self.positions.append(
            {
                "kind": step.kind,
                "link": f"step={step.number}",
                "count": f"Backward {step.number} of {len(self.steps)}",
                "title": ("math", self.formulas.gradient(step.input)),
                "through": through,
                "says": f"{step.name} = {step.arithmetic}, {through}",
                "quiz_says": f"{step.name}, {through}",
                "lit": self.graph.lit_step(step),
                "rows": rows,
                "formulas": formulas,
                "result": [None if x is None else self.arrays(x) for x in (step.old, step.dx, step.new)],
                "sum": arithmetic(step.old, step.dx, step.new) if step.old is not None and step.new is not None else None,
                "name": step.name,
                "note": self.note_on(step),
                "ask": self.question(self.formulas.formula(step.input), asked, index, self.formulas.formula(self.output)),
            }
        )

    # Their parts

    def rule_rows(self, step, operands):
        """A row for each letter that the rule mentions, and for the local derivative where it is known."""
        mentioned = set(re.findall(r"\w+", step.rule.partition(" = ")[2]))
        rows = []
        for letter, x in operands.items():
            if letter in mentioned:
                formula, words = self.formulas.of_letter(step, letter)
                rows.append([letter, formula, self.arrays(x), words])
        if step.local is not None:
            local = ("mfrac", ("mrow", ("mo", "∂"), ("mi", "z")), ("mrow", ("mo", "∂"), ("mi", step.letter)))
            rows.append(["local", local, self.arrays(step.local), f"∂z/∂{step.letter}, the local derivative"])
        return rows

    def note_on(self, step):
        """What becomes of a contribution."""
        if step.new is None:
            return f"{step.letter} was repeated in this operation: the next step sums over the axes along which."
        later = sum(other.number > step.number for other in self.added.get(step.input, ()))
        if later:
            return f"{counted(later, 'more contribution')} to {step.name} to come."
        return f"With this, {step.name} is complete."

    @staticmethod
    def question(asked, values, index, output=None):
        """What the quiz asks: a scalar, or the element that the step changes most, called as in formulas: ∂L/∂h₄."""
        values = np.asarray(values)
        if values.size == 0 or values.dtype.kind not in "biuf":
            return None
        element = Element(asked, tuple(i + 1 for i in index))
        answer = float(values[index])
        return {
            "what": text(element if output is None else Partial(output, element)),
            "answer": answer if np.isfinite(answer) else str(answer),
            "shown": number(answer),
        }

    def box(self, node):
        """What a box of the graph shows when: its value from one position on, its gradients from others."""
        item, output = self.graph.items[self.graph.ids[node]], self.formulas.label(self.output)
        found = []
        if node.requires_grad:
            if node is self.output:
                found.append([self.first, self.steps.seed])
            found += [[self.first + step.number, step.new] for step in self.added.get(node, ())]
        sign = f"∂{output}/∂{label_of(node.name)}" if node.name else "∂"
        box = self.picture.boxes[item]
        box.later, times = self.contents(node, box, sign, found)
        return {
            "item": item,
            "also": [self.graph.items[self.graph.ids["op", node]]] if ("op", node) in self.graph.ids else [],
            "name": self.formulas.label(node),
            "gradient_name": self.steps.gradient_name(node),
            "made": spell_made(node),
            "shape": shape_text(node),
            "times": times,
            "asked": [len(times), len(times) + 1],
            "at": self.place[node],
            "value": [in_box(node.data), self.arrays(node.data)],
            "gradients": [[position, self.arrays(g)] for position, g in found],
            "wants": bool(node.requires_grad),
        }

    def contents(self, node, box, sign, found):
        """What stands in a box at different times, and from which position on: [position, which of them] pairs.

        The last is what a quiz shows in the place of the value, or the last two of the value and of the gradient.
        """
        shown = scalar_or_values if label_of(node.name) or node.op is None or not node.shape else brief_line
        value, is_column = shown("value", node.data, "value"), node in self.graph.contents.columns
        if isinstance(value, Values):
            value.column = is_column
        contents, times = [box.content, [*box.content, value]], [[0, 0], [self.place[node], 1]]
        for position, g in found:
            label = sign if g is found[-1][1] else f"{sign} so far"
            gradient = shown(label, g, "gradient")
            if isinstance(gradient, Values):
                gradient.column = is_column
            times.append([position, len(contents)])
            contents.append([*box.content, value, gradient])
        asked = [[*box.content, Line("= ?")], [*box.content, value, Line(f"{sign} = ?", "gradient")]]
        return [*contents, *asked[: 2 if found else 1]], times


def brief_line(label, array, role):
    """An array in a line, for an operation's ellipse."""
    return Line(in_box(array) if role == "value" else f"{label} = {in_box(array)}", role)
