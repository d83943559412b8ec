"""One run of the rules of a graph on Names: what they leave behind."""

import numpy as np

from ..backprop import backpropagate, between
from ..graph import PYTHON_NUMBERS, Audience, birth_of, reachable
from ..watching.observers import Observer
from .evidence import is_number
from .names import Name, Refused, array_of
from .recorder import Recorder


class Trace:
    """The Expressions that the rules leave behind, forward and backward.

    Parameters
    ----------
    output : Tensor
    wanted : list of Tensor
        Whose gradients are asked for.
    resized : callable
        What stands for an array of data: itself, or for another batch size an array of that size.
    given : sequence of Tensor, optional
        Data whose arrays may be in operations too, as an index or a mask. They are parameters, used or not.
    unrecorded : Unrecorded, optional
        What was computed on the way and is not in the graph, since no gradient goes there.

    Attributes
    ----------
    output, wanted, given, unrecorded
        As they were given.
    values, gradients : dict of Tensor to Expression
    others : dict of Tensor to Expression
        The values of Tensors that are not in the graph: what is unrecorded, or was detached.
    parameters : dict of Expression to Tensor
        None for an array within an operation.
    arrays : dict of Expression to array
        The values of the parameters.
    results : (array, list of array)
        The output, and the gradients that are wanted.
    contributions : list of (Tensor, int, Expression, Expression)
        What the backward pass added, in order: a node, which of its inputs got it, the contribution, and before it was summed
        over the axes along which the input had been repeated.
    expressions : list of Expression
        All of them, in the order in which they were made.
    backward_from : int
        The position where the backward pass begins.
    """

    def __init__(self, output, wanted, resized, given=(), unrecorded=None):
        self.output, self.wanted, self.given, self.unrecorded = output, wanted, given, unrecorded
        self.recorder = Recorder(resized, self.known)
        self.resized = resized
        self.names, self.parameters, self.arrays = {}, {}, {}
        self.made = unrecorded.made if unrecorded else {}
        known = [*self.made, *given, *(unrecorded.sources.values() if unrecorded else ())]
        self.of_array = {id(x.data): x for x in known if isinstance(x.data, (np.ndarray, np.number))}
        try:
            for node in sorted(self.needed(), key=birth_of):  # inputs before what is made from them
                if node.op is not None or node in self.made:
                    self.read(node)
            self.expressions = self.recorder.expressions
            self.backward_from = len(self.expressions)
            alone = Audience()
            told = RulesInTurn(self.recorder).watch(alone)
            gradients = backpropagate(output, self.seed(output), between(output, wanted), self.read, told=alone)
            for x in given:
                self.read(x)
        except Refused as error:
            raise TypeError(f"{self.recorder.operation!r}: {error}") from None
        self.contributions = told.contributions
        self.gradients = {node: dz.expression for node, dz in gradients.items()}
        read = {node: name.expression for node, name in self.names.items() if isinstance(name, Name)}
        self.values = {node: made for node, made in read.items() if self.how(node) == (node.op, node.inputs)}
        self.others = {node: made for node, made in read.items() if node not in self.values}
        self.results = array_of(self.names[output]), [array_of(gradients[x]) for x in wanted]
        for made, array in self.recorder.parameters.items():
            self.parameters.setdefault(made, None)
            self.arrays[made] = array
        del self.names, self.recorder, self.made, self.of_array  # and with them what was computed on the way

    def needed(self):
        """The Tensors that the output was computed from, recorded or not, but for what has no history."""
        found = dict.fromkeys(reachable(self.output))
        for node in (nodes := list(found)):  # the list grows while we go along it
            for x in self.how(node)[1]:
                if x not in found and x.birth >= 0:
                    found[x] = None
                    nodes.append(x)
        return nodes

    def how(self, node):
        """The operation that a Tensor was made by, recorded or not, and its operands: of a detached one, what it was."""
        if node.op is None and node in self.made:
            return self.made[node]
        source = self.source(node)
        return node.op, node.inputs if source is None else (source,)

    def source(self, node):
        """What a leaf was detached from, if so."""
        if node.op is not None or node.requires_grad or node in self.made:
            return None
        source = self.of_array.get(id(node.data))
        return None if source is node else source

    def read(self, node):
        """What a rule sees of a node: a Name; Python's numbers as they are."""
        if node not in self.names:
            op, inputs = self.how(node)
            if op is not None:
                self.recorder.operation, before = op, self.recorder.operation
                self.names[node] = self.recorder.name(op.forward(*map(self.read, inputs)))
                self.recorder.operation = before or op
            elif inputs:
                self.names[node] = self.read(*inputs)
            elif type(node.data) in PYTHON_NUMBERS:
                self.names[node] = node.data
            elif is_number(node):
                self.names[node] = Name(self.recorder, self.recorder.number(node.data), node.data)
            else:
                self.names[node] = self.leaf(node)
        return self.names[node]

    def known(self, array):
        """The Name of an array that an operation was given, as an index or a mask, if it is that of a Tensor."""
        node = self.of_array.get(id(array))
        name = None if node is None else self.read(node)
        return name if isinstance(name, Name) else None

    def leaf(self, node):
        """A parameter for a leaf. Leaves that share one array have two, unless this is all that is known of them."""
        if node.requires_grad or any(node is x for x in self.given):
            name = self.recorder.parameter(node.data)
        elif node.name is None:
            name = self.recorder.nameless(node.data)
        else:
            name = self.recorder.parameter(self.resized(node.data))
        self.parameters.setdefault(name.expression, node)
        return name

    def seed(self, output):
        """∂L/∂L: 1."""
        z = self.read(output)
        return self.recorder.name(z.dtype.type(1)) if z.shape == () else np.ones_like(z)


class RulesInTurn(Observer):
    """Tells a recorder whose rule runs next, and keeps what each gave."""

    def __init__(self, recorder):
        self.recorder, self.contributions = recorder, []

    def arrive(self, node, dz):
        self.recorder.operation = node.op or self.recorder.operation
        return dz

    def contribute(self, contribution):
        dx, full = (self.recorder.name(x).expression for x in (contribution.dx, contribution.full))
        self.contributions.append((contribution.node, contribution.position, dx, full))
