"""A program: the steps that compute a recorded graph and its gradients, and what is to be known of them.

This is what all writers read, whatever they write: NumPy, or another language. They ask it for its steps in order, and each
step, an Expression, for its primitive, operands and parameters.
"""

from functools import cached_property

import numpy as np

from ..backprop import backpropagate, between
from ..graph import reachable, recompute
from .batch import any_batch_of
from .expression import Expression
from .primitives import numpy_function


class Program:
    """The steps of a graph, forward, then backward.

    Attributes
    ----------
    output : Tensor
    wanted : list of Tensor
        Whose gradients it computes.
    steps : list of Expression
        What the results are made from, in order: what a step is made from comes before it.
    results : list of Expression
        The output, then the gradients that are wanted.
    parameters : dict of Expression to Tensor
        What it takes, those of Tensors with a name first; None in place of a Tensor for an array within an operation.
    arrays : dict of Expression to array
        The values of the parameters that were recorded.
    shapes : dict of Expression to tuple
        The lengths of axes; one that follows the batch size is a Length.
    values, gradients : dict of Tensor to Expression
    labels : dict of Expression to (str, Tensor)
        What it is: ("value", the Tensor), or ("gradient", the Tensor that it is the gradient of).
    nodes : dict of Expression to set of Tensor
        Those that have it as their value: equal ones are computed once.
    users : dict of Expression to list of Expression
        The steps that it is an operand of.
    backward_from : int
        The position where the backward pass begins.
    batch : int or None
        The batch size that was recorded, if the program is right for others too.
    special : list of (int, None or (list of array, (array, list of array)))
        Small batch sizes, of which it may not be right; and if the rules run on them, arguments, and the results for them.
    """

    def __init__(self, trace, arrays, shapes, batch=None, special=()):
        self.output, self.wanted = trace.output, trace.wanted
        self.values, self.gradients, self.backward_from = trace.values, trace.gradients, trace.backward_from
        self.parameters = in_order(trace)
        self.arrays = dict(zip(trace.arrays, arrays.values(), strict=True))
        self.shapes, self.batch = shapes, batch
        self.special = [
            (n, other and ([other.arrays[step] for step in in_order(other)], other.results)) for n, other in special
        ]
        self.results = [trace.values[self.output], *(trace.gradients[x] for x in self.wanted)]
        self.steps = steps_to(self.results)
        self.users = {}
        for step in self.steps:
            for x in step.operands:
                self.users.setdefault(x, []).append(step)
        self.nodes = {}
        for node, step in self.values.items():
            self.nodes.setdefault(step, set()).add(node)
        self.labels = {}
        for node, step in self.values.items():
            if node.op is not None and (step not in self.labels or self.is_better("value", node, step)):
                self.labels[step] = "value", node
        for node, step in self.gradients.items():
            if self.is_backward(step) and (step not in self.labels or self.is_better("gradient", node, step)):
                self.labels[step] = "gradient", node

    @cached_property
    def places(self):
        """dict of Expression to str: for vectors "row" or "column", as the program's matrix products have them.

        What is added to a row, or multiplied by elements, is one too. A vector that is both, or neither, is not in it.
        """
        places = {}
        for step in self.steps:
            vectors = [x for x in step.args if isinstance(x, Expression) and x.kind is not None and x.ndim == 1]
            if step.op == "matmul":
                for x, place in zip(step.args, ("row", "column"), strict=True):
                    if x in vectors:
                        places[x] = place if places.get(x, place) == place else ""
                if step.ndim == 1:
                    places[step] = "row" if step.args[0] in vectors else "column"
            elif step.kind is not None and step.ndim == 1 and isinstance(numpy_function(step.op), np.ufunc):
                found = {places[x] for x in vectors if places.get(x)}
                for x in (step, *vectors) if len(found) == 1 else ():
                    places.setdefault(x, *found)
            if self.labels.get(step, ("",))[0] == "gradient" and step.kind is not None and step.ndim == 1:
                place = places.get(self.values.get(self.labels[step][1]))
                if place:  # ∂L/∂V is a column where V is one
                    places[step] = place
        return {x: place for x, place in places.items() if place}

    def is_backward(self, step):
        """Whether an Expression is a step of the backward pass."""
        return step.position >= self.backward_from

    def is_better(self, kind, node, step):
        """Whether this is a better label than the one that is there: a value stays one, and a named node goes before others."""
        other, labelled = self.labels[step]
        return other == kind and ((kind == "value" and node is self.output) or (node.name and not labelled.name))

    def refuse_others(self, takes, language):
        """Raise TypeError if a step is a primitive that a writer does not take, and name it.

        Parameters
        ----------
        takes : callable
            Whether a primitive can be written.
        language : str
            As what.
        """
        for step in self.steps:
            if not takes(step.op):
                raise TypeError(
                    f"{step.operation}: the primitive {step.op!r} cannot be written as {language}.\n"
                    "Write the rule with other functions of NumPy's, or unroll the graph: `unroll` writes all of them."
                )

    def last_change(self, step):
        """What an array is in the end that statements change, one after the other; what is not changed is itself."""
        while changes := [user for user in self.users.get(step, []) if user.is_statement and user.args[0] is step]:
            step = changes[0]
        return step


def steps_to(results):
    """The Expressions that results are made from, in order, without those that a program begins with."""
    needed, seen = list(results), set(results)
    for step in needed:
        for x in step.operands:
            if x not in seen:
                seen.add(x)
                needed.append(x)
    return sorted((x for x in seen if x.op not in ("parameter", "number")), key=lambda step: step.position)


def in_order(trace):
    """The parameters of a program as its function takes them: what a function was given, then what has a name, then others."""
    given = {node: position for position, node in enumerate(trace.given)}

    def order(item):
        node = item[1]
        return given.get(node, len(given)), getattr(node, "name", None) is None

    return dict(sorted(trace.parameters.items(), key=order))


def program_of(recorded, graph=None):
    """The program of a Trace, for any batch size if it is known what the graph is for others, and that has a program.

    Parameters
    ----------
    recorded : Trace
    graph : Resized or Recordings, optional

    Returns
    -------
    Program
    """
    found = any_batch_of(recorded, graph) if graph else None
    if found:
        return Program(found.trace, recorded.arrays, found.shapes, found.batch, found.special)
    shapes = {step: step.shape for step in recorded.expressions if step.kind}
    return Program(recorded, recorded.arrays, shapes)


def recomputed(output, wanted):
    """Output and gradients by the same rules on arrays: what a program must give. Leaves may have changed since."""
    values = recompute(output, {node: node.data for node in reachable(output) if node.op is None})

    def read(node):
        return values.get(node, node.data)

    seed = np.ones_like(read(output))[()]
    gradients = backpropagate(output, seed, between(output, wanted), read)
    return read(output), [gradients[x] for x in wanted]
