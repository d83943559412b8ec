"""What the live page draws of a graph: boxes with numbers, circles with operations, arrows; and how each is called.

Nodes are numbers, oldest first; an element of one is its place in the array, row by row.
"""

from functools import cached_property

import numpy as np

from ..drawing.view import View
from ..explaining.cone import tell_apart
from ..formulas.brief import counted
from ..formulas.formula import Equation, Name
from ..formulas.labels import label_of
from ..formulas.mathml import mathml
from ..formulas.roles import columns_among
from ..formulas.spelling import formula_of, made_of, spell
from ..formulas.unicode_text import number
from ..graph import whole_graph
from ..nn.module import title_of
from ..pictures.stubs import stubs_of
from ..pictures.typesetting import clipped
from ..programs.evidence import is_number
from . import live_layout
from .formulas import on_page

GLYPHS = {"matmul": "•", "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negative": "−( )", "sum": "Σ"}
WITH_A_NUMBER = ("add", "subtract", "multiply", "divide")  # ÷ 2
MOST_OPERATIONS = 24  # circles that are drawn; of more, those between two tensors that have boxes are one
MOST_BOXES = 60  # of more tensors, those in modules are folded away; and of still more, those far from the loss
MOST_EQUATIONS = 6
LONGEST_NAME = 24  # letters


class Graph:
    """A graph, as it is drawn.

    Parameters
    ----------
    output : Tensor
        The loss.

    Attributes
    ----------
    nodes : list of Tensor
        Oldest first, without Python's numbers.
    ids : dict of Tensor to int
    labels : dict of Tensor to str
        How those are called that have a box.
    boxed : list of Tensor
        These, oldest first.
    folded : bool
        Whether all operations between two boxes are one circle.
    notes : list of str
        What the page says below.
    """

    def __init__(self, output):
        self.output = output
        self.nodes = [node for node in whole_graph(output) if not is_number(node)]
        self.ids = {node: i for i, node in enumerate(self.nodes)}
        self.folded = sum(node.op is not None for node in self.nodes) > MOST_OPERATIONS
        labels = labels_of(self.nodes, output)
        self.labels, self.notes = shown_of(with_modules(labels, output) if self.folded else labels, output)
        self.boxed = [node for node in self.nodes if node in self.labels]
        self.upright = columns_among(self.nodes)

    def drawn(self):
        """All that is drawn, for JSON; `graded` are those that a gradient comes to."""
        return {
            "equations": [self.equation(node) for node in self.boxed if node.op is not None][-MOST_EQUATIONS:],
            "layouts": {direction: self.layout(direction) for direction in live_layout.DIRECTIONS},
            "links": [link[3:] for link in self.links],
            "glyphs": {self.ids[node]: self.glyph(node) for node in self.circled},
            "cell": {key: getattr(live_layout, key.upper()) for key in ("cell", "value", "pair", "head", "margin")},
        }

    def node(self, node):
        """What is told of a node."""
        label = formula_of(node, names=self.labels)
        grid = live_layout.grid_of(node, self.upright)
        return {
            "label": mathml(label),
            "name": self.labels.get(node) or spell(node),
            "shape": list(np.shape(node.data)),
            "dtype": node.data.dtype.name,
            "kind": "output" if node is self.output else "computed" if node.op is not None else self.kind_of_leaf(node),
            "op": node.op.name if node.op is not None else None,
            "from": [self.ids.get(x, None) for x in node.inputs],
            "numbers": [None if x in self.ids else float(np.real(x.data)) for x in node.inputs],
            "grid": list(grid) if node in self.labels else None,
            "upright": node in self.upright,
        }

    def kind_of_leaf(self, node):
        return "parameter" if node.requires_grad else "given"

    def equation(self, node):
        """h = tanh(x W + b), for the top of the page."""
        return on_page(Equation((Name(self.labels[node]), made_of(node, names=self.labels))))

    def inside(self, node):
        """What lies between a tensor that has a box and those that it is computed from, itself too; oldest first."""
        found, waiting = {node}, [node]
        while waiting:
            for x in waiting.pop().inputs:
                if x.op is not None and x in self.ids and x not in self.labels and x not in found:
                    found.add(x)
                    waiting.append(x)
        return sorted(found, key=self.ids.__getitem__)

    @cached_property
    def links(self):
        """Arrows: (tail, head, is_main, node that is read, node of the operation, position of the operand).

        From an operation to the box of its result there is no operation that reads, and None stands for the last two. What is
        read again far away has a stub there, "s2_7" for the second one of node 7.
        """
        links = list(self.whole_links())
        stubs = stubs_of([link[:2] for link in links])
        return [(f"s{stub}_{link[0][1:]}", *link[1:]) if stub else link for link, stub in zip(links, stubs, strict=True)]

    def whole_links(self):
        """Arrows without stubs.

        Of a folded graph, one circle stands for all that lies between a tensor and those that it is made from.
        """
        for node in self.boxed:
            if node.op is None:
                continue
            yield f"o{self.ids[node]}", f"b{self.ids[node]}", True, self.ids[node], None, None
            inside = self.inside(node)
            for made in [node] if self.folded else inside:
                read = self.read_by(inside) if self.folded else list(enumerate(made.inputs))
                for position, x in read:
                    if x in self.labels or x in self.circled:
                        tail = f"{'b' if x in self.labels else 'o'}{self.ids[x]}"
                        yield tail, f"o{self.ids[made]}", x.op is not None, self.ids[x], self.ids[made], position

    def read_by(self, inside):
        """What is read by what lies inside, each once."""
        known = set(inside)
        return [(None, x) for x in dict.fromkeys(x for node in inside for x in node.inputs) if x not in known]

    def size_of_box(self, node):
        return live_layout.size_of_box(node, live_layout.grid_of(node, self.upright), self.labels[node])

    def layout(self, direction):
        boxes = {}
        for node in self.boxed:
            boxes[f"b{self.ids[node]}"] = self.size_of_box(node)
        for tail, *_, read, _, _ in self.links:
            if tail[0] == "s":
                boxes[tail] = live_layout.size_of_stub(self.labels[self.nodes[read]])
        circles = {f"o{self.ids[node]}": live_layout.size_of_operation(self.glyph(node)) for node in self.circled}
        return live_layout.layout(boxes, circles, [link[:3] for link in self.links], direction)

    @cached_property
    def circled(self):
        """The nodes whose operations are drawn."""
        made = [node for node in self.boxed if node.op is not None]
        return dict.fromkeys(made if self.folded else [x for node in made for x in self.inside(node)])

    def glyph(self, node):
        """What stands in an operation's circle."""
        if self.folded and len(self.inside(node)) > 1:
            return "…"
        sign, numbers = GLYPHS.get(node.op.name, node.op.name), [x.data for x in node.inputs if is_number(x)]
        if node.op.name == "power" and is_number(node.inputs[1]):
            return f"( ){str(node.inputs[1].data).translate(str.maketrans('0123456789.-', '⁰¹²³⁴⁵⁶⁷⁸⁹·⁻'))}"
        if node.op.name in WITH_A_NUMBER and len(numbers) == 1:
            shown = number(float(numbers[0]), 3)
            return f"{sign} {shown}" if is_number(node.inputs[1]) else f"{shown} {sign}"
        return sign


