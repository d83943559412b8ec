"""Formulas as MathML, which every browser shows without a library.

An element is a tuple: its tag, then its children, each an element or text. A page builds it node by node, so that no name
is ever read as markup; `to_xml` writes it down.

>>> to_xml(equation(named("b_h"), ("mn", "2")))
'<math><mrow><msub><mi>b</mi><mi>h</mi></msub><mo>=</mo><mn>2</mn></mrow></math>'
"""

import ast
import html
from fractions import Fraction
from itertools import zip_longest
from typing import ClassVar

import numpy as np

from .brief import visible
from .notation import label_parts, number, subscripted
from .signs import GREEK
from .style import POWER, Piece, Style

LARGEST = (4, 6)  # rows and columns of an array that a formula holds
WIDEST = 3  # columns of an array that a formula holds thrice
LONGEST = 18  # characters that a tensor may be called by in a formula; others are called as in the rules: x, y, z
ADDED, MULTIPLIED, TIGHT = range(3)  # how tightly an expression holds together
RELATIONS = {ast.Gt: ">", ast.Lt: "<", ast.GtE: "≥", ast.LtE: "≤", ast.Eq: "=", ast.NotEq: "≠"}


class Unwritable(Exception):
    """A rule has something in it that is better read as Python."""


def to_xml(element):
    """An element as text."""
    if isinstance(element, str):
        return html.escape(element)
    return f"<{element[0]}>{''.join(map(to_xml, element[1:]))}</{element[0]}>"


class MathmlStyle(Style):
    """MathML.

    >>> from microgradnn.formulas.formula import Name, Number, Power
    >>> to_xml(MathmlStyle()(Power(Name("h", (1,)), Number(2))))
    '<msup><msub><mi>h</mi><mn>1</mn></msub><mn>2</mn></msup>'
    """

    space = ("mtext", "\u2009")  # a thin space
    beside: ClassVar = {"": space, "number": ("mo", "·"), "bracket": ("mo", "\u2062")}  # which is an invisible sign: times
    transposed = ("mi", "T")

    def row(self, *contents):
        return ("mrow", *contents)

    def sign(self, sign):
        return ("mo", sign)

    infix = sign

    def bracketed(self, content, formula):
        return _bracketed(content)

    def name(self, label, index):
        stem, above, below = label_parts(label)
        letter = ("mi", GREEK.get(stem, stem)) if label.isidentifier() or above else ("mtext", visible(stem))
        below = [part for part in (("mi", below) if below else None, ("mn", subscripted(index)) if index else None) if part]
        if len(below) > 1:
            below = [("mrow", below[0], ("mo", ","), below[1])]
        if above:
            return ("msubsup", letter, *below, ("mi", above)) if below else ("msup", letter, ("mi", above))
        return ("msub", letter, *below) if below else letter

    def number(self, x):
        if not isinstance(x, Fraction) or x.denominator == 1:
            return ("mn", number(x, self.digits))
        size = self.fraction(("mn", str(abs(x.numerator))), ("mn", str(x.denominator)))
        return ("mrow", ("mo", "−"), size) if x < 0 else size

    def code(self, written):
        return ("mtext", visible(written))

    def function(self, name):
        return ("mi", name)

    def matrix(self, rows):
        table = ("mtable", *(("mtr", *(("mtd", x) for x in row)) for row in rows))
        return ("mrow", ("mo", "["), table, ("mo", "]"))

    def fraction(self, above, below):
        return ("mfrac", above, below)

    def raised(self, base, exponent, formula):
        return ("msup", base, exponent)

    def exponent(self, exponent):
        return self(exponent)

    def subscript(self, content, index):
        return ("msub", content, ("mn", subscripted(index)))

    def call(self, name, arguments, formula):
        if name in ("absolute", "sqrt"):
            return ("msqrt", arguments) if name == "sqrt" else ("mrow", ("mo", "|"), arguments, ("mo", "|"))
        return ("mrow", self.function(name), _bracketed(arguments))

    def write_Call(self, x):
        """The exponential function as a power of e."""
        if x.function != "exp":
            return super().write_Call(x)
        return Piece(("msup", ("mi", "e"), self(x.arguments[0])), POWER)


