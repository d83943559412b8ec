"""What the live page knows of a recorded graph: programs in JavaScript, and data to draw and to explain it with.

Nodes are numbers, oldest first; an element of one is its place in the array, row by row. The page knows no operation: values,
gradients and partials come from the programs, formulas and layout from here.
"""

import re

import numpy as np

from ..backprop import backpropagate, data_of
from ..errors import operand_letters
from ..explaining.cone import tell_apart
from ..formulas.formula import Equation, Name
from ..formulas.labels import label_of
from ..formulas.mathml import mathml
from ..formulas.roles import columns_among
from ..formulas.spelling import SymbolReader, formula_of, made_of, spell
from ..graph import Audience, reachable, whole_graph
from ..programs.evidence import is_number
from ..programs.javascript_writer import javascript
from ..programs.program import program_of
from ..programs.recordings import unchanged
from ..programs.tracing import Trace
from ..programs.unrolling import refuse_unfit, wanted_of
from ..source.rules import rule_text
from ..watching.observers import Observer
from . import live_layout
from .formulas import Formulas, letters_of, on_page
from .live_samples import Samples
from .live_segments import MOST_FORMULAS, Segment, partials_of

GLYPHS = {"matmul": "•", "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negative": "−( )", "sum": "Σ"}
WITH_A_NUMBER = ("add", "subtract", "multiply", "divide")  # ÷ 2
MOST_OPERATIONS = 24  # circles that are drawn; of more, those between two named tensors are one
MOST_BOXES = 60
MOST_ELEMENTS = 20_000  # of all arrays together: numbers that JavaScript computes in a frame


FROZEN = (
    "A mask, an index or targets were computed outside of the graph: on this page they stay as they were recorded, whatever is "
    "dragged."
)


