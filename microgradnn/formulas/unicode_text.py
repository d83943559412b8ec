"""Formulas as Unicode text.

>>> from microgradnn.formulas.formula import Name, Negative, Power, Product, Sum, with_values
>>> h = Name("h", (1,), -0.417)
>>> slope = Product("juxtaposed", (Number(2), Sum((Number(1), Negative(Power(h, Number(2)))))))
>>> text(slope), text(with_values(slope))
('2(1 − h₁²)', '2(1 − (−0.417)²)')
"""

from fractions import Fraction
from typing import ClassVar

import numpy as np

from .formula import Call, Formula, Negative, Number
from .signs import NORMAL, SUBSCRIPTS, SUPERSCRIPTS
from .style import JUXTAPOSED, POWER, PRODUCT, QUOTIENT, Piece, Style, digits_of


class TextStyle(Style):
    """Unicode text, in one line."""

    fraction_binding = QUOTIENT
    dotted_binding = JUXTAPOSED  # 0.5·0.3, with no spaces around its dot
    beside: ClassVar = {"": " ", "number": "·", "bracket": ""}  # x W, 0.5·0.3, 2(t − o)
    space, transposed = " ", "ᵀ"

    def row(self, *contents):
        return "".join(contents)

    def sign(self, sign):
        return sign

    def infix(self, sign):
        return ", " if sign == "," else f" {sign} "

    def bracketed(self, content, formula):
        return f"({content})"

    def name(self, label, index):
        return self.subscript(label, index)

    def subscript(self, content, index):
        return content + subscripted(index).translate(SUBSCRIPTS)

    def number(self, x):
        return number(x, self.digits)

    def code(self, written):
        return written

    def function(self, name):
        return name

    def matrix(self, rows):
        return "; ".join(", ".join(row) for row in rows).join("[]")

    def raised(self, base, exponent, formula):
        return base + exponent

    def exponent(self, exponent):
        if isinstance(exponent, Negative) and isinstance(exponent.x, Number):
            exponent = Number(-exponent.x.value)
        if isinstance(exponent, Number) and isinstance(exponent.value, (int, float)) and exponent.value % 1 == 0:
            return str(int(exponent.value)).translate(SUPERSCRIPTS)
        return f"^({self(exponent)})"

    def call(self, name, arguments, formula):
        within = (part for argument in formula.arguments for part in argument.walk())
        if name == "absolute" and not any(isinstance(part, Call) and part.function == "absolute" for part in within):
            return f"|{arguments}|"  # within another one, nobody could tell where it ends
        return f"{name}({arguments})"

    def write_Quotient(self, x):
        """What stands below is at most a power: a/(x W), never a/x W."""
        above, below = self.within(x.above, PRODUCT, leads=True), self.within(x.below, POWER)
        written = above.content + ("/" if x.sign == "scalar" else " / ") + below.content
        return Piece(written, min(QUOTIENT, above.binding), above.begins, min(QUOTIENT, above.after_minus))

    def fraction(self, above, below):
        return f"{above}/{below}"


def text(formula: Formula, digits: int | None = 4, most_terms: int | None = 6) -> str:
    """A formula as Unicode text; see `Style` for the parameters."""
    return TextStyle(digits, most_terms)(formula)


def number(x, digits=4):
    """A number as people write it: four significant digits, a true minus sign, powers of ten where they are shorter.

    >>> number(-0.33672), number(2.0), number(1.5e-7), number(1e7), number(Fraction(2, 3)), number(float("nan"))
    ('−0.3367', '2', '1.5·10⁻⁷', '10⁷', '2/3', 'NaN')
    >>> number(2 - 0.5j), number(1 / 3, digits=None)
    ('2 − 0.5i', '0.3333333333333333')
    """
    if np.iscomplexobj(x):
        return f"{number(x.real, digits)} {'−' if x.imag < 0 else '+'} {number(abs(x.imag), digits)}i"
    if isinstance(x, Fraction):
        return str(x).replace("-", "−")
    mantissa, exponent = digits_of(x, digits)
    if exponent is not None:
        power = "10" + str(exponent).translate(SUPERSCRIPTS)
        mantissa = mantissa.removesuffix("1") + power if mantissa in ("1", "-1") else f"{mantissa}·{power}"
    return mantissa.replace("-", "−")


def subscripted(index):
    """An index as it stands below the line: 12, but 1,12 where that could be another.

    >>> subscripted((1, 2)), subscripted((1, 12)), subscripted((12,))
    ('12', '1,12', '12')
    """
    numbers = [str(i) for i in index]
    return ("," if any(len(digits) > 1 for digits in numbers) else "").join(numbers)


def label_parts(label):
    """A label as its letters, what stands above the line behind them, and what below: behind the first underscore.

    >>> label_parts("b_h"), label_parts("W⁽¹⁾"), label_parts("h′"), label_parts("hidden.W")
    (('b', '', 'h'), ('W', '(1)', ''), ('h', '′', ''), ('hidden.W', '', ''))
    """
    letters = label.rstrip("′″⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹")
    above = label[len(letters) :].translate(NORMAL)
    stem, _, below = letters.partition("_")
    return (stem, above, below) if stem and below and letters.isidentifier() else (letters, above, "")


def element_name(label, index, index_base=1):
    """The name of one element of a tensor, counted from 1 as in mathematics.

    >>> element_name("W", (0, 1)), element_name("o", ()), element_name("W", (0, 11)), element_name("W", (0, 1), index_base=0)
    ('W₁₂', 'o', 'W₁,₁₂', 'W₀₁')
    """
    return label + subscripted(i + index_base for i in index).translate(SUBSCRIPTS)
