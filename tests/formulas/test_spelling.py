"""Nodes as formulas: which sign stands for which operation, where brackets stand, and that what is printed is the number."""

import warnings

import numpy as np
import pytest
from formula_readers import styles_of
from hypothesis import given, settings
from notation_grammar import NotationError, evaluate
from tensor_expressions import recorded_expressions

from microgradnn import Tensor
from microgradnn.formulas.formula import Dots
from microgradnn.formulas.spelling import UNCUT, formula_of, spell, spell_made
from microgradnn.formulas.unicode_text import text


def tensor(name, *shape):
    return Tensor(np.arange(1.0, 1 + np.prod(shape, dtype=int)).reshape(shape), requires_grad=True, name=name)


a, b, x, v, W, X, Y = (
    *(tensor("a"), tensor("b"), tensor("x", 3), tensor("v", 3), tensor("W", 3, 3), tensor("X", 3, 3), tensor("Y", 3, 3)),
)


def test_what_a_node_is_called_beside_others():
    """A name and a call stand as they are; what something beside it could bind otherwise has brackets."""
    assert [spell(z) for z in (x, x @ W, np.tanh(x @ W), X[0], (x @ W).named("h"))] == ["x", "(x W)", "tanh(x W)", "X[0]", "h"]


def test_a_leaf_without_a_name():
    """A constant number is written; an array, a parameter and what is no number are an ellipsis, for they would say less."""
    assert text(formula_of(x * Tensor(-0.5))) == "−0.5 x"
    assert formula_of(Tensor(1.0, requires_grad=True)) == formula_of(Tensor([1.0, 2.0])) == Dots()
    assert text(formula_of(Tensor([1.0, 2.0]), UNCUT)) == "[1, 2]"


@settings(deadline=None, max_examples=300)
@given(recorded_expressions())
def test_what_is_printed_is_the_number(case):
    """Any recorded expression, written uncut and unrounded in every style and parsed back, gives the number it has."""
    node, values = case
    values = values | {"α": values.get("alpha")}  # as LaTeX and MathML call it
    for style, written in styles_of(formula_of(node, UNCUT)).items():
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = evaluate(written, values)
        assert np.shape(read) == node.shape, (style, written)
        np.testing.assert_allclose(read, node.data, rtol=1e-9, atol=1e-9 * largest(node), err_msg=f"{style}: {written}")


def largest(node):
    """The size of the largest number on the way to a node: what rounding is relative to."""
    found, waiting = 1.0, [node]
    while waiting:
        x = waiting.pop()
        finite = np.abs(np.asarray(x.data, dtype=float)[np.isfinite(x.data)])
        found = max(found, finite.max(initial=0))
        waiting.extend(x.inputs)
    return found


@pytest.mark.parametrize("wrong", ["x W²", "a −x", "−x²", "X W", "Y Y[::-1]"])
def test_the_grammar_reads_what_is_wrong_as_something_else(wrong):
    """The formulas that were once printed are other numbers, or none: the test above would see them."""
    right = {"x W²": (x @ W) ** 2, "a −x": a * (-x), "−x²": (-x) ** 2, "X W": X * W}
    node = right.get(wrong, (Y @ Y)[::-1])
    try:
        read = evaluate(wrong, {t.name: t.data for t in (a, b, x, W, X, Y)})
    except (NotationError, ValueError):
        return
    assert np.shape(read) != node.shape or not np.allclose(read, node.data)


def test_an_axis_of_a_number():
    """A number has no axes: a sum of one is written without."""
    assert spell_made(Tensor(1.0, requires_grad=True, name="x").sum(axis=0)) == "Σ x"
