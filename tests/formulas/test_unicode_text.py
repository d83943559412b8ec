"""Formulas as text: brackets where binding needs them, and nowhere else."""

from fractions import Fraction

import pytest

from microgradnn.formulas.formula import (
    Call,
    Element,
    Indexed,
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
    signed,
    with_values,
)
from microgradnn.formulas.unicode_text import text

a, x, y, W = Name("a"), Name("x", (), -2.0), Name("y", (), 3.0), Name("W")
two = Number(2)


def beside(*factors):
    return Product("juxtaposed", factors)


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (Power(beside(x, W), two), "(x W)²"),
        (Quotient(a, beside(x, W), "elementwise"), "a / (x W)"),
        (Quotient(a, Quotient(x, y)), "a/(x/y)"),
        (Quotient(Negative(a), Power(x, two)), "−a/x²"),
        (Product("scalar", (a, Negative(x))), "a · (−x)"),
        (Product("scalar", (Negative(a), x)), "−a · x"),
        (Product("scalar", (a, Product("scalar", (Negative(a), x)))), "a · (−a · x)"),
        (Product("elementwise", (x, beside(y, W))), "x ⊙ y W"),
        (beside(x, Product("elementwise", (y, W))), "x(y ⊙ W)"),
        (beside(x, beside(y, W)), "x(y W)"),
        (beside(beside(x, y), W), "x y W"),
        (Power(Negative(x), two), "(−x)²"),
        (Negative(Power(x, two)), "−x²"),
        (Power(Power(x, two), Number(3)), "(x²)³"),
        (Power(x, Number(-1)), "x⁻¹"),
        (Power(two, x), "2^(x)"),
        (Power(x, Number(0.5)), "x^(0.5)"),
        (Power(Number(1e-10), x), "(10⁻¹⁰)^(x)"),
        (Power(Number(Fraction(2, 3)), two), "(2/3)²"),
        (beside(Number(Fraction(2, 3)), x), "(2/3) x"),
        (beside(Number(1.5e-7), x), "1.5·10⁻⁷ x"),
        (Power(Transpose(x), two), "(xᵀ)²"),
        (Transpose(Power(x, two)), "(x²)ᵀ"),
        (Transpose(beside(x, W)), "(x W)ᵀ"),
        (Indexed(beside(y, y), "::-1"), "(y y)[::-1]"),
        (Element(Sum((beside(x, W), two)), (1,)), "(x W + 2)₁"),
        (Element(Name("x", (1,)), (2,)), "(x₁)₂"),
        (Call("softmax", (Quotient(beside(x, Transpose(W)), two, "elementwise"),)), "softmax(x Wᵀ / 2)"),
        (Call("absolute", (Sum((Call("absolute", (x,)), y)),)), "absolute(|x| + y)"),
        (Sigma(Power(Sum((x, Negative(y))), two)), "Σ (x − y)²"),
        (Sum((two, Sigma(x))), "2 + (Σ x)"),
        (Product("scalar", (Partial(Name("L"), beside(x, W)), Transpose(W))), "∂L/∂(x W) · Wᵀ"),
        (Sum((x, Negative(Sum((y, two))))), "x − (y + 2)"),
        (Sum((x, signed(-2), Number(-2))), "x − 2 + (−2)"),
        (with_values(Sum((y, Negative(x)))), "3 − (−2)"),
        (with_values(Power(x, two)), "(−2)²"),
        (with_values(beside(two, y, x)), "2·3(−2)"),
        (with_values(beside(y, Power(y, two))), "3·3²"),
    ],
)
def test_brackets(formula, written):
    """What binds less than its place needs stands in brackets."""
    assert text(formula) == written


def test_a_long_sum_is_cut_unless_all_is_asked_for():
    """Of many terms, the first and the last are written, or all."""
    terms = Sum(tuple(Name("x", (i,)) for i in range(1, 9)))
    assert text(terms) == "x₁ + x₂ + x₃ + x₄ + … + x₈"
    assert text(terms, most_terms=None) == "x₁ + x₂ + x₃ + x₄ + x₅ + x₆ + x₇ + x₈"


def test_unrounded():
    """Without a limit of digits, numbers are written as they are."""
    assert (text(Number(1 / 3)), text(Number(1 / 3), digits=None)) == ("0.3333", "0.3333333333333333")


def test_deep_formulas_take_no_longer_than_they_are():
    """A product in a product in a product, sixty deep, is written at once."""
    deep = x
    for _ in range(30):
        deep = Quotient(Product("scalar", (Negative(deep), y)), a)
    assert text(deep).count("·") == 30