class Network:
    """A recorded graph, as the page is told of it.

    Parameters
    ----------
    output : Tensor
        The loss.
    is_turned : bool, optional
        Whether samples are columns.

    Attributes
    ----------
    data : dict
        All that is no program, for JSON.
    programs : str
        JavaScript: a function that returns those of this graph, for values, gradients, and partials of every segment.
    """

    def __init__(self, output, is_turned=False):
        self.output, self.wanted = output, wanted_of(output, None)
        refuse_unfit(output, self.wanted)
        self.nodes = [node for node in whole_graph(output) if not is_number(node)]
        self.ids = {node: i for i, node in enumerate(self.nodes)}
        self.labels = labels_of(self.nodes, output)
        self.boxed = [node for node in self.nodes if node in self.labels]
        self.refuse_large()
        self.constants, self.functions = [], []
        trace = traced(output, self.wanted)
        self.gradients = trace.gradients
        self.segments = {x: Segment(x, self.gradients, self.labels) for x in self.boxed if x.op is not None}
        self.add_passes(program_of(trace), trace.contributions)
        segments = [self.segment(segment) for segment in self.segments.values()]
        samples = self.samples(Samples(output, -1 if is_turned else 0))
        self.programs = together(self.functions)
        self.folded = sum(node.op is not None for node in self.nodes) > MOST_OPERATIONS
        self.data = {
            "loss": self.ids[output],
            "nodes": [self.node(node) for node in self.nodes],
            "inputs": self.inputs,
            "segments": segments,
            "parameters": [self.ids[x] for x in self.wanted],
            "constants": self.constants,
            "steps": Telling(self, trace.contributions).steps,
            "equations": [self.equation(node) for node in self.boxed if node.op is not None][-6:],
            "layouts": {direction: self.layout(direction) for direction in live_layout.DIRECTIONS},
            "links": [link[3:] for link in self.links()],
            "glyphs": {self.ids[node]: self.glyph(node) for node in self.circled},
            "cell": {key: getattr(live_layout, key.upper()) for key in ("cell", "value", "pair", "head", "margin")},
            "units": self.units(),
            "samples": samples,
        }
        frozen = [x for x in self.boxed if x.op is None and x.data.dtype.kind != "f"]
        self.notes = [FROZEN] if self.constants or frozen else []

    def refuse_large(self):
        """Raise ValueError if there are more tensors or numbers than a page can show."""
        numbers = sum(np.size(node.data) for node in self.nodes)
        if len(self.boxed) > MOST_BOXES or numbers > MOST_ELEMENTS:
            raise ValueError(
                f"live(L) shows every number; this graph has {len(self.boxed):,} tensors with {numbers:,} numbers, and it "
                f"takes {MOST_BOXES} with {MOST_ELEMENTS:,}.\nCompute the loss of fewer samples or a smaller network; "
                "draw(L) shows graphs of any size, and backward_steps(L) goes through them."
            )

    # Programs

    def add_passes(self, program, contributions):
        """Two functions: `forward`, for the values, and `both`, for values, gradients and contributions."""
        values = {f"v{self.ids[node]}": x for node, x in program.values.items() if node in self.ids}
        gradients = {f"g{self.ids[node]}": x for node, x in program.gradients.items()}
        steps = {f"d{i}": dx for i, (_, _, dx, _) in enumerate(contributions)}
        steps |= {f"f{i}": full for i, (_, _, dx, full) in enumerate(contributions) if full.shape != dx.shape}
        self.functions.append(javascript("forward", program, values)[0])
        source, parameters = javascript("both", program, values | gradients | steps)
        self.functions.append(source)
        self.inputs = {name: self.given(program, x) for name, x in parameters.items()}

    def given(self, program, parameter, copied=None):
        """What a parameter of a function is: the node whose value it is, or the number of a constant."""
        node = program.parameters[parameter]
        node = (copied or {}).get(node, node)
        if node in self.ids:
            return self.ids[node]
        self.constants.append(packed(program.arrays[parameter]))
        return {"constant": len(self.constants) - 1}

    def segment(self, segment):
        """A segment's function, and the formulas of its partials."""
        trace, copies, seed = segment.trace()
        originals, program, here = {copy: node for node, copy in copies.items()}, program_of(trace), self.ids[segment.tensor]
        results = {f"e{self.ids[end]}": program.gradients[copies[end]] for end in segment.ends}
        within = [(originals[node], position, dx) for node, position, dx, _ in trace.contributions if node in originals]
        results |= {f"d{self.ids[node]}_{position}": x for node, position, x in within}
        source, parameters = javascript(f"segment{here}", program, results)
        self.functions.append(source)
        return {
            "of": here,
            "ends": [self.ids[end] for end in segment.ends],
            "inside": [self.ids[node] for node in segment.inside],
            "inputs": self.inputs_of(program, parameters, seed, originals),
            "partials": partials_of(segment, self.reader, self.ids) if self.is_short(segment) else [],
        }

    def samples(self, samples):
        """What is told of the samples of a batch; the function `samples` gives gradients from a seed. None without a batch."""
        if samples.terms is None:
            return None
        trace, seed = samples.trace(self.wanted)
        program = program_of(trace)
        gradients = {f"g{self.ids[x]}": program.gradients[x] for x in self.wanted}
        source, parameters = javascript("samples", program, gradients)
        self.functions.append(source)
        return {
            "of": self.ids[samples.terms],
            "kind": samples.kind,
            "count": samples.count,
            "weight": samples.weight,
            "are_columns": samples.axis == -1 and np.ndim(samples.terms.data) == 2,
            "inputs": self.inputs_of(program, parameters, seed),
        }

    def inputs_of(self, program, parameters, seed, originals=None):
        """What each argument of a function is that begins at a seed."""
        named = {name: program.parameters[x] for name, x in parameters.items()}
        return {
            name: "seed" if node is seed else self.given(program, parameters[name], originals) for name, node in named.items()
        }

    @property
    def reader(self):
        """What a rule sees of a node when it is to return a formula."""
        if not hasattr(self, "_reader"):
            self._reader = SymbolReader(self.labels)
        return self._reader

    def is_short(self, segment):
        """Whether its formulas are few enough to be written."""
        return np.size(segment.tensor.data) * sum(np.size(end.data) for end in segment.ends) <= MOST_FORMULAS

    # Data

    def node(self, node):
        """What is told of a node."""
        label = formula_of(node) if node not in self.labels else Name(self.labels[node])
        grid, is_box = live_layout.grid_of(node, self.upright), node in self.labels
        return {
            "label": mathml(label),
            "name": self.labels.get(node) or spell(node),
            "shape": list(np.shape(node.data)),
            "dtype": node.data.dtype.name,
            "kind": "output" if node is self.output else "computed" if node.op is not None else self.kind_of_leaf(node),
            "graded": node in self.gradients,
            "op": node.op.name if node.op is not None else None,
            "from": [self.ids.get(x, None) for x in node.inputs],
            "numbers": [None if x in self.ids else float(np.real(x.data)) for x in node.inputs],
            "grid": list(grid) if is_box else None,
            "upright": node in self.upright,
            "start": packed(node.data)["data"] if node.op is None else None,
        }

    def kind_of_leaf(self, node):
        return "parameter" if node.requires_grad else "given"

    @property
    def upright(self):
        """The vectors that are columns."""
        if not hasattr(self, "_upright"):
            self._upright = columns_among(self.nodes)
        return self._upright

    def equation(self, node):
        """h = tanh(x W + b), for the top of the page."""
        return on_page(Equation((Name(self.labels[node]), made_of(node))))

    def links(self):
        """Arrows: (tail, head, is_main, node that is read, node of the operation, position of the operand).

        From an operation to the box of its result there is no operation that reads, and None stands for the last two.

        Of a folded graph, one circle stands for all that lies between a tensor and those that it is made from.
        """
        for node in self.boxed:
            if node.op is None:
                continue
            circle = f"o{self.ids[node]}"
            yield circle, f"b{self.ids[node]}", True, self.ids[node], None, None
            segment = self.segments[node]
            inside = [node] if self.folded else segment.inside
            for made in inside:
                read = self.read_by(segment) if self.folded else list(enumerate(made.inputs))
                for position, x in read:
                    if x in self.ids:
                        tail = f"b{self.ids[x]}" if x in self.labels else f"o{self.ids[x]}"
                        is_main = x.op is not None
                        yield (
                            tail,
                            f"o{self.ids[made]}",
                            is_main,
                            self.ids[x],
                            self.ids[made],
                            None if self.folded else position,
                        )

    def read_by(self, segment):
        """What a folded segment reads, each once."""
        inside = set(segment.inside)
        return [(None, x) for x in dict.fromkeys(x for node in segment.inside for x in node.inputs) if x not in inside]

    def units(self):
        """What belongs to each unit of the first hidden layer: parameters, and along which of their axes units are counted.

        A hidden layer is a named h = f(x W + b) that is multiplied by another matrix or vector, h V, or with columns V h; None
        if there is none.
        """
        for node in self.boxed:
            users = [x for x in self.nodes if x.op is not None and x.op.name == "matmul" and node in set(x.inputs)]
            if node.op is None or not users or np.ndim(node.data) not in (1, 2):
                continue
            is_left = users[0].inputs[0] is node
            after, axis = users[0].inputs[is_left], -1 if is_left else 0  # of h, and of what h is made of
            count = np.shape(node.data)[axis]
            before = [x for x in self.segments[node].ends if x.op is None and np.shape(x.data) and np.shape(x.data)[axis] == count]
            if count > 1 and before and after in set(self.wanted):
                ends = [(x, axis % np.ndim(x.data)) for x in before[::-1]] + [(after, (-1 - axis) % np.ndim(after.data))]
                return {"count": count, "parts": [[self.ids[x], axis] for x, axis in ends]}
        return None

    def layout(self, direction):
        boxes = {}
        for node in self.boxed:
            boxes[f"b{self.ids[node]}"] = live_layout.size_of_box(node, live_layout.grid_of(node, self.upright))
        circles = {f"o{self.ids[node]}": live_layout.size_of_operation(self.glyph(node)) for node in self.circled}
        return live_layout.layout(boxes, circles, [link[:3] for link in self.links()], direction)

    @property
    def circled(self):
        """The nodes whose operations are drawn."""
        return [node for node in self.nodes if node.op is not None and (node in self.labels or not self.folded)]

    def glyph(self, node):
        """What stands in an operation's circle."""
        if self.folded and len(self.segments[node].inside) > 1:
            return "…"
        sign, numbers = GLYPHS.get(node.op.name, node.op.name), [x.data for x in node.inputs if is_number(x)]
        if node.op.name == "power" and is_number(node.inputs[1]):
            return f"( ){str(node.inputs[1].data).translate(str.maketrans('0123456789.-', '⁰¹²³⁴⁵⁶⁷⁸⁹·⁻'))}"
        if node.op.name in WITH_A_NUMBER and len(numbers) == 1:
            shown = f"{float(numbers[0]):.3g}".replace("-", "−")
            return f"{sign} {shown}" if is_number(node.inputs[1]) else f"{shown} {sign}"
        return sign


