"""Rules as formulas: the Python text of a vjp, such as dz * (1 - z * z), in the names of a graph.

A rule of matrices is written with matrices. Of x W for one sample, x and the upstream gradient are rows; of X v, v and the
upstream gradient are columns; NumPy, which knows but one kind of vector, has `x[:, None] * dz` for xᵀ · dz.

>>> from microgradnn.formulas.unicode_text import text
>>> from microgradnn.ops import Matmul, Tanh
>>> h, V, g = Name("h"), Name("V"), Name("g")
>>> operands = {"self": Matmul(), "x": np.ones(3), "y": np.ones(3), "z": np.float64(3), "dz": np.float64(1)}
>>> text(rule_formula("dz * y", {"x": h, "y": V, "dz": g}, operands, "x"))
'g · Vᵀ'
>>> text(rule_formula("x * dz", {"x": h, "y": V, "dz": g}, operands, "y"))
'hᵀ · g'
"""

import ast

import numpy as np

from .formula import Call, Code, Comparison, Indexed, Name, Number, Sigma, signed
from .operations import spell_index
from .parts import (
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
from .signs import RELATIONS

OPERATORS = {ast.Add: added, ast.Sub: subtracted, ast.Mult: multiplied, ast.Div: divided}
OPERATORS |= {ast.Pow: raised, ast.MatMult: matrix_product}
COMPARISONS = {ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less", ast.LtE: "less_equal"}
COMPARISONS |= {ast.Eq: "equal", ast.NotEq: "not_equal"}
BY_NAME = {"sigmoid"}  # functions of this package that rules call, and that formulas have a word for
NOT_BY_ELEMENT = {"cross", "flip", "cumsum", "stack", "einsum", "moveaxis"}


def rule_formula(rule, names, operands, letter=None):
    """A rule as a formula.

    Parameters
    ----------
    rule : str
        What the vjp returns, as it is written.
    names : dict of str to Formula
        What stands for dz, z, x, y, ...
    operands : dict of str to array
        Their values, and the operation as "self". Plain Python numbers are worked out.
    letter : str, optional
        Of which operand the rule gives the gradient, for whether it is a row or a column.

    Raises
    ------
    Unwritable
        If the rule has something in it that is better read as Python.
    """
    return RuleReader(names, operands)(rule, letter)


def places_of(op, operands):
    """Which operands of a product are rows and which are columns: a vector x in x W is a row, a vector v in X v a column.

    >>> from microgradnn.ops import Matmul
    >>> places_of(Matmul(), {"x": np.ones((2, 3)), "y": np.ones(3)})
    {'y': 'column', 'z': 'column', 'dz': 'column'}
    """
    name = getattr(op, "name", "")
    if name == "affine" and np.ndim(operands["x"]) == 1:
        return dict.fromkeys(["x", "b", "z", "dz"], "row")
    if name != "matmul":
        return {}
    left, right = np.ndim(operands["x"]) == 1, np.ndim(operands["y"]) == 1
    places = {"x": "row"} if left else {}
    if right:
        places["y"] = "column"
    return places if left == right else {**places, **dict.fromkeys(["z", "dz"], "row" if left else "column")}


class RuleReader:
    """Reads one rule.

    Attributes
    ----------
    used : set of str
        The letters that were met.
    """

    def __init__(self, names, operands):
        self.names, self.operands = names, operands
        self.op = operands.get("self")
        self.used, self.has_kept_axes = set(), False
        self.places = places_of(self.op, operands)

    def __call__(self, rule, letter=None):
        try:
            tree = ast.parse(rule, mode="eval").body
        except SyntaxError:
            raise Unwritable(rule) from None
        part = self.read(Squares().visit(tree))
        if self.has_kept_axes and "z" in self.used:
            raise Unwritable("z, to which the rule has given axes too")
        return part.as_(self.places.get(letter)) if part.ndim == 1 else part.formula

    def read(self, node):
        """A part of the rule."""
        constant = self.constant(node)
        if constant is not None:
            return Part(signed(constant))
        method = getattr(self, f"read_{type(node).__name__}", None)
        if method is None:
            raise Unwritable(ast.unparse(node))
        return method(node)

    def constant(self, node):
        """The number that a part is, if no array is in it."""
        value = self.value(node, {k: x for k, x in self.operands.items() if k == "self" or type(x) in (bool, int, float)})
        return value if type(value) in (bool, int, float) else None

    def value(self, node, operands):
        """What a part is for these operands; None if it has others in it, or cannot be worked out."""
        try:
            return eval(compile(ast.Expression(node), "rule", "eval"), {"np": np, **operands})  # noqa: S307 - of an operation's source
        except (TypeError, ValueError, ArithmeticError, AttributeError, NameError, IndexError):
            return None

    def read_Name(self, node):
        if node.id not in self.names:
            raise Unwritable(node.id)
        self.used.add(node.id)
        ndim = np.ndim(self.operands[node.id])
        return Part(self.names[node.id], ndim, self.places.get(node.id, "") if ndim == 1 else "")

    def read_Attribute(self, node):
        text = ast.unparse(node)
        if text.endswith(".T"):
            return transposed(self.read(node.value))
        if text.endswith(".size") and isinstance(self.value(node, self.operands), int):
            return Part(signed(self.value(node, self.operands)))
        if text != "math.pi":
            raise Unwritable(text)
        return Part(Name("π"))

    # Operators

    def read_BinOp(self, node):
        make = OPERATORS.get(type(node.op))
        if make is None:
            raise Unwritable(ast.unparse(node))
        return make(self.read(node.left), self.read(node.right))

    def read_UnaryOp(self, node):
        if not isinstance(node.op, ast.USub):
            raise Unwritable(ast.unparse(node))
        return negated(self.read(node.operand))

    def read_Compare(self, node):
        """1 where it holds, else 0: [x > 0]."""
        if len(node.ops) > 1 or type(node.ops[0]) not in COMPARISONS:
            raise Unwritable(ast.unparse(node))
        x, y = self.read(node.left), self.read(node.comparators[0])
        return together(Comparison(RELATIONS[COMPARISONS[type(node.ops[0])]], x.formula, y.formula), x, y)

    def read_IfExp(self, node):
        """The branch that these operands take."""
        holds = self.value(node.test, self.operands)
        if holds is None:
            raise Unwritable(ast.unparse(node))
        return self.read(node.body if holds else node.orelse)

    # Axes

    def read_Subscript(self, node):
        """x[:, None] makes a column of a vector, dz[..., None, :] a row; of a number neither makes anything else."""
        x = self.read(node.value)
        entries = ast.unparse(node.slice)
        if x.ndim == 0 and set(entries) <= set(".(), :None"):
            return x
        if x.ndim == 1 and entries in ("(:, None)", ":, None", "..., None", "(..., None)"):
            return column_of(x)
        if x.ndim == 1 and entries.strip("()") == "..., None, :":
            return row_of(x)
        index, value = self.value(node.slice, {"self": self.op}), self.value(node, self.operands)
        if index is None or value is None or x.place:
            raise Unwritable(ast.unparse(node))
        return Part(Indexed(x.formula, spell_index(index, uncut=True)), np.ndim(value))

    # Functions

    def read_Call(self, node):
        function = ast.unparse(node.func)
        stem, _, method = function.rpartition(".")
        special = getattr(self, f"call_{method}", None)
        if special is not None:
            return special(node)
        if (stem not in ("np", "math") and function not in BY_NAME) or node.keywords or method in NOT_BY_ELEMENT:
            raise Unwritable(ast.unparse(node))
        arguments = [self.read(x) for x in node.args]
        name = {"abs": "absolute"}.get(method, method)
        return together(Call(name, tuple(x.formula for x in arguments)), *arguments)

    def call_with_axes(self, node):
        """dz, with the axes along which was summed: as it is where it fits so, else with these axes."""
        dz, axes = self.operands["dz"], self.value(node, {"self": self.op, "dz": self.operands["dz"]})
        x = self.read(node.args[0])
        if axes is None:
            raise Unwritable(ast.unparse(node))
        if np.shape(axes) == (1,) * (np.ndim(axes) - np.ndim(dz)) + np.shape(dz):
            return x
        self.has_kept_axes = True
        return Part(Call("expand_dims", (x.formula, Code(f"axis={self.op.axis}"))), np.ndim(axes))

    def call_ones_like(self, node):
        return Part(Number(1), self.read(node.args[0]).ndim)

    def call_swapaxes(self, node):
        return transposed(self.read(node.func.value))

    def call_transpose(self, node):
        x, order = self.read(node.func.value), self.value(located(ast.Tuple(node.args, ast.Load()), node), self.operands)
        if order is None:
            raise Unwritable(ast.unparse(node))
        axes = order[0] if order else tuple(range(x.ndim))[::-1]
        if axes in (tuple(range(x.ndim)), (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)):
            return x if axes == tuple(range(x.ndim)) else transposed(x)
        return Part(Call("transpose", (x.formula, Code(str(axes)))), x.ndim)

    def call_reshape(self, node):
        x, shape = self.read(node.func.value), self.value(node.args[0], self.operands)
        if shape is None:
            raise Unwritable(ast.unparse(node))
        return Part(Call("reshape", (x.formula, Code(str(tuple(shape))))), len(shape))

    def call_sum(self, node):
        """Σ of a vector; along an axis of a matrix, a function."""
        x = self.read(node.func.value)
        keywords = {keyword.arg: self.value(keyword.value, {"self": self.op}) for keyword in node.keywords}
        if x.ndim == 1 or keywords.get("axis") is None:
            return Part(Sigma(x.formula))
        return Part(Call("sum", (x.formula, *(Code(f"{key}={value}") for key, value in keywords.items()))), x.ndim)


class Squares(ast.NodeTransformer):
    """x * x as a square, also at the end of a longer product: 3 * x * x."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            square = ast.BinOp(node.right, ast.Pow(), ast.Constant(2))
            if same(node.left, node.right):
                return located(square, node)
            if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Mult) and same(node.left.right, node.right):
                return located(ast.BinOp(node.left.left, ast.Mult(), square), node)
        return node


def same(x, y):
    """Whether two parts of a rule are written alike."""
    return ast.dump(x) == ast.dump(y)


def located(new, old):
    """A new part of a rule in the place of an old one."""
    return ast.fix_missing_locations(ast.copy_location(new, old))
