"""`backward_steps(L).save("steps.html")`: one offline page to go through the passes with, and the same as frames for slides.

The page holds the graph once; which box and which arrow belong to which step, and every text that changes, stand beside it as
JSON. steps.html's script puts them in by `textContent`, and formulas element by element, so that no name becomes markup.
"""

import html
import io
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from .dot_text import to_dot
from .errors import operand_letters
from .graph import PYTHON_NUMBERS
from .mathml import LONGEST, RuleWriter, Unwritable, arithmetic, array, equation, gradient, named
from .notation import number
from .page import PAIR, _colours, _drawing, _policy, json_island, page_items
from .picture import Line
from .render import render
from .spelling import spell_made
from .steps import brief
from .tensor_diagram import GraphPainter, View, _shape, whole_graph
from .themes import theme_named

MOST_ELEMENTS = 100_000  # numbers that all cards together write out; larger arrays are shortened to keep within it
MOST_IN_A_BOX = 3  # elements that a box of the graph shows
INFIX = {"add": "x + y", "subtract": "x - y", "multiply": "x * y", "divide": "x / y", "power": "x ** y", "negative": "-x"}
NOTES = {"given": "Given; no gradient is wanted.", "parameter": "A parameter: the backward pass finds its gradient."}
DIRECTIONS = ("LR", "RL", "TB", "BT")
SECONDS_A_FRAME = 1.5
INVISIBLE = {"svg": "#010203", "png": "#00000000"}  # Graphviz draws no SVG text in clear ink: it is taken out of the file


