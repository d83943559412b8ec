"""Rules in the names of a graph: every operation can be told."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from op_table import TABLE, as_leaves
from strategies import generators

from microgradnn import Tensor, backward_steps
from microgradnn.formulas.mathml import to_xml
from microgradnn.pages.formulas import Formulas, letters_of


@pytest.mark.parametrize("row", TABLE.values())
@settings(max_examples=3)
@given(data=st.data())
def test_every_operation_can_be_told(row, data):
    """How a value was made, and each step's rule, are formulas that JSON can hold, or none."""
    op, arrays = data.draw(row.cases)
    z = op(*as_leaves(arrays))
    steps = backward_steps(z, data.draw(generators).normal(size=z.shape)) if z.requires_grad else []
    for step in steps:
        if step.kind == "vjp":
            operands = {"dz": step.dz, "z": step.z} | dict(zip(letters_of(step.node), step.xs, strict=True))
            formula = Formulas(steps).of_rule(step, operands)
            json.dumps([formula, Formulas(steps).of_value(z)])
            assert formula is None or to_xml(formula).startswith("<math")


def test_rules_have_the_names_of_the_graph():
    """∂L/∂W = xᵀ ∂L/∂z, and not dW = x.T @ dz; a long name is the rule's letter."""
    x = Tensor([[1.0, 2.0]], name="x")
    W = Tensor([[3.0], [4.0]], requires_grad=True, name="W")
    (step, *_) = [s for s in backward_steps((x @ W).named("z").sum().named("L")) if s.input is W]
    formula = to_xml(Formulas(step.steps).of_rule(step, {"dz": step.dz, "z": step.z, "x": x.data, "y": W.data}))
    assert all(f"<mi>{name}</mi>" in formula for name in "xWzL")
    W.name = "a name that is much too long for a formula"
    assert "<mi>dy</mi>" in to_xml(Formulas(step.steps).of_rule(step, {"dz": step.dz, "z": step.z, "x": x.data, "y": W.data}))
