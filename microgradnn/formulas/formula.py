"""The tree of a formula: what it consists of, before anybody decides how it looks.

Symbols, nodes of the graph, rules and programs are turned into this tree; text, LaTeX and MathML are written from it. No
node has brackets: a style puts them where the tree needs them.

>>> h = Name("h", (1,), 0.417)
>>> Sum((Number(1), Negative(Power(h, Number(2)))))
Sum(terms=(Number(value=1), Negative(x=Power(base=Name(label='h', index=(1,), value=0.417), exponent=Number(value=2)))))
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

AnyNumber = float | Fraction | complex


@dataclass(frozen=True)
class Formula:
    """A part of a formula. Parts are compared by what they consist of, and are never changed."""

    @property
    def parts(self) -> Iterator[Formula]:
        """Iterator of Formula: what it directly consists of, in the order in which it is read."""
        for field in fields(self):
            content = getattr(self, field.name)
            yield from (part for part in (content if isinstance(content, tuple) else (content,)) if isinstance(part, Formula))

    def walk(self) -> Iterator[Formula]:
        """Iterator of Formula: the formula itself and all that is in it, from left to right."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Name(Formula):
    """A name, such as W₁₂: its index as it is written, and, if known, the number that it stands for."""

    label: str
    index: tuple[int, ...] = ()
    value: AnyNumber | None = None


@dataclass(frozen=True)
class Number(Formula):
    """A number of any type of Python's: int, float, Fraction, complex."""

    value: AnyNumber


@dataclass(frozen=True)
class Sum(Formula):
    """x + y − z: what is taken away is a `Negative` among the terms."""

    terms: tuple[Formula, ...]


@dataclass(frozen=True)
class Negative(Formula):
    """−x."""

    x: Formula


@dataclass(frozen=True)
class Product(Formula):
    """A product of one kind: "juxtaposed" (of matrices, or of numbers: x W), "elementwise" (X ⊙ Y) or "scalar" (a · x)."""

    sign: str
    factors: tuple[Formula, ...]


@dataclass(frozen=True)
class Quotient(Formula):
    """x/y of numbers ("scalar"), x / y of arrays ("elementwise")."""

    above: Formula
    below: Formula
    sign: str = "scalar"


@dataclass(frozen=True)
class Power(Formula):
    """x²."""

    base: Formula
    exponent: Formula


@dataclass(frozen=True)
class Call(Formula):
    """tanh(x); "absolute" and "sqrt" have signs of their own."""

    function: str
    arguments: tuple[Formula, ...]


@dataclass(frozen=True)
class Comparison(Formula):
    """[x > y], 1 where it holds, else 0: Iverson's bracket. The relation is one of > < ≥ ≤ = ≠."""

    relation: str
    x: Formula
    y: Formula


@dataclass(frozen=True)
class Transpose(Formula):
    """xᵀ: a matrix, or each of a stack, with rows and columns exchanged."""

    x: Formula


@dataclass(frozen=True)
class Element(Formula):
    """One element of an expression, (x W + b)₁: its index as it is written, and, if known, its number."""

    x: Formula
    index: tuple[int, ...] = ()
    value: AnyNumber | None = None


@dataclass(frozen=True)
class Indexed(Formula):
    """x[0, 1:], with the index as it is typed in Python."""

    x: Formula
    index: str


@dataclass(frozen=True)
class Partial(Formula):
    """∂z/∂x."""

    of: Formula
    wrt: Formula


@dataclass(frozen=True)
class Sigma(Formula):
    """Σ x over all elements, or, with the sign "mean", their mean."""

    x: Formula
    sign: str = "Σ"


@dataclass(frozen=True)
class Dots(Formula):
    """… in place of what was left out."""


@dataclass(frozen=True)
class Code(Formula):
    """What is better read as Python."""

    text: str


@dataclass(frozen=True)
class Matrix(Formula):
    """Numbers in brackets, row by row; a vector is one row."""

    rows: tuple[tuple[AnyNumber, ...], ...]


@dataclass(frozen=True)
class Equation(Formula):
    """x = y = z."""

    sides: tuple[Formula, ...]


