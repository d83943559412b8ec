"""Where brackets stand: one rule for text, LaTeX and MathML.

Every written piece carries how strongly it binds. A `Style` asks for each part of a formula at least the strength that its
place needs, and puts brackets around what binds less; nobody ever looks at the characters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

import numpy as np

from .formula import Dots, Element, Formula, Matrix, Name, Negative, Product
from .signs import TIMES

# How strongly a piece binds, loosest first. A factor (a fraction with its line, a number such as 1.5·10⁻⁷) may stand beside
# others as it is, but not under a power.
EQUATION, SUM, NEGATIVE, PRODUCT, QUOTIENT, JUXTAPOSED, FACTOR, POWER, ATOM = range(9)


class Piece(NamedTuple):
    """A written part of a formula."""

    content: Any  # text, or an element of MathML
    binding: int
    begins: str = ""  # with a "number" or a "bracket": what stands before it must know
    after_minus: int = ATOM  # if it begins with a minus: how strongly what follows that binds


class Style:
    """How formulas look. This class says in which order and with which brackets, a subclass how a sign, a name, ... is written.

    Parameters
    ----------
    digits : int or None, optional
        Significant digits of numbers; None for as many as tell a number from all others.
    most_terms : int or None, optional
        Terms of a sum that are shown: of a longer one the first ones and the last. None for all.
    """

    fraction_binding = FACTOR  # of what has a fraction line; in text, which has none, a quotient binds less
    dotted_binding = PRODUCT  # of factors side by side with a dot between them, which looks as that of other products does
    beside: ClassVar[dict[str, Any]]  # what stands between two factors side by side, by what the second begins with
    space: ClassVar[Any]  # between Σ and what it adds up
    transposed: ClassVar[Any]  # what makes a transpose of what it stands behind

    # What else a subclass says
    row: Callable[..., Any]  # contents beside each other
    sign: Callable[[str], Any]  # a sign alone, such as … or the − of −x
    infix: Callable[[str], Any]  # a sign between two things
    bracketed: Callable[[Any, Formula], Any]  # content in round brackets; the formula tells how high they must be
    name: Callable[[str, tuple[int, ...]], Any]
    number: Callable[[Any], Any]
    code: Callable[[str], Any]
    function: Callable[[str], Any]  # the name of one
    matrix: Callable[[list[list[Any]]], Any]
    fraction: Callable[[Any, Any], Any]
    raised: Callable[[Any, Any, Formula], Any]  # a base, what stands above the line behind it, and the formula of the base
    exponent: Callable[[Formula], Any]
    subscript: Callable[[Any, tuple[int, ...]], Any]
    call: Callable[[str, Any, Formula], Any]  # of a function: its name, the arguments as they are written, and the formula

    def __init__(self, digits: int | None = 4, most_terms: int | None = 6) -> None:
        self.digits, self.most_terms = digits, most_terms

    def __call__(self, formula: Formula) -> Any:
        """What the formula looks like: text, or an element of MathML."""
        return self.piece(formula).content

    def piece(self, formula: Formula) -> Piece:
        """The formula as it stands alone, and how strongly it binds."""
        return getattr(self, f"write_{type(formula).__name__}")(formula)

    def within(self, formula: Formula, least: int, leads: bool = False) -> Piece:
        """The formula where at least this binding is needed: in brackets, if it binds less.

        What leads a product may begin with a minus: −a b is −(a b), which is the same number.
        """
        piece = self.piece(formula)
        binding = piece.after_minus if leads and piece.binding == NEGATIVE else piece.binding
        return piece if binding >= least else Piece(self.bracketed(piece.content, formula), ATOM, "bracket")

    # Leaves

    def write_Name(self, x):
        return Piece(self.name(x.label, x.index), ATOM)

    def write_Number(self, x):
        size = SUM if np.iscomplexobj(x.value) else self.binding_of(abs(x.value))
        return Piece(self.number(x.value), NEGATIVE if size > SUM and x.value < 0 else size, "number", size)

    def binding_of(self, value: Any) -> int:
        """How strongly a number without sign binds, as it is written: 2/3 as a quotient, 1.5·10⁻⁷ as a factor."""
        if isinstance(value, Fraction):
            return ATOM if value.denominator == 1 else self.fraction_binding
        return FACTOR if digits_of(value, self.digits)[1] else ATOM

    def write_Dots(self, x):
        return Piece(self.sign("…"), ATOM)

    def write_Code(self, x):
        return Piece(self.code(x.text), SUM)

    def write_Matrix(self, x):
        return Piece(self.matrix([[self.number(value) for value in row] for row in x.rows]), ATOM)

    # Sums and products

    def write_Equation(self, x):
        return Piece(self.joined("=", [self.within(side, SUM).content for side in x.sides]), EQUATION)

    def write_Sum(self, x):
        first, *others = self.shown(x.terms)
        contents = [self.within(first, SUM).content]
        for term in others:
            sign, size = ("−", term.x) if isinstance(term, Negative) else ("+", term)
            contents += [self.infix(sign), self.within(size, PRODUCT).content]
        return Piece(self.row(*contents), SUM)

    def shown(self, terms: Sequence[Formula]) -> Sequence[Formula]:
        """The terms of a sum, or, of many, the first ones and the last."""
        if self.most_terms is None or len(terms) <= self.most_terms:
            return terms
        return [*terms[: self.most_terms - 2], Dots(), terms[-1]]

    def write_Negative(self, x):
        piece = self.within(x.x, PRODUCT)
        return Piece(self.row(self.sign("−"), piece.content), NEGATIVE, after_minus=piece.binding)

    def write_Product(self, x):
        beside = x.sign == "juxtaposed"
        strength, least = (JUXTAPOSED, FACTOR) if beside else (PRODUCT, QUOTIENT)
        mixed = x.sign == "scalar" and isinstance(x.factors[0], Product) and x.factors[0].sign == "elementwise"
        first = self.within(x.factors[0], QUOTIENT) if mixed else self.within(x.factors[0], strength, leads=True)
        contents = [first.content]
        for factor in x.factors[1:]:
            piece = self.within(factor, least)
            contents += [self.beside[piece.begins] if beside else self.infix(TIMES[x.sign]), piece.content]
            if beside and piece.begins == "number" and any(isinstance(part, (Name, Matrix)) for part in x.walk()):
                strength = self.dotted_binding  # of numbers alone, any order is right
        return Piece(self.row(*contents), min(strength, first.binding), first.begins, min(strength, first.after_minus))

    def write_Quotient(self, x):
        return Piece(self.fraction(self(x.above), self(x.below)), self.fraction_binding)

    def write_Partial(self, x):
        of, wrt = (self.row(self.sign("∂"), self.within(part, ATOM).content) for part in (x.of, x.wrt))
        return Piece(self.fraction(of, wrt), self.fraction_binding)

    def write_Sigma(self, x):
        sign = self.sign("Σ") if x.sign == "Σ" else self.function(x.sign)
        return Piece(self.row(sign, self.space, self.within(x.x, PRODUCT).content), SUM)

    # What stands around or behind something

    def write_Power(self, x):
        base = self.within(x.base, ATOM)
        return Piece(self.raised(base.content, self.exponent(x.exponent), x.base), POWER, base.begins)

    def write_Transpose(self, x):
        base = self.within(x.x, ATOM)
        return Piece(self.raised(base.content, self.transposed, x.x), POWER, base.begins)

    def write_Element(self, x):
        if not x.index:
            return self.piece(x.x)
        if isinstance(x.x, Name) and not x.x.index:
            return self.piece(Name(x.x.label, x.index))
        base = self.within(x.x, ATOM)
        if isinstance(x.x, (Name, Element)) and x.x.index:
            base = Piece(self.bracketed(base.content, x.x), ATOM, "bracket")  # (x₁)₂, which is not x₁₂
        return Piece(self.subscript(base.content, x.index), ATOM, base.begins)

    def write_Indexed(self, x):
        base = self.within(x.x, ATOM)
        return Piece(self.row(base.content, self.code(f"[{x.index}]")), ATOM, base.begins)

    def write_Call(self, x):
        arguments = self.joined(",", [self.within(argument, SUM).content for argument in x.arguments])
        return Piece(self.call(x.function, arguments, x), ATOM)

    def write_Comparison(self, x):
        sides = [self.within(side, SUM).content for side in (x.x, x.y)]
        return Piece(self.row(self.sign("["), self.joined(x.relation, sides), self.sign("]")), ATOM)

    def joined(self, sign: str, contents: Iterable[Any]) -> Any:
        """Contents with a sign between them: a relation, or a comma."""
        first, *others = contents
        return self.row(first, *(part for content in others for part in (self.infix(sign), content)))


def digits_of(x, digits):
    """A real number as text and, where that is shorter, a power of ten: the digits with their sign, and the exponent or None.

    >>> digits_of(-1.5e-7, 4), digits_of(0.12345, 4), digits_of(1 / 3, None), digits_of(1e7, 4)
    (('-1.5', -7), ('0.1235', None), ('0.3333333333333333', None), ('1', 7))
    """
    if not math.isfinite(x):
        return "NaN" if math.isnan(x) else "∞" if x > 0 else "-∞", None
    written = f"{float(x) + 0.0!r}".removesuffix(".0") if digits is None else f"{float(x) + 0.0:.{digits}g}"
    mantissa, _, exponent = written.partition("e")
    return mantissa, int(exponent) if exponent else None
