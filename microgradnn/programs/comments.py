"""The comments of a program: for a step of the backward pass the formula that it computes, ∂L/∂V = hᵀ · do.

`comment` is all that others ask for, and `gradient_comment` and `is_long` for what has no step, or no step yet.
"""

import numpy as np

from ..formulas.formula import Call, Code, Comparison, Indexed, Name, Number, Power, Sigma, Sum, renamed, signed
from ..formulas.labels import label_of
from ..formulas.operations import spell_index, times_number
from ..formulas.parts import (
    Part,
    Unwritable,
    added,
    column_of,
    divided,
    matrix_product,
    multiplied,
    negated,
    raised,
    row_of,
    subtracted,
    together,
    transposed,
)
from ..formulas.signs import RELATIONS
from ..formulas.spelling import formula_of as formula_of_node
from ..formulas.spelling import spell
from ..formulas.style import ATOM
from ..formulas.unicode_text import TextStyle, text
from .expression import Expression, Length, is_column, is_row

MOST_STEPS = 6  # of one operation, without a comment that says what they lead to


def comment(program, step, variables, on_the_way):
    """What a line computes, or "" where the line says it.

    Parameters
    ----------
    program : Program
    step : Expression
        What the line computes.
    variables : Variables
        Those of the lines before.
    on_the_way : int
        How many lines before this one are steps on the way to it, without a name of their own.
    """
    last = program.last_change(step)
    kind, node = program.labels.get(last, (None, None))
    if kind == "value" and on_the_way >= MOST_STEPS:
        return f"{node.op.name}({', '.join(variables.title_of(x) for x in node.inputs)})"
    if kind != "gradient":
        return ""
    if last is not step or step.is_statement:
        return gradient_name(program, node, variables)
    return " = ".join([gradient_name(program, node, variables), *formula_of(program, node, step, variables.names)])


def gradient_comment(program, node, variables):
    """What a line computes that gives the gradient of a node and nothing new."""
    formula = formula_of(program, node, program.gradients[node], variables.names)
    return " = ".join([gradient_name(program, node, variables), *formula])


def formula_of(program, node, step, names):
    """The formula of a step that is the gradient of a node, as a list of one text; none if it is better read as Python."""
    try:
        part = ProgramReader(program.places, names).read(step)
    except Unwritable:
        return []
    wanted = program.places.get(program.values.get(node))
    return [text(part.as_(wanted) if part.ndim == 1 else part.formula, digits=6, most_terms=None)]


def is_long(program, step):
    """Whether this is a value that comments, of its gradient, could only call by a variable's name."""
    kind, node = program.labels[step]
    slope = program.gradients.get(node)
    has_line = slope in program.users and program.labels.get(slope, (None, None))[1] is node
    return kind == "value" and has_line and "…" in spell(node)


def gradient_name(program, node, variables):
    """∂L/∂V, the derivative with respect to a node."""
    in_part = is_part(program, node)
    main = program.labels[program.values[node]][1] if in_part else node
    names = variables.node_names
    called = names.get(main) or in_variables(main, names)
    return f"∂{names[program.output]}/∂{called}{' in part' * in_part}"


def in_variables(node, names):
    """How a node without a variable was made, in the names of variables."""
    variables = {label_of(other.name): name for other, name in names.items() if other is not None and other.name}
    return TextStyle().within(renamed(formula_of_node(node), variables), ATOM).content


def is_part(program, node):
    """Whether a node is one of several with one value, made by the same steps: ∂L/∂(this value) is the sum of theirs."""
    nodes = program.nodes[program.values[node]]
    first = [x for x in nodes if nodes.isdisjoint(x.inputs)]  # others are x * 1 and the like of these
    gradients = program.gradients
    return len(nodes) > 1 and (len(first) > 1 or gradients[node] is not gradients.get(first[0]))


class ProgramReader:
    """Reads Expressions as formulas, in the names of variables."""

    def __init__(self, places, names):
        self.places, self.names = places, names

    def read(self, x):
        """A part of a program: an Expression, a number, or a length that depends on the batch."""
        if isinstance(x, Length):
            return Part(formula_of_length(x))
        if not isinstance(x, Expression):
            return Part(signed(x.item() if isinstance(x, np.generic) else x))
        if x in self.names:
            return Part(Name(self.names[x]), x.ndim, self.places.get(x, ""))
        if x.fill is not None and x.op != "number":
            return self.read(x.fill)._replace(ndim=x.ndim)
        method = getattr(self, f"read_{x.op}", None)
        return method(x) if method else self.called(x)

    def read_number(self, x):
        return self.read(x.options["value"])

    def read_add(self, x):
        return added(*map(self.read, x.args))

    def read_subtract(self, x):
        return subtracted(*map(self.read, x.args))

    def read_divide(self, x):
        return divided(*map(self.read, x.args))

    def read_power(self, x):
        return raised(*map(self.read, x.args))

    def read_matmul(self, x):
        return matrix_product(*map(self.read, x.args))

    def read_negative(self, x):
        return negated(self.read(x.args[0]))

    def read_multiply(self, x):
        one, other = x.args
        if one is other:
            base = self.read(one)
            return together(Power(base.formula, Number(2)), base, base)
        return multiplied(self.read(one), self.read(other))

    def compared(self, x):
        """1 where it holds, else 0: [x > 0]."""
        one, other = map(self.read, x.args)
        return together(Comparison(RELATIONS[x.op], one.formula, other.formula), one, other)

    read_greater = read_greater_equal = read_less = read_less_equal = read_equal = read_not_equal = compared

    def read_sum(self, x):
        base = self.read(x.args[0])
        return self.called(x) if x.options else Part(Sigma(base.formula))

    def read_transpose(self, x):
        return transposed(self.read(x.args[0])) if x.ndim == 2 else self.called(x)

    def read_index(self, x):
        base = self.read(x.args[0])
        if is_column(x):
            return column_of(base)
        if is_row(x):
            return row_of(base)
        return Part(Indexed(base.formula, self.index_text(x.options["index"])), x.ndim)

    def index_text(self, index):
        """An index as it is typed, with the variables that are in it."""
        if isinstance(index, tuple):
            return ", ".join(map(self.index_text, index))
        if isinstance(index, Expression):
            return text(self.read(index).formula)
        return spell_index(index)

    def moved(self, x):
        """What holds the same elements: how they lie is the affair of the code beside the comment."""
        return self.read(x.args[0])._replace(ndim=x.ndim)

    read_reshape = read_astype = read_copy = read_broadcast_to = read_expand_dims = moved

    def called(self, x):
        """A function by its name."""
        if x.kind is None or any(not isinstance(argument, (Expression, int, float, np.generic)) for argument in x.args):
            raise Unwritable(x.op)
        options = [Code(f"{name}={value}") for name, value in x.options.items()]
        parts = [self.read(argument).formula for argument in x.args]
        return Part(Call(x.op.rpartition(".")[2], (*parts, *options)), x.ndim)


def formula_of_length(length):
    """A length that depends on the batch size n, such as 2 n + 1."""
    n = Name("n") if length.times == 1 else times_number(Number(length.times), Name("n"))
    return Sum((n, signed(length.plus))) if length.plus else n
