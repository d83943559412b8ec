"""The writer of NumPy source: from a program to the statements of a Python function, and to its module."""

import keyword
import re
from itertools import takewhile
from typing import NamedTuple

from .comments import comment, gradient_comment
from .expression import Expression, Length
from .numpy_code import CODE, INFIX, refuse_odd_arguments
from .plan import Plan
from .primitives import is_primitive
from .variables import Variables

WIDEST = 60  # characters of one line, without its comment
RESERVED = {
    *keyword.kwlist,
    *("np", "n", "len", "slice", "__debug__", "loss_and_gradients"),
    *("l", "O", "I"),  # linters refuse them
}


class Statement(NamedTuple):
    """One statement of the function: `target = code  # comment`, or only `code` if there is no target."""

    target: str
    code: str
    comment: str
    expression: object = None  # what is computed, where that is all
    silenced: tuple[str, ...] = ()  # the np.errstate to compute it under

    @property
    def text(self):
        return f"{self.target} = {self.code}" if self.target else self.code


class NumPyWriter:
    """Writes the statements of a program.

    Parameters
    ----------
    program : Program
    single : bool
        Whether one gradient is returned, and not a tuple of them.

    Attributes
    ----------
    forward, backward : list of Statement
    variables : Variables
    results : list of str
        The variables to return: that of the output, then those of the gradients.
    """

    def __init__(self, program, single=False):
        program.refuse_others(is_primitive, "NumPy source")
        refuse_odd_arguments(program)
        self.program, self.single = program, single
        self.variables = Variables(program, RESERVED)
        self.names = self.variables.names
        self.plan = Plan(program, self.variables, self.is_short)
        self.forward, self.backward = [], []
        for step in self.plan.lines():
            self.add_line(step)
        self.results = [self.result_of_output()]
        self.results += [self.result(node, program.results[: i + 1]) for i, node in enumerate(program.wanted)]

    @property
    def batch_parameter(self):
        """str: the first parameter whose first axis is the batch, or None."""
        shapes, parameters = self.program.shapes, self.variables.parameters
        return next((name for name, step in parameters.items() if shapes[step][:1] == (Length(1, 0),)), None)

    def is_short(self, step):
        """Whether an Expression fits in one line."""
        return len(CODE.spell(step, self.names).text) <= WIDEST

    def add_line(self, step):
        """Write a step, and name its variable."""
        program = self.program
        statements = self.backward if program.is_backward(step) else self.forward
        on_the_way = sum(1 for _ in takewhile(is_on_the_way, reversed(self.forward)))
        if step.is_statement:
            base = step.args[0]
            fresh = self.plan.may_change(base, step)
            name = self.names[base] if base in self.names and fresh else self.variables.name_for(step)
            self.add_change(step, name, fresh, comment(program, step, self.variables, on_the_way), statements)
        else:
            name = self.variables.name_for(step)
            said = comment(program, step, self.variables, on_the_way)
            statements.append(Statement(name, CODE.spell(step, self.names).text, said, step, step.silenced))
        self.names[step] = name

    def add_change(self, step, name, fresh, said, statements):
        """Two statements: the array as it was, unless it has this name, and the one that changes it."""
        base, *args = step.args
        before = CODE.write(base, self.names).text
        self.plan.inline.pop(base, None)
        if before != name or not fresh:
            statements.append(Statement(name, before if fresh else f"{before}.copy()", said))
        if step.op == "set":
            target = f"{name}[{CODE.subscripts(step.options['index'], self.names)}]"
            statements.append(Statement("", self.assignment(target, step), ""))
            return
        values = [CODE.operand(x, base, self.names).text for x in args]
        statements.append(Statement("", CODE.call(step, [name, *values], self.names), ""))

    def assignment(self, target, step):
        """x[i] = value; or x[i] += y, if the value is x[i] + y."""
        base, value = step.args
        if isinstance(value, Expression) and value.op in INFIX and value in self.plan.inline:
            left, right = value.args
            if left in self.plan.inline and left.op == "index" and left.args[0] is base and left.options == step.options:
                return f"{target} {INFIX[value.op][0]}= {CODE.operand(right, left, self.names).text}"
        return f"{target} = {CODE.operand(value, base, self.names).text}"

    # What is returned: in memory of its own, so that whoever gets it may change it

    def result_of_output(self):
        """The output's variable."""
        step = self.program.results[0]
        return self.names[step] + ".copy()" * is_shared(step, self.program.parameters)

    def result(self, node, before):
        """The variable with the gradient of a node, in memory that it shares with no parameter and no result before."""
        step = self.program.gradients[node]
        is_copied = is_shared(step, [*self.program.parameters, *before])
        known = self.names.get(step)
        name = self.variables.gradient_names.get(node) or known or self.variables.numbered("dp")
        if known == name and not is_copied:
            return name
        code = known + ".copy()" * is_copied if known else CODE.spell(step, self.names).text  # that of a number
        said = gradient_comment(self.program, node, self.variables)
        if known == name:
            name = self.variables.identifier(name if name not in self.variables.parameters else f"d{name}")
        self.backward.append(Statement(name, code, said))
        return name


def is_on_the_way(statement):
    """Whether a statement computes no value that has a name, but something on the way to one."""
    return re.fullmatch(r"u\d+", statement.target) is not None


def is_shared(step, others):
    """Whether an array is one of others, or a part of one, or is repeated by broadcasting."""
    return step.op == "parameter" or (step.base is not None and not step.writeable) or any(map(step.shares_memory, others))
