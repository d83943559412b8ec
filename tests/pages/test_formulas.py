"""Rules in the names of a graph and in numbers: what they say is true."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from op_table import TABLE, as_leaves
from step_pages import data_of, page_of, scalars
from strategies import generators

from microgradnn import backward_steps
from microgradnn.errors import RendererError
from microgradnn.formulas.brief import brief
from microgradnn.formulas.mathml import to_xml
from microgradnn.ops import elementwise
from microgradnn.pages.formulas import letters_of
from microgradnn.pages.positions import Positions
from microgradnn.pictures.render import find_renderer

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)


def test_a_further_contribution_is_no_equation():
    """What a later step brings is only added to a gradient: the page does not say that it is this gradient."""
    titles = [[title for title, _ in step["formulas"]] for step in data_of(page_of(scalars))["positions"]]
    assert titles[-1] == ["rule", "in this graph, added to what is there", "in numbers"]
    assert titles[-2] == ["rule", "in this graph", "in numbers"]


class Same:
    """Stands for an operation in a rule on scalars, where there are no axes to spread along."""

    def __init__(self, op):
        self.__dict__.update(getattr(op, "__dict__", {}))
        self.with_axes = lambda dz: dz


@pytest.mark.parametrize("row", [row for op, row in TABLE.items() if op.__name__ != "Scatter"])  # draw() cannot label it
@settings(max_examples=5)
@given(data=st.data())
def test_formulas_in_numbers_are_true(row, data):
    """Where a step's rule is shown in numbers, the rule does give that number for those; every operation can be told."""
    op, arrays = data.draw(row.cases)
    z = op(*as_leaves(arrays))
    steps = backward_steps(z, data.draw(generators).normal(size=z.shape)) if z.requires_grad else []
    positions = Positions(steps).data()["positions"] if z.requires_grad else []
    json.dumps(positions)
    for step, position in zip(steps, positions[len(positions) - len(steps) :], strict=True):
        for label, formula in position["formulas"]:
            if label.startswith("in numbers"):
                index = tuple(int(i) - 1 for i in re.findall(r"\d+", label))
                letters = dict(zip(letters_of(step.node), (x.data for x in step.node.inputs), strict=True))
                names = {"dz": step.dz, "z": step.node.data, **letters}
                fitting = {k: np.asarray(x) for k, x in names.items() if np.shape(x) in ((), step.dx.shape)}
                names = {k: x[index if x.ndim else ()] for k, x in fitting.items()}
                rule = step.rule.partition(" = ")[2]
                given_by_rule = eval(rule, {"np": np, "math": math, "self": Same(step.op), **vars(elementwise), **names})
                np.testing.assert_allclose(given_by_rule, step.dx[index], rtol=1e-12)
                assert to_xml(formula).endswith(f"<mo>=</mo><mn>{brief(step.dx[index])}</mn></mrow></math>")
