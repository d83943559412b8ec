"""What a rule says at one place of one graph: in the names of its tensors, and in numbers."""

import re

import numpy as np

from ..errors import operand_letters
from ..formulas.mathml import LONGEST, RuleWriter, Unwritable, array, equation, gradient, named
from ..formulas.notation import number
from ..formulas.spelling import spell_made
from .arrays import largest

INFIX = {"add": "x + y", "subtract": "x - y", "multiply": "x * y", "divide": "x / y", "power": "x ** y", "negative": "-x"}


class Formulas:
    """Names and rules as formulas, in the words of some steps."""

    def __init__(self, steps):
        self.steps = steps

    def label(self, node):
        """How a node is called; a constant without a name by its value, if that is one number."""
        if node.name or node.op is not None or node is self.steps.output or node.requires_grad:
            return self.steps.label(node)
        return number(np.asarray(node.data).item()) if np.ndim(node.data) == 0 else "constant"

    def gradient(self, node):
        """∂L/∂(node) as a formula."""
        return gradient(self.label(self.steps.output), self.label(node))

    def of_letter(self, step, letter):
        """What a letter of a rule stands for: as a formula, and in words."""
        if letter == "dz":
            return self.gradient(step.node), self.steps.gradient_name(step.node)
        node = step.node if letter == "z" else step.node.inputs[letters_of(step.node).index(letter)]
        return named(self.label(node)), self.label(node)

    def of_value(self, node):
        """How a value was made: in names, and in numbers where that is short."""
        formulas, made = [], spell_made(node)
        if made:
            written = equation(named(self.label(node)), named(made)) if node.name else ("math", named(made))
            formulas.append(["formula", written])
        if node.op is None:
            return formulas
        values = [x.data for x in node.inputs]
        if node.op.name in INFIX:
            operands = dict(zip(letters_of(node), values, strict=True))
            formulas += in_numbers(INFIX[node.op.name], operands, node.data, largest(node.data))
        elif len(values) == 1 and np.ndim(node.data) == np.ndim(values[0]) == 0:
            call = ("mrow", ("mi", node.op.name), ("mo", "("), array(values[0]), ("mo", ")"))
            formulas.append(["in numbers", equation(call, array(node.data))])
        return formulas

    def of_rule(self, step, operands, index):
        """A rule in the names of this graph, and in numbers: all of them, or those of one element."""
        rule = step.rule.partition(" = ")[2]
        names = {letter: self.short(step, letter) for letter in operands}
        writer = RuleWriter(names, {**operands, "self": step.op})
        try:
            written = writer(rule)
        except Unwritable:
            return []
        in_names = ["in this graph", equation(self.short(step, f"d{step.letter}"), written)]
        if step.old is not None:
            in_names = ["in this graph, added to what is there", ("math", written)]
        return [in_names, *in_numbers(rule, {**operands, "self": step.op}, step.dx, index)]

    def short(self, step, letter):
        """What stands for a letter in a formula: its name, unless that is long."""
        if letter == f"d{step.letter}":
            node, d = step.input, True
        elif letter == "dz":
            node, d = step.node, True
        else:
            node = step.node if letter == "z" else step.node.inputs[letters_of(step.node).index(letter)]
            d = False
        label = self.label(node)
        if len(label) > LONGEST:
            return ("mi", letter)
        if d:
            return self.gradient(node)
        plain = re.fullmatch(r"[\w.′]+|[\w.]*\(.*\)", label)  # a name, a call, or in brackets already
        return named(label) if plain else ("mrow", ("mo", "("), named(label), ("mo", ")"))


def letters_of(node):
    """What the rules call the inputs of a node."""
    return operand_letters(node.op, len(node.inputs)) if node.op is not None else []


def in_numbers(rule, operands, result, index):
    """The rule with numbers in it, for scalars, or for one element where each comes from the same ones of the others."""
    values = {}
    for letter, x in operands.items():
        if letter != "self" and np.shape(x) in ((), np.shape(result)) and np.size(x):
            element = np.asarray(x)[index if np.ndim(x) else ()].item()
            values[letter] = ("mn", number(element))
    if rule in values:
        return []  # dx = dz says nothing more in numbers
    writer = RuleWriter(values, operands)
    try:
        written = writer(rule)
    except Unwritable:
        return []
    if not writer.by_element or not np.size(result) or not writer.used:
        return []
    where = f"in numbers, element {', '.join(str(i + 1) for i in index)}" if index else "in numbers"
    return [[where, equation(written, ("mn", number(np.asarray(result)[index].item())))]]
