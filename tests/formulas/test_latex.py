"""Formulas in LaTeX: names, numbers, and brackets that are as high as what they hold. What they are worth: test_style.py."""

from fractions import Fraction

import pytest

from microgradnn.formulas.formula import (
    Call,
    Code,
    Comparison,
    Element,
    Equation,
    Matrix,
    Name,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Sigma,
    Sum,
    Transpose,
)
from microgradnn.formulas.latex import latex

x, W = Name("x"), Name("W")
two = Number(2)


@pytest.mark.parametrize(
    ("label", "index", "written"),
    [
        ("W", (1, 2), "W_{12}"),
        ("W", (1, 12), "W_{1,12}"),
        ("b_h", (1,), "b_{h,1}"),
        ("h′", (1,), r"h_{1}^{\prime}"),
        ("W⁽¹⁾", (1, 2), "W_{12}^{(1)}"),
        ("alpha", (), r"\alpha"),
        ("θ", (), r"\theta"),
        ("hidden", (), r"\mathrm{hidden}"),
        ("0.W_x", (), r"\mathrm{0.W\_x}"),
    ],
)
def test_names(label, index, written):
    """What stands behind an underscore goes below the line, primes and layers above; long names are upright."""
    assert latex(Name(label, index)) == written


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (Power(Name("h′"), two), r"{h^{\prime}}^{2}"),  # LaTeX refuses two superscripts behind one letter
        (Power(Number(1e-10), x), "(10^{-10})^{x}"),
        (Product("juxtaposed", (Number(Fraction(2, 3)), x)), r"\tfrac{2}{3} \, x"),
        (Product("elementwise", (x, Sum((W, Quotient(x, two))))), r"x \odot \left(W + \frac{x}{2}\right)"),
        (Product("scalar", (Partial(Name("L"), Product("juxtaposed", (x, W))), Transpose(W))),
         r"\frac{\partial L}{\partial (x \, W)} \cdot W^{\top}"),
        (Element(Call("tanh", (Product("juxtaposed", (x, W)),)), (1, 2)), r"\tanh(x \, W)_{12}"),
        (Element(Name("b_h"), (1,)), "b_{h,1}"),
        (Call("softmax", (x,)), r"\operatorname{softmax}(x)"),
        (Call("sqrt", (x,)), r"\sqrt{x}"),
        (Call("maximum", (x, W)), r"\operatorname{maximum}(x, W)"),
        (Comparison("≥", x, two), r"[x \geq 2]"),
        (Sigma(Power(x, two)), r"\sum x^{2}"),
        (Sigma(x, "mean"), r"\operatorname{mean} x"),
        (Equation((x, Matrix(((1.0, -2.0), (3.0, 0.5))))), "x = \\begin{bmatrix}1 & -2 \\\\ 3 & 0.5\\end{bmatrix}"),
        (Code("x.reshape(3)"), r"\texttt{x.reshape(3)}"),
        (Number(float("-inf")), r"-\infty"),
        (Number(1 - 2j), "1 - 2i"),
    ],
)  # fmt: skip
def test_formulas(formula, written):
    """Each kind of formula as a person would type it."""
    assert latex(formula) == written
