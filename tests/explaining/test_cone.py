"""The chain rule for one element: what is refused, literally, and what there are no formulas for."""

import sys

import numpy as np
import pytest
from networks import source_network, textbook_network

from microgradnn import Op, Tensor, chain_rule, no_grad
from microgradnn.formulas.symbols import Limit, as_formula
from microgradnn.formulas.unicode_text import text

is_short = Limit.is_short


def refusal(kind, output, element):
    with pytest.raises(kind) as caught:
        chain_rule(output, element)
    return str(caught.value)


def test_not_a_tensor():
    """A plain number is refused."""
    L, _, _ = source_network()
    assert refusal(TypeError, L, 0.5) == (
        "chain_rule explains one element of a Tensor, such as W[0, 0]; it was given the number 0.5."
    )


def test_an_unrelated_tensor():
    """A tensor that the loss was not computed from is refused."""
    L, _, _ = source_network()
    other = Tensor([1.0], requires_grad=True, name="other")
    assert refusal(ValueError, L, other[0]) == (
        "The output, 'L' of shape (), does not depend on 'other' of shape (1,), or not through anything recorded.\n"
        "Was it made with requires_grad=True, before the output was computed, and outside of no_grad()?"
    )


def test_an_unused_element():
    """An element that the loss does not depend on is refused, although others of its tensor are used."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    assert refusal(ValueError, (x[0] * 3).named("L"), x[1]) == (
        "The output, 'L' of shape (), does not depend on element [1] of 'x' of shape (2,): no recorded operation carries that "
        "element on to it.\nAt these values, an index, a where or the like may have left it out."
    )


A = np.random.default_rng(0).normal(size=(4, 3))


@pytest.mark.parametrize(
    "function",
    [
        *(np.nansum, np.nanmean, np.nanmax, np.nanstd, np.nanmedian, np.median, lambda x: np.fmax(x, -9.0)),
        lambda x: np.linalg.lstsq(x, A[:, 0])[0],
        lambda x: np.linalg.eigvalsh(x.T @ x),
        *(np.linalg.svdvals, np.linalg.pinv),
    ],
)
def test_operations_through_which_no_nan_goes(function):
    """What leaves NaN out, and what LAPACK computes of none, depends on its elements all the same."""
    x = Tensor(A, requires_grad=True, name="x")
    L = function(x).sum().named("L")
    L.backward()
    row, column = np.unravel_index(np.abs(x.grad).argmax(), A.shape)
    assert str(chain_rule(L, x[int(row), int(column)])).count("✓") == 2


def test_an_output_that_is_no_number():
    """A vector is refused, with the way out."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    assert refusal(ValueError, (x * 2).named("y"), x[0]) == (
        "The output, 'y' of shape (2,), is not one number, so it has no single gradient.\n"
        "Reduce it to a loss, with .sum() or .mean(), or give the upstream gradient: backward(dz) with dz of this shape."
    )


def test_an_output_that_tracks_nothing():
    """A loss computed inside no_grad() is refused."""
    x = Tensor([1.0], requires_grad=True, name="x")
    with no_grad():
        L = (x * 2).sum()
    assert refusal(RuntimeError, L, x[0]).startswith("There is nothing to differentiate: a Tensor of shape ()")


def test_a_graph_that_is_too_large():
    """A chain rule through too many elements is refused; it says how many, and what to do instead."""
    x = Tensor(np.ones((5000, 1)), name="x")
    w = Tensor([2.0], requires_grad=True, name="w")
    L = ((x @ w).tanh().named("h") ** 2).sum().named("L")
    assert refusal(ValueError, L, w[0]) == (
        "The chain rule for this element runs through 5,002 elements (5,000 of 'h'); up to 4,000 can be written out.\n"
        "Compute the loss for fewer samples (for one, the batch axis has length 1), or look at the tensors as a whole: draw(L)."
    )


def test_what_its_parts_say_of_themselves():
    """In a prompt, a derivation, its paths, elements and partials each say in a line what they are."""
    L, W = textbook_network()
    rule = chain_rule(L, W[0, 1])
    assert repr(rule) == "<∂L/∂W₁₂ = 10, 1 path>"
    assert repr(rule.paths[0]) == "L ← o ← h₂ ← W₁₂: 10"
    assert repr(rule.paths) == "1 path\nL ← o ← h₂ ← W₁₂  10"
    assert [repr(element) for element in rule.elements][:2] == ["L = 0.25", "o = 0.5"]
    assert repr(rule.paths[0].partials[0]) == "∂L/∂o = −1"
    assert rule._repr_latex_() == f"$\\displaystyle {rule.latex()}$"


