"""One run of the rules of a graph on Names: what they leave behind."""

import numpy as np

from ..backprop import backpropagate, between
from ..graph import PYTHON_NUMBERS, Audience, reachable
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
        Data whose arrays may be in operations too, as an index or a mask.

    Attributes
    ----------
    output, wanted, given
        As they were given.
    values, gradients : dict of Tensor to Expression
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

    def __init__(self, output, wanted, resized, given=()):
        self.output, self.wanted, self.given = output, wanted, given
        self.recorder = Recorder(resized)
        self.resized = resized
        self.names, self.parameters, self.arrays = {}, {}, {}
        try:
            for node in reversed(reachable(output)):  # oldest first: inputs before what is made from them
                if node.op is not None:
                    self.read(node)
            self.expressions = self.recorder.expressions
            self.backward_from = len(self.expressions)
            alone = Audience()
            told = RulesInTurn(self.recorder).watch(alone)
            gradients = backpropagate(output, self.seed(output), between(output, wanted), self.read, told=alone)
        except Refused as error:
            raise TypeError(f"{self.recorder.operation!r}: {error}") from None
        self.contributions = told.contributions
        self.gradients = {node: dz.expression for node, dz in gradients.items()}
        self.values = {node: name.expression for node, name in self.names.items() if isinstance(name, Name)}
        self.results = array_of(self.names[output]), [array_of(gradients[x]) for x in wanted]
        of_array = {id(x.data): x for x in given}
        for made, array in self.recorder.parameters.items():
            self.parameters.setdefault(made, of_array.get(id(array)))
            self.arrays[made] = array
        del self.names, self.recorder  # and with them what was computed on the way

    def read(self, node):
        """What a rule sees of a node: a Name; Python's numbers as they are."""
        if node not in self.names:
            if type(node.data) in PYTHON_NUMBERS:
                self.names[node] = node.data
            elif is_number(node):
                self.names[node] = Name(self.recorder, self.recorder.number(node.data), node.data)
            elif node.op is None:
                self.names[node] = self.leaf(node)
            else:
                self.recorder.operation = node.op
                self.names[node] = self.recorder.name(node.op.forward(*map(self.read, node.inputs)))
        return self.names[node]

    def leaf(self, node):
        """A parameter for a leaf. Leaves that share one array have two, unless this is all that is known of them."""
        if node.requires_grad:
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
