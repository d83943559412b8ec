"""The gradient of a leaf against differences: what is said where it is right, wrong, or cannot be told."""

import numpy as np
import pytest
from networks import leaf

from microgradnn import Tensor, grad
from microgradnn.checking.differences import Recomputed
from microgradnn.checking.leaves import MOST_ELEMENTS, NAN, check_leaf
from microgradnn.graph import reachable


def row_of(output, x, off=0, before=lambda: None):
    """The row for x, whose gradient is off by so much, after something was done."""
    dx = np.asarray(grad(output, x)) + off
    before()
    with np.errstate(all="ignore"):
        return check_leaf(x, dx, Recomputed(output, np.ones(output.shape), reachable(output), None), 3)


def test_a_right_gradient():
    """It is right, with an error as small as differences can see; a leaf without a name has its place."""
    W = leaf([[1.0, 2.0]], "W")
    row = row_of(W.tanh().sum(), W)
    assert (row.name, row.shape, row.right, row.why) == ("W", "(1, 2)", True, "")
    assert float(row.error) < 1e-6
    nameless = leaf([1.0])
    assert row_of((nameless * nameless).sum(), nameless).name == "leaf 3"


def test_a_wrong_element_is_named():
    """Of several wrong elements the one that is off most is told, with what was received and what expected."""
    W = leaf([[1.0, 2.0], [3.0, 4.0]], "W")
    row = row_of((W * W).sum(), W, off=np.array([[0, 0.5], [-1.5, 0]]))
    assert row.right is False
    assert row.why == "received 4.5, expected 6 at W[1, 0]"
    assert float(row.error) == pytest.approx(1.5)


def test_a_large_leaf_is_sampled():
    """Of a large leaf so many elements are compared, and the row says how many of how many; a wrong rule is still found."""
    W = leaf(np.linspace(1, 2, 10_000).reshape(100, 100), "W")
    L = (W * W).sum()
    row = row_of(L, W)
    assert (row.right, row.why) == (True, f"{MOST_ELEMENTS} of 10,000 elements")
    assert row_of(L, W, off=0.5).right is False


def test_a_gradient_that_is_not_finite():
    """NaN and inf in a gradient are wrong, and counted."""
    x = leaf([0.0, 4.0, 0.0], "x")
    with np.errstate(divide="ignore"):
        row = row_of(x.sqrt().sum(), x)
    assert row == ("x", "(3,)", NAN, False, "the gradient is not finite in 2 of 3 elements")


def test_what_cannot_be_told():
    """A kink, data that has changed and an output that is infinite are no errors: nothing is said of right."""
    kinked, changed, huge, empty = leaf([1.0, 0.0], "k"), leaf([1.0], "c"), leaf([1.0], "h"), leaf(np.ones((0, 2)), "e")
    c = changed * changed

    def change():
        changed.data += 1

    rows = {
        "a kink": row_of(kinked.relu().sum(), kinked),
        "the data has changed": row_of(c.sum(), changed, before=change),
        "not a finite number": row_of((huge + Tensor(np.inf)).sum(), huge),
    }
    for why, row in rows.items():
        assert row.right is None and why in row.why
    row = row_of(empty.sum(), empty)
    assert (row.right, row.why) == (True, "no elements")
