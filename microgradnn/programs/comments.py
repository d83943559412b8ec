"""The comments of a program: for a step of the backward pass the formula that it computes, ∂L/∂V = hᵀ · do.

`comment` is all that others ask for, and `gradient_comment` and `is_long` for what has no step, or no step yet.
"""

import re

from ..formulas.spelling import spell
from .expression import Expression, is_column, is_constant, is_row
from .numpy_code import ATOM, CALL, CODE, INFIX, POWER, PRODUCT, UNARY, Code, Text, added

RELATIONS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}
SIGNS = {"matmul": " · ", "subtract": " − ", "divide": "/"}
MOST_STEPS = 6  # of one operation, without a comment that says what they lead to
LONG_NUMBER = re.compile(r"\b\d+\.\d{6,}\b")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


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
    return f"{gradient_name(program, node, variables)} = {FORMULA.spell(step, variables.names).text}"


def gradient_comment(program, node, variables):
    """What a line computes that gives the gradient of a node and nothing new."""
    step = program.gradients[node]
    formula = variables.names.get(step) or CODE.bare(step).text
    return f"{gradient_name(program, node, variables)} = {formula}"


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
    return f"∂{names[program.output]}/∂{names.get(main) or spell(main)}{' in part' * in_part}"


def is_part(program, node):
    """Whether a node is one of several with one value, made by the same steps: ∂L/∂(this value) is the sum of theirs."""
    nodes = program.nodes[program.values[node]]
    first = [x for x in nodes if nodes.isdisjoint(x.inputs)]  # others are x * 1 and the like of these
    gradients = program.gradients
    return len(nodes) > 1 and (len(first) > 1 or gradients[node] is not gradients.get(first[0]))


class Formula(Code):
    """The formula behind an expression, for a comment: products as ⊙ element by element and · of matrices."""

    def join(self, x, left, right):
        sign, binding = INFIX[x.op]
        if x.op == "power":
            if right.text == "1":
                return left
            exponent = right.text.translate(SUPERSCRIPTS) if right.text.isdigit() else f"^{right.within(ATOM)}"
            return Text(left.within(CALL) + exponent, POWER)
        if x.op == "multiply":
            if "1" in (left.text, right.text):
                return left if right.text == "1" else right
            if is_constant(x.args[1]) and not re.match("[−(]*[0-9n]", left.text):
                left, right = right, left  # the number in front
            if left == right:
                return Text(f"{left.within(CALL)}²", POWER)
            sign = times(*x.args)
            if sign == " " and ("/" in left.text or right.text[0].isdigit()):
                sign = " · "  # 2/n z would be read as 2/(n z)
            return Text(f"{left.within(binding)}{sign}{right.within(binding + 1)}", binding)
        if x.op == "add":
            sign, summand = added(right, "−")
            return Text(f"{left.within(binding)} {sign} {summand}", binding)
        sign = SIGNS.get(x.op) or f" {RELATIONS.get(sign, sign)} "
        return Text(f"{left.within(binding)}{sign}{right.within(binding + 1)}", binding)

    def operand(self, x, other, names):
        text, binding = super().operand(x, other, names)
        text = LONG_NUMBER.sub(shortened, text).replace("->", "→").replace("-", "−").replace(" * ", " ").replace(" / ", "/")
        return Text(text, binding)

    def prefix(self, x, names):
        return Text({"negative": "−", "invert": "not "}[x.op] + self.write(x.args[0], names).within(UNARY), UNARY)

    def full(self, x, names):
        return self.operand(x.fill, x, names)

    def function(self, x, names):
        if x.fill is not None:
            return self.operand(x.fill, x, names)
        text, binding = super().function(x, names)
        return Text(text.removeprefix("np."), binding)

    def concatenate(self, x, names):
        text, binding = super().concatenate(x, names)
        return Text(text.removeprefix("np."), binding)

    stack = concatenate

    def einsum(self, x, names):
        text, binding = super().einsum(x, names)
        return Text(text.removeprefix("np."), binding)

    def method(self, x, names):
        base = self.write(x.args[0], names)
        if x.op == "sum":
            return Text(f"Σ {base.within(PRODUCT)}", UNARY)
        if x.op in ("reshape", "astype", "copy"):
            return base
        return Text(f"{x.op}({', '.join([base.text, *self.arguments(x.args[1:], names)])})", CALL)

    def transpose(self, x, names):
        if x.ndim != 2:
            base, _, call = super().transpose(x, names).text.rpartition(".")
            return Text(call.replace("(", f"({base}, ", 1), CALL)
        return Text(f"{self.write(x.args[0], names).within(CALL)}ᵀ", CALL)

    def index(self, x, names):
        written = self.write(x.args[0], names)
        if is_column(x):
            return Text(f"{written.within(CALL)}ᵀ", CALL)  # a 1-D array is a row
        return written if is_row(x) else super().index(x, names)


FORMULA = Formula()


def shortened(digits):
    """A number with six digits: who wants more reads the code."""
    return f"{float(digits[0]):.6g}"


def times(x, y):
    """The sign between two factors: · between a column and a row, ⊙ between arrays of one shape, a space beside a number."""
    if not (isinstance(x, Expression) and isinstance(y, Expression)) or 0 in (x.ndim, y.ndim):
        return " "
    return " · " if is_column(x) and y.shape[-2:-1] in ((), (1,)) else " ⊙ "
