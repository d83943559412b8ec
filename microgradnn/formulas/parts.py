"""Parts of a formula over arrays: a formula with what must be known to go on with it, and the arithmetic of such parts.

NumPy has one kind of vector; a formula has rows and columns, so that a rule of matrices is written with matrices:

>>> from microgradnn.formulas.formula import Name
>>> from microgradnn.formulas.unicode_text import text
>>> h, V, g = Part(Name("h"), 1, "row"), Part(Name("V"), 1, "column"), Part(Name("g"))
>>> text(multiplied(g, V).as_("row")), text(multiplied(h, g).as_("column")), text(multiplied(column_of(h), row_of(h)).formula)
('g · Vᵀ', 'hᵀ · g', 'hᵀ · h')
"""

from typing import NamedTuple

from .formula import Formula, Negative, Number, Power, Product, Quotient, Sum, Transpose, summand
from .operations import is_number, terms_of, times_number

OTHER = {"row": "column", "column": "row", "": ""}


class Unwritable(Exception):
    """Something is better read as Python."""


class Part(NamedTuple):
    """A part of a formula, and what must be known to go on with it."""

    formula: Formula
    ndim: int = 0
    place: str = ""  # of a vector that is part of a matrix product: "row" or "column"
    turned: Formula | None = None  # the formula of the other one, if it is not merely this one with ᵀ
    factors: tuple[Formula, ...] = ()  # of a matrix product

    def as_(self, place):
        """The formula of a vector where a row, or a column, is needed."""
        if place and self.place and place != self.place:
            return self.turned or Transpose(self.formula)
        return self.formula


def together(formula, *parts):
    """What is made of parts by elements."""
    place = next((part.place for part in parts if part.place), "")
    return Part(formula, max(part.ndim for part in parts), place)


def added(x, y):
    """x + y."""
    return together(Sum((*terms_of(x.formula), summand(y.formula))), x, y)


def subtracted(x, y):
    """x − y."""
    return together(Sum((*terms_of(x.formula), Negative(y.formula))), x, y)


def negated(x):
    """−x."""
    return x._replace(formula=Negative(x.formula), turned=x.turned and Negative(x.turned), factors=())


def divided(x, y):
    """x / y."""
    return together(Quotient(x.formula, y.formula, "elementwise" if x.ndim or y.ndim else "scalar"), x, y)


def raised(x, y):
    """x to the power of y; of 1, x itself."""
    return x if y.formula == Number(1) else together(Power(x.formula, y.formula), x, y)


def multiplied(x, y):
    """x times y by elements, a plain number in front; of a column and a row, which broadcast, their matrix product."""
    if is_number(y.formula) and not is_number(x.formula):
        x, y = y, x
    if x.formula == Number(1):
        return y._replace(ndim=max(x.ndim, y.ndim))
    if is_number(x.formula):
        return Part(times_number(x.formula, y.formula), max(x.ndim, y.ndim), y.place)
    if 0 in (x.ndim, y.ndim):
        turned = Product("scalar", tuple(part.as_(OTHER[part.place]) for part in (x, y)))
        return together(Product("scalar", (x.formula, y.formula)), x, y)._replace(turned=turned)
    if any(part.place == "column" and part.ndim == 2 for part in (x, y)):
        return outer(x, y) if x.place == "column" else outer(y, x)
    return together(Product("elementwise", (x.formula, y.formula)), x, y)


def outer(column, row):
    """A column times a row: a matrix."""
    if row.ndim != 1 and row.place != "row":
        raise Unwritable("columns of a matrix, each times a number")
    factors = (column.formula, row.as_("row"))
    return Part(Product("scalar", factors), 2, factors=factors)


def matrix_product(x, y):
    """x @ y; a vector x is a row there, a vector y a column."""
    left = x.as_("row") if x.ndim == 1 else x.formula
    right = y.as_("column") if y.ndim == 1 else y.formula
    factors = (*(x.factors or (left,)), right)
    formula = Product("scalar", factors)
    if x.ndim == 1 and y.ndim > 1:
        turned = Product("scalar", (transpose_of(y.formula), x.as_("column") if x.place else left))
        return Part(formula, y.ndim - 1, "row" if x.place else "", turned, factors)
    if y.ndim == 1 and x.ndim > 1:
        turned = Product("scalar", (y.as_("row") if y.place else right, transpose_of(x.formula)))
        return Part(formula, x.ndim - 1, "column" if y.place else "", turned, factors)
    return Part(formula, max(x.ndim, y.ndim) if x.ndim > 1 else 0, "", None, factors)


def column_of(x):
    """x[:, None] of a vector: a column."""
    return Part(x.as_("column") if x.place else Transpose(x.formula), 2, "column")


def row_of(x):
    """x[None, :] of a vector: a row."""
    return Part(x.as_("row"), 2, "row")


def transposed(x):
    """x with the last two axes exchanged; a vector has one."""
    return x if x.ndim < 2 else Part(transpose_of(x.formula), x.ndim)


def transpose_of(x):
    """xᵀ, or of xᵀ, x."""
    return x.x if isinstance(x, Transpose) else Transpose(x)