class Telling:
    """The steps, forward and backward, one operation each, and what is said of them."""

    def __init__(self, network, contributions):
        self.network, self.output, self.letter = network, network.output, None
        self.formulas, ids = Formulas(self), network.ids
        self.steps = [self.forward(node) for node in network.nodes if node.op is not None]
        self.steps.append({"kind": "seed", "node": ids[network.output], "formulas": []})
        recorded = contributions_of(network.output)
        for i, (contribution, (node, position, dx, full)) in enumerate(zip(recorded, contributions, strict=True)):
            told = self.backward(i, Backward(contribution, node, position))
            if full.shape != dx.shape:
                self.steps.append(told | {"part": "before the sum"})
                told = told | {"part": "sum", "formulas": [], "rule": ""}
            self.steps.append(told)

    def label(self, node):
        """How a node is called; `Formulas` asks."""
        return self.network.labels.get(node) or spell(node)

    def gradient_name(self, node):
        return f"∂{self.label(self.output)}/∂{self.label(node)}"

    def forward(self, node):
        """A value is computed."""
        formulas = [formula for _, formula in self.formulas.of_value(node)[:1]]
        return {"kind": "forward", "node": self.network.ids[node], "op": node.op.name, "formulas": formulas}

    def backward(self, i, step):
        """A contribution to a gradient."""
        operands = {"dz": step.dz, "z": step.node.data} | dict(
            zip(letters_of(step.node), (x.data for x in step.node.inputs), strict=True)
        )
        written = self.formulas.of_rule(step, operands, (0,) * np.ndim(step.dx))
        return {
            "kind": "backward",
            "contribution": i,
            "node": self.network.ids[step.node],
            "input": self.network.ids[step.input],
            "position": step.position,
            "op": step.node.op.name,
            "rule": step.rule,
            "formulas": [formula for _, formula in written[:1]],
        }


