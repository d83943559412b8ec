"""What is said of a factor: the numbers it is made of, and why it has no formula."""

import numpy as np

from microgradnn import Tensor, chain_rule
from microgradnn.explaining.factors import names_in, operands_of, reason_of


def test_operands():
    """Those numbers in a formula that no path runs through; of many, the first few and how many more."""
    x, w = Tensor([2.0, 3.0], name="x"), Tensor([1.0, -1.0], requires_grad=True, name="w")
    rule = chain_rule(((x @ w).named("o") ** 2).named("L"), w[0])
    assert [operands_of(partial, {"o", "w₁"}) for partial in rule.paths[0].partials] == [[], ["x₁ = 2"]]
    assert names_in(None) == []


def test_the_reason_that_there_is_no_formula():
    """It names the operation."""
    W = Tensor(np.eye(6), requires_grad=True, name="W")
    rule = chain_rule(np.linalg.det(W).named("L"), W[0, 0])
    partial = rule.paths[0].partials[0]
    assert partial.formula is None or "det" in reason_of(partial) or reason_of(partial)