KINDS: dict[str, type[Formula]] = {kind.__name__: kind for kind in Formula.__subclasses__()}


def signed(x: AnyNumber) -> Formula:
    """A number, if it is negative as the `Negative` of one: so a sum writes x − 2, not x + (−2).

    >>> signed(-2), signed(0.5)
    (Negative(x=Number(value=2)), Number(value=0.5))
    """
    return Negative(Number(-x)) if x < 0 else Number(x)  # type: ignore[operator]  # of complex numbers nobody asks the sign


def summand(x: Formula) -> Formula:
    """A term of a sum, with the minus that it begins with taken out of it."""
    if isinstance(x, Number):
        return signed(x.value)
    if isinstance(x, Product):
        first, rest = summand(x.factors[0]), x.factors[1:]
        return Negative(Product(x.sign, (first.x, *rest))) if isinstance(first, Negative) else x
    if isinstance(x, Quotient):
        above = summand(x.above)
        return Negative(Quotient(above.x, x.below, x.sign)) if isinstance(above, Negative) else x
    return x


def with_values(formula: Formula) -> Formula:
    """The formula with numbers in place of the names whose values are known.

    >>> with_values(Sum((Number(1), Negative(Name("o", (), -0.2)))))
    Sum(terms=(Number(value=1), Negative(x=Number(value=-0.2))))
    """
    if isinstance(formula, (Name, Element)) and formula.value is not None:
        return Number(formula.value)
    return type(formula)(*(_each(with_values, getattr(formula, field.name)) for field in fields(formula)))


def renamed(formula: Formula, names: dict[str, str]) -> Formula:
    """The formula with other labels for some names.

    >>> renamed(Negative(Name("W⁽¹⁾")), {"W⁽¹⁾": "W_0"})
    Negative(x=Name(label='W_0', index=(), value=None))
    """
    if isinstance(formula, Name):
        return Name(names.get(formula.label, formula.label), formula.index, formula.value)

    def change(part):
        return renamed(part, names)

    return type(formula)(*(_each(change, getattr(formula, field.name)) for field in fields(formula)))


def _each(change, content):
    """A field with its formulas changed, those in a tuple too; what else it holds stays."""
    if isinstance(content, tuple):
        return tuple(_each(change, part) for part in content)
    return change(content) if isinstance(content, Formula) else content


# As JSON, for pages: {"is": "Sum", "terms": [{"is": "Number", "value": 1}, ...]}. Of numbers that JSON does not know, what
# Python reads: "2/3", "inf", "nan", "(1+2j)".


def to_json(formula: Formula) -> dict[str, Any]:
    """A formula as dicts, lists, numbers and strings, which `json` writes.

    >>> to_json(Negative(Name("o", (), -0.2)))
    {'is': 'Negative', 'x': {'is': 'Name', 'label': 'o', 'index': [], 'value': -0.2}}
    """
    return {"is": type(formula).__name__} | {field.name: _packed(getattr(formula, field.name)) for field in fields(formula)}


def from_json(packed: dict[str, Any]) -> Formula:
    """The formula that `to_json` packed.

    >>> from_json(to_json(Number(Fraction(2, 3))))
    Number(value=Fraction(2, 3))
    """
    kind = KINDS[packed["is"]]
    numeric = {"value", "rows"}
    return kind(*(_unpacked(packed[field.name], field.name in numeric) for field in fields(kind)))


def _packed(content):
    if isinstance(content, Formula):
        return to_json(content)
    if isinstance(content, tuple):
        return [_packed(part) for part in content]
    content = content.item() if hasattr(content, "dtype") else content
    if isinstance(content, (Fraction, complex)) or (isinstance(content, float) and not math.isfinite(content)):
        return f"{content.numerator}/{content.denominator}" if isinstance(content, Fraction) else str(content)
    return content


def _unpacked(content, numeric):
    if isinstance(content, dict):
        return from_json(content)
    if isinstance(content, list):
        return tuple(_unpacked(part, numeric) for part in content)
    if numeric and isinstance(content, str):
        return Fraction(content) if "/" in content else complex(content) if "j" in content else float(content)
    return content
