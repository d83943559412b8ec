"""Formulas as MathML, which every browser shows without a library.

An element is a tuple: its tag, then its children, each an element or text. A page builds it node by node, so that no name
is ever read as markup; `to_xml` writes it down.

>>> to_xml(named("b_h"))
'<msub><mi>b</mi><mi>h</mi></msub>'
"""

import html
from fractions import Fraction
from typing import ClassVar

from .brief import visible
from .signs import GREEK
from .style import POWER, Piece, Style
from .unicode_text import label_parts, number, subscripted


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
    transposed = ("mo", "⊤")  # not T, which may be a tensor's name

    def row(self, *contents):
        return ("mrow", *contents)

    def sign(self, sign):
        return ("mo", sign)

    infix = sign

    def bracketed(self, content, formula):
        return ("mrow", ("mo", "("), content, ("mo", ")"))

    def name(self, label, index):
        stem, above, below = label_parts(label)
        letter = ("mi", GREEK.get(stem, stem)) if stem.isidentifier() else ("mtext", visible(stem))
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
        return ("mrow", self.function(name), self.bracketed(arguments, formula))

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
