"""What is said of a factor: the numbers it is made of, and why it has no formula."""

import numpy as np

from microgradnn import Tensor, chain_rule
from microgradnn.explaining.factors import names_in, operands_of, reason_of, reasons
from microgradnn.formulas.unicode_text import number


def test_operands():
    """Those numbers in a formula that no path runs through; of many, the first few and how many more."""
    x, w = Tensor([2.0, 3.0], name="x"), Tensor([1.0, -1.0], requires_grad=True, name="w")
    rule = chain_rule(((x @ w).named("o") ** 2).named("L"), w[0])
    assert [operands_of(partial, {"o", "w₁"}) for partial in rule.paths[0].partials] == [[], ["x₁ = 2"]]
    assert names_in(None) == []


def test_the_reason_that_there_is_no_formula():
    """What is too long to write out is said to be, in the text and in the picture; its number is there once."""
    W = Tensor(np.eye(6) + 0.1, requires_grad=True, name="W")
    rule = chain_rule(np.linalg.det(np.tanh(W) @ W).named("L"), W[0, 0])
    (partial,) = rule.paths[0].partials
    assert partial.formula is None
    assert reason_of(partial) == "not written out, through 3 operations"
    said = "∂L/∂W₁₁ is not written out, through 3 operations"
    assert reasons(rule.paths[:1]) == [said]
    assert str(rule).splitlines()[:2] == [f"∂L/∂W₁₁ = {number(rule.value)}", said]
    assert rule.diagram.picture.title == [f"∂L/∂W₁₁ = {number(rule.value)}"]
    assert said in rule.diagram.picture.notes