def mathml(formula, digits=4, most_terms=6):
    """A formula as an element of MathML; see `Style` for the parameters."""
    return MathmlStyle(digits, most_terms)(formula)


def named(label):
    """What a tensor is called: h, b with a subscript h for b_h, α for alpha; an expression as it stands."""
    return MathmlStyle().name(label, ())


def gradient(output, label):
    """∂L/∂h as a fraction."""
    return ("mfrac", ("mrow", ("mo", "∂"), named(output)), ("mrow", ("mo", "∂"), named(label)))


def equation(*sides):
    """Elements with equals signs between them, as a formula of its own."""
    return ("math", _joined("=", sides))


def arithmetic(old, dx, new):
    """old + dx = new, or None if the arrays are too large."""
    parts = [array(x) for x in (old, dx, new)]
    if None in parts or (np.ndim(new) and np.shape(new)[-1] > WIDEST):
        return None
    return ("math", ("mrow", parts[0], ("mo", "+"), _signed(dx, parts[1]), ("mo", "="), parts[2]))


def array(values):
    """A number, a row, or a matrix with brackets; None if it is too large for a formula."""
    values = np.asarray(values)
    if values.ndim == 0:
        return ("mn", number(values.item()))
    if values.ndim > 2 or values.size == 0:
        return None
    table = np.atleast_2d(values)
    if any(n > most for n, most in zip(table.shape, LARGEST, strict=True)):
        return None
    rows = [("mtr", *(("mtd", ("mn", number(x))) for x in row)) for row in table.tolist()]
    return ("mrow", ("mo", "["), ("mtable", *rows), ("mo", "]"))


def _signed(values, written):
    return _bracketed(written) if np.ndim(values) == 0 and values < 0 else written


def _bracketed(element):
    return ("mrow", ("mo", "("), element, ("mo", ")"))


def _joined(sign, elements):
    pairs = zip_longest(elements, [("mo", sign)] * (len(elements) - 1))
    return ("mrow", *(x for pair in pairs for x in pair if x is not None))


