"""What a rule says at one place of one graph: in the names of its tensors, and in numbers."""

import numpy as np

from ..errors import operand_letters
from ..formulas.formula import Equation, Name, Number, Partial, signed
from ..formulas.mathml import mathml
from ..formulas.operations import Operands, formula_of_operation, is_number
from ..formulas.parts import Unwritable
from ..formulas.rule_formula import RuleReader, rule_formula
from ..formulas.spelling import formula_of, made_of
from ..formulas.unicode_text import number
from ..graph import Number as PlainNumber
from .arrays import largest

LONGEST_LABEL = 18  # characters that a tensor may be called by in a formula; others are called as in the rules: x, y, z
BY_ELEMENT = {"add", "subtract", "multiply", "divide", "power", "negative"}  # operations that are shown in numbers


class Formulas:
    """Names and rules as formulas, in the words of some steps."""

    def __init__(self, steps):
        self.steps = steps

    def label(self, node):
        """How a node is called; a constant without a name by its value, if that is one number."""
        if is_constant(node) and node is not self.steps.output:
            return number(np.asarray(node.data).item()) if np.ndim(node.data) == 0 else "constant"
        return self.steps.label(node)

    def formula(self, node):
        """The same as a formula."""
        is_known = node.name or (node.op is not None and node is not self.steps.output)
        return formula_of(node) if is_known or (is_constant(node) and np.ndim(node.data) == 0) else Name(self.label(node))

    def partial(self, node):
        """∂L/∂(node)."""
        return Partial(self.formula(self.steps.output), self.formula(node))

    def gradient(self, node):
        """∂L/∂(node) for the page."""
        return mathml(self.partial(node))

    def of_letter(self, step, letter):
        """What a letter of a rule stands for: as a formula for the page, and in words."""
        if letter == "dz":
            return self.gradient(step.node), self.steps.gradient_name(step.node)
        node = node_of(step, letter)
        return mathml(self.formula(node)), self.label(node)

    def of_value(self, node):
        """How a value was made: in names, and in numbers where that is short."""
        made = made_of(node)
        if made is None:
            return []
        written = Equation((self.formula(node), made)) if node.name else made
        return [["formula", on_page(written)], *value_in_numbers(node, largest(node.data))]

    def of_rule(self, step, operands, index):
        """A rule in the names of this graph, and in numbers: all of them, or those of one element."""
        rule, operands = step.rule.partition(" = ")[2], {**operands, "self": step.op}
        names = {letter: self.short(step, letter) for letter in operands if letter != "self"}
        try:
            written = rule_formula(rule, names, operands, step.letter)
        except Unwritable:
            return []
        if step.old is None:
            in_names = ["in this graph", on_page(Equation((self.short(step, f"d{step.letter}"), written)))]
        else:
            in_names = ["in this graph, added to what is there", on_page(written)]
        return [in_names, *rule_in_numbers(rule, operands, step.dx, index)]

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


def value_in_numbers(node, index):
    """How one element was made, in numbers, where it comes from the same ones of the inputs."""
    values = [element_of(x.data, np.shape(node.data), index) for x in node.inputs]
    is_short = node.op.name in BY_ELEMENT or (len(values) == 1 and np.ndim(node.data) == 0)
    if not is_short or None in values:
        return []
    made = formula_of_operation(node.op, Operands([PlainNumber(x) for x in values], [signed_if_real(x) for x in values]))
    return in_numbers(made, node.data, index)


def rule_in_numbers(rule, operands, result, index):
    """The rule with numbers in it, for scalars, or for one element where each comes from the same ones of the others."""
    found = {k: element_of(x, np.shape(result), index) for k, x in operands.items() if k != "self"}
    values = {letter: signed_if_real(x) for letter, x in found.items() if x is not None}
    reader = RuleReader(values, operands)
    try:
        written = reader(rule)
    except Unwritable:
        return []
    says_nothing = is_number(written)  # dx = dz
    return in_numbers(written, result, index) if reader.by_element and reader.used and not says_nothing else []


def element_of(x, shape, index):
    """The element of an array that belongs to this one of a result of that shape; None if none does."""
    if np.shape(x) not in ((), shape) or not np.size(x):
        return None
    return np.asarray(x)[index if np.ndim(x) else ()].item()


def signed_if_real(x):
    """A number, its minus in front of it if it has one."""
    return Number(x) if isinstance(x, complex) else signed(x)


def in_numbers(made, result, index):
    """A formula of numbers, and what it gives."""
    if not np.size(result):
        return []
    where = f"in numbers, element {', '.join(str(i + 1) for i in index)}" if index else "in numbers"
    return [[where, on_page(Equation((made, Number(np.asarray(result)[index].item()))))]]