class Backward:
    """One contribution, as `Formulas` asks of it."""

    def __init__(self, contribution, node, position):
        self.node, self.input, self.position, self.op = node, node.inputs[position], position, node.op
        self.dz, self.dx, self.old = contribution.dz, contribution.dx, contribution.old
        self.letter = operand_letters(node.op, len(node.inputs))[position]
        xs = [x.data for x in node.inputs] if node.op.rules_need_operands else []
        self.rule = f"d{self.letter} = {rule_text(node.op.vjps[position], (node.op, self.dz, node.data, *xs))}"


def traced(output, wanted):
    """The Trace of a graph; TypeError, with what shows it all the same, where its rules cannot be written down."""
    try:
        return Trace(output, wanted, unchanged)
    except TypeError as error:
        raise TypeError(
            f"live(L) needs rules that can be written as a program.\n{error}\n"
            "backward_steps(L), chain_rule(L, ...) and draw(L) show this graph all the same."
        ) from None


def together(functions):
    """Functions of JavaScript as one that returns them by their names."""
    names = [re.match(r"function (\w+)", text)[1] for text in functions]
    return "() => {\n" + "\n\n".join([*functions, f"return {{ {', '.join(names)} }};"]) + "\n}"


class Kept(Observer):
    """Keeps what a pass adds to gradients."""

    def __init__(self):
        self.contributions = []

    def contribute(self, contribution):
        self.contributions.append(contribution)


def contributions_of(output):
    """What the rules give on the values as they are, whatever has changed since they were computed, and without hooks."""
    alone = Audience()
    kept = Kept().watch(alone)
    backpropagate(output, np.ones_like(output.data)[()], reachable(output), data_of, told=alone)
    return kept.contributions


def labels_of(nodes, output):
    """What the tensors are called that have a box: named ones, the output, and all leaves; alike ones with primes."""
    labels = {node: label_of(node.name) for node in nodes if node.name}
    labels.setdefault(output, "L")
    for node in nodes:
        if node.op is None and node not in labels:
            labels[node] = "θ" if node.requires_grad else "c"
    labels = {node: labels[node] for node in nodes if node in labels}
    tell_apart(labels)
    return labels


def packed(x):
    """An array for JSON, its numbers in full."""
    x = np.asarray(x)
    return {"shape": list(x.shape), "data": [v if np.isfinite(v) else text_of(v) for v in x.astype(float).ravel().tolist()]}


def text_of(x):
    """What JSON does not know: NaN, Infinity, -Infinity."""
    return "NaN" if np.isnan(x) else "Infinity" if x > 0 else "-Infinity"
