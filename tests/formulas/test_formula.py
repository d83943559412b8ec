"""The tree of a formula: its parts, its values, and its JSON."""

import json
from fractions import Fraction

import pytest

from microgradnn.formulas.formula import (
    Call,
    Code,
    Comparison,
    Dots,
    Element,
    Equation,
    Indexed,
    Matrix,
    Name,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Sigma,
    Sum,
    Transpose,
    from_json,
    to_json,
    with_values,
)

x, W = Name("x", (1,), -0.5), Name("W")
EVERY_KIND = [
    x,
    *map(Number, (2, 0.1, Fraction(-2, 3), Fraction(2), float("inf"), 1 + 2j, True)),
    Sum((x, Number(1), Dots())),
    Negative(W),
    Product("elementwise", (W, W)),
    Quotient(x, Number(2), "elementwise"),
    Power(W, Number(2)),
    Call("maximum", (x, W)),
    Comparison("≥", x, Number(0)),
    Transpose(W),
    Element(Transpose(W), (1, 2), 7.0),
    Indexed(W, "0, 1:"),
    Partial(Name("L"), W),
    Sigma(W, "mean"),
    Code("x.reshape(3)"),
    Matrix(((1.0, 2.0), (3.0, float("-inf")))),
    Equation((x, W)),
]


@pytest.mark.parametrize("formula", EVERY_KIND, ids=lambda formula: type(formula).__name__)
def test_json_round_trip(formula):
    """Written as JSON and read back, a formula is what it was, with all its numbers."""
    assert from_json(json.loads(json.dumps(to_json(formula), allow_nan=False))) == formula


def test_every_kind_is_packed():
    """The list above has every kind of node."""
    from microgradnn.formulas.formula import KINDS

    assert {type(part).__name__ for formula in EVERY_KIND for part in formula.walk()} == set(KINDS)


def test_values_take_the_place_of_names():
    """Names and elements whose numbers are known give way to them; others stay."""
    product = Product("juxtaposed", (x, W, Element(Transpose(W), (1,), 7.0)))
    assert with_values(product) == Product("juxtaposed", (Number(-0.5), W, Number(7.0)))


def test_walk_is_in_reading_order():
    """Walking meets the names from left to right."""
    formula = Sum((Power(x, Name("a")), Call("f", (Name("b"), Negative(Name("c"))))))
    assert [part.label for part in formula.walk() if isinstance(part, Name)] == ["x", "a", "b", "c"]