class RuleWriter:
    """Writes a rule, Python such as dz * (1 - z * z), as a formula.

    Parameters
    ----------
    names : dict of str to element
        What stands for dz, z, x, y, ...
    operands : dict of str to array
        Their values. Exponents and the like that are plain Python numbers are worked out.
    """

    def __init__(self, names, operands):
        self.names, self.operands = names, operands
        self.used, self.by_element = set(), True  # by_element: each element of dx comes from the same ones of the others

    def __call__(self, rule):
        """The formula of a rule.

        >>> writer = RuleWriter({"dz": ("mi", "g"), "x": ("mn", "−2")}, {"dz": np.float64(1), "x": np.float64(-2)})
        >>> to_xml(writer("dz * x"))
        '<mrow><mi>g</mi><mo>·</mo><mrow><mo>(</mo><mn>−2</mn><mo>)</mo></mrow></mrow>'

        Raises
        ------
        Unwritable
            If it has something in it that is better read as Python.
        """
        try:
            return self.write(ast.parse(rule, mode="eval").body)[0]
        except SyntaxError:
            raise Unwritable(rule) from None

    def write(self, node):
        """A part of the rule, and how tightly it holds together."""
        constant = self._constant(node)
        if constant is not None:
            return ("mn", number(constant)), ADDED if constant < 0 else TIGHT
        method = getattr(self, f"write_{type(node).__name__}", None)
        if method is None:
            raise Unwritable(ast.unparse(node))
        return method(node)

    def within(self, node, least):
        """A part in brackets, if it holds together less tightly than what is around it."""
        element, tightness = self.write(node)
        return element if tightness >= least else _bracketed(element)

    def _constant(self, node):
        """The number that a part is, if no array is in it."""
        letters = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        plain = {letter: x for letter, x in self.operands.items() if type(x) in (bool, int, float)}
        if not letters <= plain.keys():
            return None
        try:
            value = eval(compile(ast.Expression(node), "rule", "eval"), {**plain})  # noqa: S307 - an expression of an operation's source
        except (TypeError, ValueError, ArithmeticError):
            return None
        return value if isinstance(value, (bool, int, float)) else None

    def write_Name(self, node):
        if node.id not in self.names:
            raise Unwritable(node.id)
        self.used.add(node.id)
        element = self.names[node.id]
        return element, ADDED if element[0] == "mn" and element[1].startswith("−") else TIGHT

    def write_BinOp(self, node):
        kind = type(node.op)
        if kind is ast.Div:
            return ("mfrac", self.write(node.left)[0], self.write(node.right)[0]), TIGHT
        if kind is ast.Pow:
            if self._constant(node.right) == 1:
                return self.write(node.left)
            return ("msup", self.within(node.left, TIGHT), self.write(node.right)[0]), MULTIPLIED
        if kind in (ast.Add, ast.Sub):
            sign = "+" if kind is ast.Add else "−"
            right = self.within(node.right, MULTIPLIED)
            return ("mrow", self.write(node.left)[0], ("mo", sign), right), ADDED
        if kind not in (ast.Mult, ast.MatMult):
            raise Unwritable(ast.unparse(node))
        if kind is ast.MatMult:
            self.by_element = False
        first = self.within(node.left, MULTIPLIED) if isinstance(node.left, ast.BinOp) else self.write(node.left)[0]
        return _joined("·", [first, self.within(node.right, MULTIPLIED)]), MULTIPLIED

    def write_UnaryOp(self, node):
        if not isinstance(node.op, ast.USub):
            raise Unwritable(ast.unparse(node))
        return ("mrow", ("mo", "−"), self.within(node.operand, MULTIPLIED)), ADDED

    def write_Compare(self, node):
        """1 where it holds, else 0, as in [x > 0]."""
        return ("mrow", ("mo", "["), self.relation(node), ("mo", "]")), TIGHT

    def relation(self, node):
        """A comparison: x > 0."""
        if len(node.ops) > 1 or type(node.ops[0]) not in RELATIONS:
            raise Unwritable(ast.unparse(node))
        sides = self.write(node.left)[0], self.write(node.comparators[0])[0]
        return _joined(RELATIONS[type(node.ops[0])], sides)

    def write_IfExp(self, node):
        """The branch that these operands take."""
        try:
            holds = eval(compile(ast.Expression(node.test), "rule", "eval"), {**self.operands})  # noqa: S307 - as above
        except (TypeError, ValueError, AttributeError, NameError):
            raise Unwritable(ast.unparse(node)) from None
        return self.write(node.body if holds else node.orelse)

    def write_Attribute(self, node):
        if ast.unparse(node) != "math.pi":
            raise Unwritable(ast.unparse(node))
        return ("mi", "π"), TIGHT

    def write_Subscript(self, node):
        """A vector made a column, x[:, None], is its transpose; axes that come and go otherwise need no sign."""
        entries = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not all(ast.unparse(entry) in ("None", "...", ":", "0") for entry in entries):
            raise Unwritable(ast.unparse(node))
        self.by_element = False
        if ast.unparse(entries[-1]) == "None":
            return ("msup", self.within(node.value, TIGHT), ("mi", "T")), TIGHT
        return self.write(node.value)

    def write_Call(self, node):
        function = ast.unparse(node.func)
        if function == "self.with_axes":
            self.by_element = self.by_element and np.ndim(self.operands["dz"]) == 0
            return self.write(node.args[0])
        if function == "np.ones_like":
            return ("mn", "1"), TIGHT
        if function.endswith(".swapaxes"):
            self.by_element = False
            return ("msup", self.within(node.func.value, TIGHT), ("mi", "T")), TIGHT
        if not function.startswith(("np.", "math.")) or node.keywords or function in ("np.flip", "np.cumsum", "np.stack"):
            raise Unwritable(ast.unparse(node))
        name = function.partition(".")[2]
        written = [self.relation(x) if isinstance(x, ast.Compare) else self.write(x)[0] for x in node.args]
        if name == "sqrt":
            return ("msqrt", *written), TIGHT
        if name == "exp":
            return ("msup", ("mi", "e"), *written), MULTIPLIED
        return ("mrow", ("mi", name), _bracketed(_joined(",", written))), TIGHT
