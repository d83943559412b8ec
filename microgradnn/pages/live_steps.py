"""What the live page tells of each step: one operation forward, or one contribution to a gradient backward."""

import numpy as np

from ..backprop import backpropagate, data_of
from ..errors import operand_letters
from ..formulas.spelling import spell
from ..graph import Audience, reachable
from ..source.rules import rule_text
from ..watching.observers import Observer
from .formulas import Formulas, letters_of


class Telling:
    """The steps, forward and backward, one operation each, and what is said of them.

    Parameters
    ----------
    graph : Graph
    contributions : list of Contribution
        What the backward pass adds, in order.
    """

    def __init__(self, graph, contributions):
        self.graph, self.output, self.letter = graph, graph.output, None
        self.formulas, ids = Formulas(self, graph.labels), graph.ids
        self.steps = [self.forward(node) for node in graph.nodes if node.op is not None]
        self.steps.append({"kind": "seed", "node": ids[graph.output], "formulas": []})
        for i, contribution in enumerate(contributions):
            told = self.backward(i, Backward(contribution))
            if np.shape(contribution.full) != np.shape(contribution.dx):
                self.steps.append(told | {"part": "before the sum"})
                told = told | {"part": "sum", "formulas": [], "rule": ""}
            self.steps.append(told)

    def label(self, node):
        """How a node is called; `Formulas` asks."""
        return self.graph.labels.get(node) or spell(node)

    def gradient_name(self, node):
        return f"∂{self.label(self.output)}/∂{self.label(node)}"

    def forward(self, node):
        """A value is computed."""
        formula = self.formulas.of_value(node)
        return {"kind": "forward", "node": self.graph.ids[node], "op": node.op.name, "formulas": [formula] if formula else []}

    def backward(self, i, step):
        """A contribution to a gradient."""
        operands = {"dz": step.dz, "z": step.node.data} | dict(
            zip(letters_of(step.node), (x.data for x in step.node.inputs), strict=True)
        )
        formula = self.formulas.of_rule(step, operands)
        return {
            "kind": "backward",
            "contribution": i,
            "node": self.graph.ids[step.node],
            "input": self.graph.ids[step.input],
            "position": step.position,
            "op": step.node.op.name,
            "rule": step.rule,
            "formulas": [formula] if formula else [],
        }


class Backward:
    """One contribution, as `Formulas` asks of it."""

    def __init__(self, contribution):
        node, position = contribution.node, contribution.position
        self.node, self.input, self.position, self.op = node, node.inputs[position], position, node.op
        self.dz, self.dx, self.old = contribution.dz, contribution.dx, contribution.old
        self.letter = operand_letters(node.op, len(node.inputs))[position]
        xs = [x.data for x in node.inputs] if node.op.rules_need_operands else []
        self.rule = f"d{self.letter} = {rule_text(node.op.vjps[position], (node.op, self.dz, node.data, *xs))}"


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