def test_more_paths_than_a_formula_has_terms():
    """Above 64 paths there is no formula for the sum; value, paths and checks are there."""
    x = Tensor(np.full(1, 0.5), requires_grad=True, name="x")
    h = (x[:, None] @ Tensor(np.full((1, 65), 0.1), name="V").reshape(1, 65)).tanh().named("h")
    rule = chain_rule(h.sum().named("L"), x[0])
    assert len(rule.paths) == 65
    assert rule.formula is None
    assert all(check.agrees for check in rule.checks)


def test_numbers_that_are_none():
    """Where a value on the way is not finite, the checks do not agree, and say why; LaTeX writes it as it should."""
    x = Tensor(0.0, requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        rule = chain_rule((x.sqrt() * 2).named("L"), x)
        assert "✗  (a value on the way is not a finite number)" in str(rule)
        assert r"\infty" in rule.latex()


def test_a_sum_of_numbers():
    """Where every path is a number, so is the whole formula."""
    x = Tensor(2.0, requires_grad=True, name="x")
    rule = chain_rule(((x * 3).named("a") + (x * 4).named("b")).named("L"), x)
    assert rule.formula == rule.value == 7


class Inverse(Op):
    """z = x⁻¹, which NumPy cannot compute for formulas."""

    def forward(self, x):
        return np.linalg.inv(x)

    def dx(self, dz, z, x):
        return -z.T @ dz @ z.T

    vjps = (dx,)


def test_an_unnamed_value_that_cannot_be_spelled_out():
    """What an operation of the user made, which runs on numbers only, is called in a formula by how it was made."""
    x = Tensor([[2.0, 1.0], [1.0, 3.0]], requires_grad=True, name="x")
    rule = chain_rule((Inverse()(x) ** 2).sum().named("L"), x[0, 0])
    assert "inverse(x)₁₁" in text(as_formula(rule.formula))
    assert rule.formula.value == pytest.approx(rule.value)
    assert all(check.agrees for check in rule.checks)


def test_the_element_is_the_output():
    """∂L/∂L is 1, in words and in LaTeX."""
    L, _ = textbook_network()
    assert chain_rule(L, L).value == 1
    assert chain_rule(L, L).latex().endswith("&= 1\n\\end{aligned}")


def test_formulas_that_nobody_would_read_are_given_up_early(monkeypatch):
    """Between a loss and a weight a long way without a name, the derivative is a number, and little of it was written."""
    written = []
    monkeypatch.setattr(Limit, "is_short", lambda self, length: written.append(length) or is_short(self, length))
    rng = np.random.default_rng(0)
    x, W = Tensor(rng.normal(size=(30, 30)), name="x"), Tensor(rng.normal(size=(30, 30)) / 30, name="W", requires_grad=True)
    L = (np.tanh(np.tanh(x @ W @ x @ x) @ x) ** 2).sum().named("L")
    rule = chain_rule(L, W[0, 0])
    assert rule.formula is None
    assert sum(written) < 2_000_000  # it would be some ten million
    assert all(check.agrees for check in rule.checks)


def test_more_paths_than_python_counts_with_len():
    """Paths are counted exactly in whatever number, sliced from either end, and written down; len() says where to look."""
    h = x = Tensor([0.5, 0.25], requires_grad=True, name="x")
    W = Tensor(np.full((2, 2), 0.5), name="W")
    for layer in range(64):
        h = (h @ W).named(f"h{layer}")
    rule = chain_rule(h.sum().named("L"), x[0])
    assert rule.paths.total == 2**64
    assert f"the sum over {2**64:,} paths" in str(rule)
    assert repr(rule).endswith(f"{2**64:,} paths>") and f"… and {2**64 - 8:,} more" in repr(rule.paths)
    assert len(rule.paths[:2]) == 2 and rule.paths and r"\dots" in rule.latex()
    assert f"{2**64:,} paths" in rule.diagram.source
    assert all(check.agrees for check in rule.checks)
    with pytest.raises(OverflowError, match=rf"^len\(\) ends at {sys.maxsize:,}, and these are {2**64:,} paths: see .total.$"):
        len(rule.paths)
