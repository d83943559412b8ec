"""What a rule says at one place of one graph, in the names of its tensors."""

import numpy as np

from ..errors import operand_letters
from ..formulas.formula import Equation, Name, Partial
from ..formulas.mathml import mathml
from ..formulas.parts import Unwritable
from ..formulas.rule_formula import rule_formula
from ..formulas.spelling import NO_NAMES, formula_of, made_of
from ..formulas.unicode_text import number

LONGEST_LABEL = 18  # characters that a tensor may be called by in a formula; others are called as in the rules: x, y, z


class Formulas:
    """Names and rules as formulas, in the words of some steps: their `label(node)` says how a node is called.

    `labels` are the names of those that the page calls otherwise than they are called.
    """

    def __init__(self, steps, labels=NO_NAMES):
        self.steps, self.labels = steps, labels

    def label(self, node):
        """How a node is called; a constant without a name by its value, if that is one number."""
        if is_constant(node) and node is not self.steps.output:
            return number(np.asarray(node.data).item()) if np.ndim(node.data) == 0 else "constant"
        return self.steps.label(node)

    def formula(self, node):
        """The same as a formula."""
        is_known = node.name or node in self.labels or (node.op is not None and node is not self.steps.output)
        if is_known or (is_constant(node) and np.ndim(node.data) == 0):
            return formula_of(node, names=self.labels)
        return Name(self.label(node))

    def partial(self, node):
        """∂L/∂(node)."""
        return Partial(self.formula(self.steps.output), self.formula(node))

    def of_value(self, node):
        """How a value was made; None if that is not known."""
        made = made_of(node, names=self.labels)
        if made is None:
            return None
        return on_page(Equation((self.formula(node), made)) if node.name or node in self.labels else made)

    def of_rule(self, step, operands):
        """A rule in the names of this graph; None if it cannot be written as a formula."""
        rule, operands = step.rule.partition(" = ")[2], {**operands, "self": step.op}
        names = {letter: self.short(step, letter) for letter in operands if letter != "self"}
        try:
            written = rule_formula(rule, names, operands, step.letter)
        except Unwritable:
            return None
        is_first = step.old is None  # of a further contribution it would be no equation: it is added to what is there
        return on_page(Equation((self.short(step, f"d{step.letter}"), written)) if is_first else written)

    def short(self, step, letter):
        """What stands for a letter in a formula: its name, unless that is long."""
        if letter in ("dz", f"d{step.letter}"):
            node = step.node if letter == "dz" else step.input
            return Name(letter) if len(self.label(node)) > LONGEST_LABEL else self.partial(node)
        node = node_of(step, letter)
        return Name(letter) if len(self.label(node)) > LONGEST_LABEL else self.formula(node)


def is_constant(node):
    """Whether a node has no name, and is given."""
    return not node.name and node.op is None and not node.requires_grad


def node_of(step, letter):
    """The node whose value a letter of a rule stands for."""
    return step.node if letter == "z" else step.node.inputs[letters_of(step.node).index(letter)]


def letters_of(node):
    """What the rules call the inputs of a node."""
    return operand_letters(node.op, len(node.inputs)) if node.op is not None else []


def on_page(formula):
    """A formula of its own."""
    return ("math", mathml(formula))