def to_step_page(steps, theme="light", direction="TB"):
    """The HTML text of the page of some steps.

    Parameters
    ----------
    steps : BackwardSteps
    theme : {"light", "dark"}, optional
        A light page follows the reader's system, a dark one starts dark; a button switches.
    direction : {"LR", "RL", "TB", "BT"}, optional
        Which way the computation runs in the graph.

    Raises
    ------
    ValueError
        If there is no such theme.
    RendererError
        If there is no renderer, or it fails, or takes longer than a minute.
    """
    if theme not in PAIR:
        raise ValueError(f"A page of steps is light or dark; there is no {theme!r} one.")
    if direction not in DIRECTIONS:
        raise ValueError(f"There is no direction {direction!r}; there are {', '.join(DIRECTIONS)}.")
    told = Told(steps, direction)
    template = files(__package__).joinpath("stepper.html").read_text(encoding="utf-8")
    title = f"{told.title}, step by step"
    items = page_items(told.picture)
    parts = {
        "theme": {"light": "auto"}.get(theme, theme),
        "policy": _policy(template),
        "title": html.escape(title),
        "colours": _colours(PAIR),
        "drawings": "\n".join(_drawing(told.picture, name, items, title) for name in PAIR),
        "notes": "".join(f"<p>{html.escape(note)}</p>" for note in told.notes),
        "data": json_island(told.data()),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def to_notebook(steps):
    """The page in a frame of its own, for a notebook: it stays in the saved file, and reaches nothing outside itself."""
    page = html.escape(to_step_page(steps))
    return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="width:100%;height:640px;border:0" title="Steps"></iframe>'


class Told:
    """What the page tells: positions one after the other, first each node's value, then the backward pass.

    Attributes
    ----------
    positions : list of dict
        What each position shows.
    arrays : Arrays
        The arrays that they refer to by number.
    """

    def __init__(self, steps, direction="TB"):
        self.steps, self.output = steps, steps.output
        self.nodes = [node for node in whole_graph(self.output) if type(node.data) not in PYTHON_NUMBERS]
        self.arrays, self.positions = Arrays(), []
        self.title = self.label(self.output) + (f" = {spell_made(self.output)}" if spell_made(self.output) else "")
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

    def label(self, node):
        """How a node is called; a constant without a name by its value, if that is one number."""
        if node.name or node.op is not None or node is self.output or node.requires_grad:
            return self.steps.label(node)
        return number(np.asarray(node.data).item()) if np.ndim(node.data) == 0 else "constant"

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
        operands, letters = node.inputs, self.letters(node)
        rows = [
            [letter, named(self.label(x)), self.arrays(x.data), self.label(x)]
            for letter, x in zip(letters, operands, strict=True)
        ]
        formulas, made = [], spell_made(node)
        if made:
            formulas.append(["formula", equation(named(self.label(node)), named(made)) if node.name else ("math", named(made))])
        rule, index = INFIX.get(node.op.name) if node.op is not None else None, largest(node.data)
        if rule:
            values = dict(zip(letters, (x.data for x in operands), strict=True))
            formulas += self.in_numbers(rule, values, node.data, index)
        elif node.op is not None and len(operands) == 1 and np.ndim(node.data) == np.ndim(operands[0].data) == 0:
            call = ("mrow", ("mi", node.op.name), ("mo", "("), array(operands[0].data), ("mo", ")"))
            formulas.append(["in numbers", equation(call, array(node.data))])
        name = self.label(node)
        text = "given" if node.op is None else f"through {node.op.name}"
        self.positions.append({
            "kind": "value",
            "link": f"value={i + 1}",
            "count": f"Forward {i + 1} of {len(self.nodes)}",
            "title": ("math", named(name)),
            "name": name,
            "through": text,
            "says": f"{name} = {brief(node.data)}, {text}",
            "quiz_says": f"{name}, {text}",
            "lit": self.graph.lit_value(node),
            "rows": rows,
            "formulas": formulas,
            "result": [None, self.arrays(node.data), None],
            "note": NOTES.get(kind, ""),
            "ask": None if node.op is None else self.question(name, node.data, index),
        })

    def tell_seed(self):
        """The start of the backward pass: the upstream gradient."""
        name = self.steps.gradient_name(self.output)
        self.positions.append({
            "kind": "seed",
            "link": "step=0",
            "count": f"Backward 0 of {len(self.steps)}",
            "title": ("math", self.gradient(self.output)),
            "name": name,
            "through": "upstream gradient",
            "says": f"{name} = {brief(self.steps.seed)}, the upstream gradient",
            "lit": self.graph.lit_value(self.output, arrows=False),
            "rows": [],
            "formulas": [],
            "result": [None, self.arrays(self.steps.seed), None],
            "note": "Here the backward pass begins: what L changes by, if L itself does. Each step passes it on to one input."
            if np.ndim(self.steps.seed) == 0 and self.steps.seed == 1
            else "Here the backward pass begins, with the gradient that was given.",
            "ask": None,
        })

    def tell_step(self, step):
        """One contribution, or the sum of one over broadcast axes."""
        later = sum(other.number > step.number for other in self.added.get(step.input, ()))
        if step.new is None:
            note = f"{step.letter} was repeated in this operation: the next step sums over the axes along which."
        elif later:
            note = f"{later} more contribution{'s' * (later > 1)} to {step.name} to come."
        else:
            note = f"With this, {step.name} is complete."
        inputs = zip(self.letters(step.node), step.node.inputs, strict=True)
        operands = {"dz": step.dz, "z": step.node.data, **{letter: x.data for letter, x in inputs}}
        asked = step.dx if step.new is None else step.new
        index = largest(step.dx)
        formulas = [["rule", step.rule]]
        if step.kind == "vjp":
            formulas += self.rule_formulas(step, operands, index)
        else:
            operands = {}
        mentioned = set(re.findall(r"\w+", step.rule.partition(" = ")[2]))
        rows = [[letter, *self.meaning(step, letter, x)] for letter, x in operands.items() if letter in mentioned]
        if step.kind == "vjp" and step.local is not None:
            local = ("mfrac", ("mrow", ("mo", "∂"), ("mi", "z")), ("mrow", ("mo", "∂"), ("mi", step.letter)))
            rows.append(["local", local, self.arrays(step.local), f"∂z/∂{step.letter}, the local derivative"])
        if step.kind == "sum":
            rows = [["", ("mtext", "before the sum"), self.arrays(step.full), f"{step.name}, before the sum"]]
        through = f"through {step.op.name}" if step.kind == "vjp" else "summed over broadcast axes"
        self.positions.append({
            "kind": step.kind,
            "link": f"step={step.number}",
            "count": f"Backward {step.number} of {len(self.steps)}",
            "title": ("math", self.gradient(step.input)),
            "through": through,
            "says": f"{step.name} = {step.arithmetic}, {through}",
            "quiz_says": f"{step.name}, {through}",
            "lit": self.graph.lit_step(step),
            "rows": rows,
            "formulas": formulas,
            "result": [None if x is None else self.arrays(x) for x in (step.old, step.dx, step.new)],
            "sum": arithmetic(step.old, step.dx, step.new) if step.old is not None and step.new is not None else None,
            "name": step.name,
            "note": note,
            "ask": self.question(step.name, asked, index),
        })

    # Their parts

    @staticmethod
    def letters(node):
        """What the rules call the inputs of a node."""
        return operand_letters(node.op, len(node.inputs)) if node.op is not None else []

    def gradient(self, node):
        return gradient(self.label(self.output), self.label(node))

    def meaning(self, step, letter, values):
        """What a letter of a rule stands for: as a formula, its values, in words."""
        if letter == "dz":
            return self.gradient(step.node), self.arrays(values), self.steps.gradient_name(step.node)
        node = step.node if letter == "z" else step.node.inputs[self.letters(step.node).index(letter)]
        return named(self.label(node)), self.arrays(values), self.label(node)

    def rule_formulas(self, step, operands, index):
        """A rule in the names of this graph, and in numbers: all of them, or those of one element."""
        rule = step.rule.partition(" = ")[2]
        names = {letter: self.short(step, letter) for letter in operands}
        writer = RuleWriter(names, {**operands, "self": step.op})
        try:
            written = writer(rule)
        except Unwritable:
            return []
        named_formula = [["in this graph", equation(self.short(step, f"d{step.letter}"), written)]]
        return named_formula + self.in_numbers(rule, {**operands, "self": step.op}, step.dx, index)

    def short(self, step, letter):
        """What stands for a letter in a formula: its name, unless that is long."""
        if letter == f"d{step.letter}":
            node, d = step.input, True
        elif letter == "dz":
            node, d = step.node, True
        else:
            node = step.node if letter == "z" else step.node.inputs[self.letters(step.node).index(letter)]
            d = False
        label = self.label(node)
        if len(label) > LONGEST:
            return ("mi", letter)
        if d:
            return self.gradient(node)
        plain = re.fullmatch(r"[\w.′]+|[\w.]*\(.*\)", label)  # a name, a call, or in brackets already
        return named(label) if plain else ("mrow", ("mo", "("), named(label), ("mo", ")"))

    def in_numbers(self, rule, operands, result, index):
        """The rule with numbers in it, for scalars, or for one element where each comes from the same ones of the others."""
        values = {}
        for letter, x in operands.items():
            if letter != "self" and np.shape(x) in ((), np.shape(result)) and np.size(x):
                x = np.asarray(x)[index if np.ndim(x) else ()].item()
                values[letter] = ("mn", number(x))
        if rule in values:
            return []  # dx = dz says nothing more in numbers
        writer = RuleWriter(values, operands)
        try:
            written = writer(rule)
        except Unwritable:
            return []
        if not writer.by_element or not np.size(result) or not writer.used:
            return []
        where = f"in numbers, element {list(index)}" if index else "in numbers"
        return [[where, equation(written, ("mn", number(np.asarray(result)[index].item())))]]

    def question(self, name, values, index):
        """What the quiz asks: a scalar, or the element that the step changes most."""
        values = np.asarray(values)
        if values.size == 0 or values.dtype.kind not in "biuf":
            return None
        where = f"{name}{list(index)}" if index else name
        answer = float(values[index])
        return {"what": where, "answer": answer if np.isfinite(answer) else str(answer), "shown": number(answer)}

    def box(self, node):
        """What a box of the graph shows when: its value from one position on, its gradients from others."""
        item, output = self.graph.items[self.graph.ids[node]], self.label(self.output)
        found = []
        if node.requires_grad:
            if node is self.output:
                found.append([self.first, self.steps.seed])
            found += [[self.first + step.number, step.new] for step in self.added.get(node, ())]
        sign = f"∂{output}/∂{node.name} = " if node.name else "∂ = "
        lines = self.graph.make_room(node, in_box(node.data), [sign + in_box(g) for _, g in found])
        return {
            "item": item,
            "also": [self.graph.items[self.graph.ids["op", node]]] if ("op", node) in self.graph.ids else [],
            "name": self.label(node),
            "gradient_name": self.steps.gradient_name(node),
            "made": spell_made(node),
            "shape": _shape(node),
            "lines": lines,
            "at": self.place[node],
            "value": [in_box(node.data), self.arrays(node.data)],
            "gradients": [[position, sign + in_box(g), self.arrays(g)] for position, g in found],
            "wants": bool(node.requires_grad),
        }


class Places:
    """Where in the drawing the nodes, operations and arrows are. The boxes have room for the longest text they will show."""

    def __init__(self, output, direction, show=("shape",)):
        view = View(output, "auto", None, names_only=False)
        painter = GraphPainter(view, show, direction)
        self.view, self.ids, self.picture = view, painter.ids, painter.paint()
        self.drawn = [node for node in view.shown if type(node.data) not in PYTHON_NUMBERS]
        self.items = {box.id: i for i, box in enumerate(self.picture.boxes)}
        self.owner = {}
        for node in reversed(view.nodes):  # youngest first: what is folded away belongs to a drawn node made from it
            for x in node.inputs:
                if x not in view.shown:
                    self.owner.setdefault(x, node if node in view.shown else self.owner.get(node, node))
        self.arrows = {}
        for i, arrow in enumerate(self.picture.arrows, start=len(self.picture.boxes)):
            self.arrows.setdefault((arrow.tail, arrow.head), []).append(i)

    def make_room(self, node, value, gradients):
        """Put lines of the right width into a node's box; returns which ones of its lines they are."""
        box = self.picture.boxes[self.items[self.ids[node]]]
        lines = [len(box.content), len(box.content) + 1] if gradients else [len(box.content)]
        box.content.append(Line(value, "value"))
        if gradients:
            box.content.append(Line(max(gradients, key=len), "gradient"))
        return lines

    def add_line(self, node):
        """Put a line for a gradient into a node's box, and return it."""
        line = Line("", "gradient")
        self.picture.boxes[self.items[self.ids[node]]].content.append(line)
        return line

    def shown_as(self, node):
        """The drawn node that a node is, or belongs to."""
        return node if node in self.view.shown else self.owner.get(node, node)

    def box_of(self, node):
        node = self.shown_as(node)
        return self.items[self.ids[node]] if node in self.ids else None

    def head_of(self, node):
        """The id at which arrows into a node end: its operation's."""
        node = self.shown_as(node)
        for key in (("op", node), node):
            if key in self.ids:
                return self.ids[key]
        return None

    def arrow(self, node, position):
        """The arrow from an input of a node to it; of several between the same two, the one of that position."""
        x, head = self.shown_as(node.inputs[position]), self.head_of(node)
        if x not in self.ids or head is None or x is self.shown_as(node):
            return None
        same = self.arrows.get((self.ids[x], head), [])
        before = sum(other is node.inputs[position] for other in node.inputs[:position])
        return same[min(before, len(same) - 1)] if same else None

    def inner(self, node):
        """The arrow from a node's operation to its own box, if it has both."""
        node = self.shown_as(node)
        return self.arrows.get((self.ids["op", node], self.ids[node]), [None])[0] if ("op", node) in self.ids else None

    def operation(self, node):
        head = self.head_of(node)
        return None if head is None else self.items[head]

    def lit_value(self, node, arrows=True):
        """The items that stand out: [the box, its operation], [arrows], [where they come from]."""
        boxes = [self.box_of(node), self.operation(node)] if arrows else [self.box_of(node)]
        ways = [self.arrow(node, i) for i in range(len(node.inputs))] + [self.inner(node)] if arrows else []
        return unique(boxes), unique(ways), []

    def lit_step(self, step):
        boxes = [self.box_of(step.input)]
        return unique(boxes), unique([self.arrow(step.node, step.position), self.inner(step.node)]), unique(
            x for x in (self.box_of(step.node), self.operation(step.node)) if x not in boxes
        )

    def arrow_times(self, steps, place, first):
        """Of each arrow the positions at which a value, and at which a gradient, goes along it first."""
        found = {}
        for node in place:
            for i in range(len(node.inputs)):
                item = self.arrow(node, i)
                if item is not None:
                    found.setdefault(item, [place[node], None])
            if self.inner(node) is not None:
                found.setdefault(self.inner(node), [place[node], None])
        for step in steps:
            for item in (self.arrow(step.node, step.position), self.inner(step.node)):
                if item in found and found[item][1] is None:
                    found[item][1] = first + step.number
        return found


class Arrays:
    """The arrays that a page shows, each once; called with one, it gives its number."""

    def __init__(self):
        self.number_of, self.kept = {}, []

    def __call__(self, x):
        x = np.asarray(x)
        key = (x.shape, x.dtype.str, x.tobytes())
        if key not in self.number_of:
            self.number_of[key] = len(self.kept)
            self.kept.append(x)
        return self.number_of[key]

    def written(self):
        """Of each array: its shape, the array in brief, as a formula if it is small, and all its values."""
        most = MOST_ELEMENTS
        while most > 100 and sum(min(x.size, most) for x in self.kept) > MOST_ELEMENTS:
            most //= 2
        return [[str(x.shape), brief(x), array(x), full(x, most)] for x in self.kept]


def full(x, most):
    """All values of an array, or, of one larger than `most`, the ones at its edges.

    >>> print(full(np.array([[1.0, -2.5]]), 10))
    [[ 1. , -2.5]]
    """
    return np.array2string(x, separator=", ", threshold=most, edgeitems=3, precision=6, max_line_width=110)


def largest(x):
    """The index of the largest element, as a tuple of int; () for a scalar or for nothing.

    >>> largest(np.array([[1.0, -3.0]])), largest(np.float64(2))
    ((0, 1), ())
    """
    x = np.asarray(x)
    if x.ndim == 0 or x.size == 0 or x.dtype.kind not in "biuf":
        return ()
    return tuple(map(int, np.unravel_index(np.argmax(np.nan_to_num(np.abs(x))), x.shape)))


def in_box(x):
    """An array in a box of the graph: few numbers, of three digits, else their range.

    >>> in_box(np.array([0.12345, 2])), in_box(np.arange(10.0))
    ('[0.123, 2]', '0 … 9')
    """
    x = np.asarray(x)
    if x.dtype.kind not in "biuf" or x.size == 0:
        return brief(x) if x.size == 0 else str(x.dtype)
    if x.size > MOST_IN_A_BOX or x.ndim > 1:
        return f"{number(x.min(), 3)} … {number(x.max(), 3)}"
    written = ", ".join(number(v, 3) for v in x.ravel().tolist())
    return written if x.ndim == 0 else f"[{written}]"


def unique(items):
    return list(dict.fromkeys(item for item in items if item is not None))


# Frames


def save_frames(steps, folder, format="svg", theme="light"):
    """See BackwardSteps.save_frames."""
    if format not in ("svg", "png"):
        raise ValueError(f"Frames are svg or png files; there is no format {format!r}.")
    folder = Path(folder)
    pictures = frames(steps, format, theme)
    first = next(pictures)  # what cannot be drawn leaves no folder behind
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i, picture in enumerate([first, *pictures]):
        paths.append(folder / f"frame_{i:03d}.{format}")
        paths[-1].write_bytes(picture)
    return paths


def frames(steps, format, theme, inches=None):
    """Yield the picture of the graph before the first step, and after each with its arrow lit.

    Laid on each other in the middle, nothing moves: gradients not known yet have their room, in ink that is not seen.
    """
    output = steps.output
    graph = Places(output, "TB", ("shape", "value"))
    look = theme_named(theme)._replace(negative=INVISIBLE[format])
    known = {output: [(0, steps.seed)]}
    for step in steps:
        if step.new is not None:
            known.setdefault(step.input, []).append((step.number, step.new))
    lines = []
    for node, found in known.items():
        if node in graph.view.shown:
            sign = f"{steps.gradient_name(node)} = " if node.name or node is output else "∂ = "
            lines.append((graph.add_line(node), [(count, sign + in_box(g)) for count, g in found]))
    plain = list(graph.picture.arrows)
    size = "{" if inches is None else f'{{\n\tgraph [size="{inches},{inches}"]'
    for count in range(len(steps) + 1):
        for line, texts in lines:
            now = [text for when, text in texts if when <= count]
            line.text, line.role = (now[-1], "gradient") if now else (texts[-1][1], "negative")
        step = steps[count - 1] if count else None
        told = f"{step.name} = {step.arithmetic}" if step else f"{steps.gradient_name(output)} = {brief(steps.seed)}"
        graph.picture.title = [f"step {count} of {len(steps)}: {told}"]
        lit = graph.lit_step(step)[1] if step else []
        graph.picture.arrows = [
            replace(arrow, kind="gradient", against=True) if i in lit else arrow
            for i, arrow in enumerate(plain, start=len(graph.items))
        ]
        picture = render(to_dot(graph.picture, look).replace("{", size, 1), format)
        yield picture.replace(f'fill="{INVISIBLE["svg"]}"'.encode(), b'fill="none"') if format == "svg" else picture


def save_animation(steps, path, theme="light"):
    """All frames as one animated GIF, each in the middle of a canvas that fits the largest."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(
            "An animated picture needs Pillow: pip install pillow. Frames do without it: .save_frames(folder)."
        ) from None
    pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png in frames(steps, "png", theme, inches=7)]
    width, height = (max(picture.size[i] for picture in pictures) for i in (0, 1))
    canvases = []
    for picture in pictures:
        canvas = Image.new("RGB", (width, height), picture.getpixel((0, 0)))
        canvas.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        canvases.append(canvas.quantize(64, Image.Quantize.FASTOCTREE))
    canvases[0].save(path, save_all=True, append_images=canvases[1:], duration=round(1000 * SECONDS_A_FRAME), loop=0)