# ---- Which tensors have a box, and how they are called


def labels_of(nodes, output):
    """What the tensors are called that have a box: named ones, the output, and all leaves; alike ones with primes."""
    labels = {node: clipped(label_of(node.name), LONGEST_NAME) for node in nodes if node.name}
    labels.setdefault(output, "L")
    for node in nodes:
        if node.op is None and node not in labels:
            labels[node] = "θ" if node.requires_grad else "c"
    labels = {node: labels[node] for node in nodes if node in labels}
    tell_apart(labels)
    return labels


def with_modules(labels, output):
    """The labels, and those of what modules returned: of as many levels of them as there are boxes for."""
    view = View(output, "auto", None, names_only=True)
    for level in range(view.nesting.deepest, -1, -1):
        titles = {}
        for node, calls in view.calls.items():
            returned_by = [call for call in calls if view.nesting.levels[call.first] <= level]
            if returned_by and node not in labels:
                titles[node] = name_of(returned_by[-1], view)
        tell_apart(titles)
        if len(labels) + len(titles) <= MOST_BOXES:
            return labels | titles
    return labels


def name_of(call, view):
    """What the result of a module's call is called: by where the module is, attention.query, or by its class."""
    path, around, kind = [], view.around(call), type(call.module).__name__
    while around is not None:
        place, sign, _ = title_of(call, around).partition(": ")
        path += [place] if sign else []
        call, around = around, view.around(around)
    name = ".".join(path[::-1])
    return name if any(map(str.isalpha, name)) else kind


def shown_of(labels, output):
    """Of many labels those that are shown, as few folded away as are needed; and notes on what was."""
    if len(labels) <= MOST_BOXES:
        return labels, []
    view = View(output, "auto", None, names_only=True)
    for level in range(view.nesting.deepest, -1, -1) if view.nesting.calls else ():
        view = View(output, level, None, names_only=True)
        titles = {node: title_of(call, view.around(call)) for node, call in view.closed.items() if node not in labels}
        tell_apart(titles)
        shown = {node: label for node, label in (labels | titles).items() if node in view.shown}
        if len(shown) <= MOST_BOXES:
            return shown, [
                f"Of {counted(len(labels), 'tensor')} those within modules have no box: {view.said(level)} one each."
            ]
    near = nearest(output, labels)
    rest = len(labels) - len(near)
    return near, [f"{counted(rest, 'more tensor')}, further from {labels[output]}, {'has' if rest == 1 else 'have'} no box."]


def nearest(output, labels):
    """The labels of those that are fewest operations away from the output."""
    found, order = {output}, [output]
    for node in order:
        for x in node.inputs:
            if x not in found:
                found.add(x)
                order.append(x)
    kept = set([node for node in order if node in labels][:MOST_BOXES])
    return {node: label for node, label in labels.items() if node in kept}


def packed(x):
    """An array for JSON, its numbers in full."""
    x = np.asarray(x)
    return {"shape": list(x.shape), "data": [v if np.isfinite(v) else text_of(v) for v in x.astype(float).ravel().tolist()]}


def text_of(x):
    """What JSON does not know: NaN, Infinity, -Infinity."""
    return "NaN" if np.isnan(x) else "Infinity" if x > 0 else "-Infinity"
