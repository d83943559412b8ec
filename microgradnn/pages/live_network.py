"""What the live page computes of a recorded graph: programs in JavaScript, and formulas to explain what they give.

The page knows no operation: values, gradients and partials come from the programs, what is drawn from live_graph.py.
"""

import re

import numpy as np

from ..formulas.spelling import SymbolReader
from ..programs.javascript_writer import javascript
from ..programs.program import program_of
from ..programs.recordings import unchanged
from ..programs.tracing import Trace
from ..programs.unrolling import refuse_unfit, wanted_of
from .live_graph import Graph, packed
from .live_samples import Samples
from .live_segments import MOST_FORMULAS, Segment, partials_of
from .live_steps import Telling, contributions_of

MOST_ELEMENTS = 20_000  # of all arrays together: numbers that JavaScript computes in a frame


FROZEN = (
    "A mask, an index or targets were computed outside of the graph: on this page they stay as they were recorded, whatever is "
    "dragged."
)


class Unlivable(TypeError):
    """A graph of which nothing can be computed on a page; the message says why, and the page does."""


class Network(Graph):
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

    Raises
    ------
    Unlivable
        If there are too many numbers, or a rule or a type that cannot be written as JavaScript.
    ValueError, RuntimeError
        If the output is not one number, or nothing that it was computed from requires a gradient.
    """

    def __init__(self, output, is_turned=False):
        self.wanted = wanted_of(output, None)
        refuse_unfit(output, self.wanted)
        super().__init__(output)
        self.refuse_large()
        self.constants, self.functions = [], []
        trace = traced(output, self.wanted)
        self.gradients = trace.gradients
        self.segments = {x: Segment(x, self.gradients, self.labels) for x in self.boxed if x.op is not None}
        try:
            self.add_passes(program_of(trace), trace.contributions)
            segments = [self.segment(segment) for segment in self.segments.values()]
            samples = self.samples(Samples(output, -1 if is_turned else 0))
        except TypeError as error:
            raise Unlivable(str(error)) from None
        self.programs = together(self.functions)
        self.data = {
            "loss": self.ids[output],
            "nodes": [self.node(node) for node in self.nodes],
            "inputs": self.inputs,
            "segments": segments,
            "parameters": [self.ids[x] for x in self.wanted],
            "constants": self.constants,
            "steps": Telling(self, contributions_of(output)).steps,
            "units": self.units(),
            "samples": samples,
        } | self.drawn()
        frozen = [x for x in self.boxed if x.op is None and x.data.dtype.kind != "f"]
        self.notes += [FROZEN] if self.constants or frozen else []

    def refuse_large(self):
        """Raise Unlivable if there are more numbers than a page can compute in a frame."""
        numbers = sum(np.size(node.data) for node in self.nodes)
        if numbers > MOST_ELEMENTS:
            raise Unlivable(f"The graph has {numbers:,} numbers, and a page computes {MOST_ELEMENTS:,} at once.")

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
        """What is told of a node, and where a leaf begins."""
        start = packed(node.data)["data"] if node.op is None else None
        return super().node(node) | {"graded": node in self.gradients, "start": start}

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
            ends = [x for x in self.segments[node].ends if x.op is None and np.ndim(x.data)]
            before = [(x, axis % np.ndim(x.data)) for x in ends[::-1] if np.shape(x.data)[axis] == count]
            if count > 1 and before and after in set(self.wanted):
                parts = [*before, (after, (-1 - axis) % np.ndim(after.data))]
                return {"count": count, "parts": [[self.ids[x], along] for x, along in parts]}
        return None


def traced(output, wanted):
    """The Trace of a graph; Unlivable where its rules cannot be written down."""
    try:
        return Trace(output, wanted, unchanged)
    except TypeError as error:
        raise Unlivable(str(error)) from None


def together(functions):
    """Functions of JavaScript as one that returns them by their names."""
    names = [re.match(r"function (\w+)", text)[1] for text in functions]
    return "() => {\n" + "\n\n".join([*functions, f"return {{ {', '.join(names)} }};"]) + "\n}"
