"""Formulas as MathML: elements node by node, so that no name becomes markup. What they are worth: test_style.py."""

from fractions import Fraction

import pytest

from microgradnn.formulas.formula import Code, Element, Matrix, Name, Negative, Number, Partial, Power, Product, Quotient, Sum
from microgradnn.formulas.mathml import mathml, named, to_xml

x = Name("x")


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (Name("b_h", (1,)), "<msub><mi>b</mi><mrow><mi>h</mi><mo>,</mo><mn>1</mn></mrow></msub>"),
        (Name("W⁽¹⁾", (1, 2)), "<msubsup><mi>W</mi><mn>12</mn><mi>(1)</mi></msubsup>"),
        (Name("h′"), "<msup><mi>h</mi><mi>′</mi></msup>"),
        (Name("<b>"), "<mtext>&lt;b&gt;</mtext>"),
        (Code("x[<0]"), "<mtext>x[&lt;0]</mtext>"),
        (Number(Fraction(-2, 3)), "<mrow><mo>−</mo><mfrac><mn>2</mn><mn>3</mn></mfrac></mrow>"),
        (Power(Negative(x), Number(2)),
         "<msup><mrow><mo>(</mo><mrow><mo>−</mo><mi>x</mi></mrow><mo>)</mo></mrow><mn>2</mn></msup>"),
        (Quotient(Sum((x, Number(1))), x), "<mfrac><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow><mi>x</mi></mfrac>"),
        (Product("elementwise", (x, x)), "<mrow><mi>x</mi><mo>⊙</mo><mi>x</mi></mrow>"),
        (Element(Power(x, Number(2)), (1,)),
         "<msub><mrow><mo>(</mo><msup><mi>x</mi><mn>2</mn></msup><mo>)</mo></mrow><mn>1</mn></msub>"),
        (Matrix(((1.0, 2.0),)),
         "<mrow><mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable><mo>]</mo></mrow>"),
    ],
)  # fmt: skip
def test_formulas(formula, written):
    """Each kind of formula in its elements."""
    assert to_xml(mathml(formula)) == written


def test_names_as_formulas():
    """Names have their subscripts and Greek letters; text is escaped."""
    assert to_xml(named("lambda")) == "<mi>λ</mi>" and to_xml(named("b_h")) == "<msub><mi>b</mi><mi>h</mi></msub>"
    assert to_xml(named("<b>")) == "<mtext>&lt;b&gt;</mtext>"
    assert (
        to_xml(mathml(Partial(Name("L"), Name("h"))))
        == "<mfrac><mrow><mo>∂</mo><mi>L</mi></mrow><mrow><mo>∂</mo><mi>h</mi></mrow></mfrac>"
    )
