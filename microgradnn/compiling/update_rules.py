"""The optimiser's own rule as steps of a program: `update` is run on Names, as the rules of operations are."""

import numpy as np

from ..programs.expression import Expression
from ..programs.names import Name
from ..programs.recorder import Recorder
from ..tensor import Tensor


class UpdateRules:
    """What an optimiser does to parameters, behind the gradients of a program.

    Parameters
    ----------
    program : Program
        It gets lr, t and what is remembered of earlier gradients as parameters.
    optimiser : Optimiser

    Attributes
    ----------
    updates : list of (list of Expression, dict of Expression to Expression)
        As `Schedule` takes them.
    slots : dict of Expression to tuple
        What the new parameters are: ("lr",), ("t",), or ("memory", position of the parameter, name).
    """

    def __init__(self, program, optimiser):
        self.program, self.optimiser = program, optimiser
        self.recorder = Recorder(resized=None)
        self.slots, self.updates, self.stand_ins = {}, [], {}
        self.of_node = {node: x for x, node in program.parameters.items()}
        self.t = self.parameter(np.float64(1), ("t",), "t")
        self.rates = {}
        for node in program.wanted:
            self.record(node)
        self.splice()
        program.results = program.results[: -len(program.wanted)]

    def parameter(self, array, slot, name):
        """The Name of a new parameter of the program."""
        made = self.recorder.parameter(array)
        self.slots[made.expression] = slot
        self.program.parameters[made.expression] = Tensor(np.zeros(array.shape, array.dtype), name=name)
        return made

    def record(self, node):
        """Run the rule for one parameter."""
        i = [id(x) for x in self.optimiser.parameters].index(id(node))
        before = len(self.recorder.expressions)
        W, g = (self.recorder.parameter(np.zeros(node.shape, node.dtype)) for _ in range(2))
        parameter, gradient = W.expression, g.expression
        self.stand_ins |= {parameter: self.of_node[node], gradient: self.program.gradients[node]}
        kept = {}
        for name in self.optimiser.remembered():
            kept[name] = self.parameter(np.zeros(node.shape, node.dtype), ("memory", i, name), f"{name}_{node.name or i}")
        if node.dtype not in self.rates:
            self.rates[node.dtype] = self.parameter(node.dtype.type(1), ("lr", node.dtype), "lr")
        old = {name: x.expression for name, x in kept.items()}
        W, remembered = self.optimiser.update(W, g, self.t, self.rates[node.dtype], **kept)
        values = {self.of_node[node]: self.value(W)}
        values |= {old[name]: self.value(remembered[name]) for name in old}
        made = [x for x in self.recorder.expressions[before:] if x.op not in ("parameter", "number")]
        self.updates.append((made, values))

    def value(self, x):
        """The Expression of what a rule returns."""
        return x.expression if isinstance(x, Name) else self.recorder.name(x).expression

    def splice(self):
        """Let the steps begin where the program ends: with its parameters and its gradients."""
        end = 1 + max((x.position for x in self.program.steps), default=0)
        for x in self.recorder.expressions:
            x.position += end
            if x.op not in ("parameter", "number"):
                x.become(x.op, self.spliced(x.args), self.spliced(x.options))
        for _, values in self.updates:
            values |= {parameter: self.spliced(value) for parameter, value in values.items()}

    def spliced(self, x):
        """An argument, with what it stands for in the place of each stand-in."""
        if isinstance(x, Expression):
            return self.stand_ins.get(x, x)
        if isinstance(x, (tuple, list)):
            return type(x)([self.spliced(part) for part in x])
        if isinstance(x, dict):
            return {name: self.spliced(part) for name, part in x.items()}
        return x
