"""Derivations written down: each row is worth the derivative, and minus signs join sums as a person writes them."""

import numpy as np
import pytest
from derived import random_graph
from formula_readers import latex_as_text
from hypothesis import given
from networks import source_network
from notation_grammar import evaluate
from strategies import generators

from microgradnn import Tensor, chain_rule
from microgradnn.explaining.written import rows_of, total
from microgradnn.formulas.formula import Code, Dots, Name, Negative, Number, Partial, Product, Quotient, Sum
from microgradnn.formulas.latex import latex
from microgradnn.formulas.unicode_text import text
from microgradnn.graph import whole_graph


def can_be_worked_out(row):
    """Whether nothing was left out of it, and no factor stands there as ∂z/∂x alone."""
    return not any(isinstance(part, (Dots, Code, Partial)) for part in row.walk())


def rows_hold(rule):
    """Assert that what stands behind each equals sign of each path is worth the path's value."""
    names = {node.name: np.asarray(node.data) for node in whole_graph(rule.cone.output) if node.name}
    names |= {name: node.numpy() for node, name in rule.cone.names.items()}
    for path in rule.paths[:3]:
        for row in filter(can_be_worked_out, rows_of(path)[1:]):
            for written in (text(row, None, None), latex_as_text(latex(row, None, None))):
                with np.errstate(all="ignore"):
                    found = float(evaluate(written, names))
                assert found == pytest.approx(path.value, rel=1e-6, abs=1e-9, nan_ok=True), written


@given(generators)
def test_every_row_is_worth_the_derivative(rng):
    """Of any graph, the rows in names, in numbers and in factors of a path, read back, are worth its value."""
    leaves, L = random_graph(rng)
    for leaf in leaves:
        index = tuple(int(rng.integers(n)) for n in leaf.shape)
        try:
            rule = chain_rule(L, leaf[index] if index else leaf)
        except (ValueError, RuntimeError):
            continue  # L does not depend on it
        rows_hold(rule)


@pytest.mark.parametrize("index_base", [0, 1])
def test_subscripts_count_as_asked_for(index_base):
    """Whatever is printed of a derivation counts from the same number: its rows, its formula, its parts."""
    L, W, _ = source_network()
    rule = chain_rule(L, W[0, 1], index_base)
    hidden, row, column = (str(i + index_base).translate(str.maketrans("012", "₀₁₂")) for i in (1, 0, 1))
    partial = rule.paths[0].partials[2]
    assert f"∂h{hidden}/∂W{row}{column}" in str(rule)
    assert f"x{row}(1 − h{hidden}²)" in str(rule)
    assert repr(rule.formula).startswith(f"−2(t − o) V{hidden} x{row}(1 − h{hidden}²) = ")
    assert repr(partial.formula).startswith(f"x{row}(1 − h{hidden}²) = ")
    assert rf"V_{{{1 + index_base}}} \cdot x_{{{index_base}}}(1 - h_{{{1 + index_base}}}^{{2}})" in rule.latex()


@pytest.mark.parametrize(
    ("loss", "formula"),
    [
        (lambda w: 1e-10**w * 2, "−46.05(10⁻¹⁰)^(w)"),
        (lambda w: 0.5**w * w.named("x") + 1, None),
        (lambda w: w * np.inf, "∞"),
        (lambda w: w * 1e7 + w * np.float32(0.5), None),
        (lambda w: (w * [1.0, 2.0, 4.0]).mean(), "2.333"),
        (lambda w: w**0.5 / 3, "0.1667/w^(0.5)"),
        (lambda w: -1.5e-7 / w, "−L/w"),
    ],
)
def test_numbers_among_the_names(loss, formula):
    """Plain numbers as bases, factors and exponents, however large, are written as well as names."""
    w = Tensor(0.3, requires_grad=True, name="w")
    rule = chain_rule(loss(w).named("L"), w)
    rows_hold(rule)
    assert rule.latex().startswith(r"\begin{aligned}")
    if formula is not None:
        assert text(rows_of(rule.paths[0])[1]) == formula


x, y = Name("x"), Name("y")


@pytest.mark.parametrize(
    ("terms", "written"),
    [
        ([Number(36.0), Number(-18.0)], "36 − 18"),
        ([Number(-36.0), Number(18.0)], "−36 + 18"),
        ([x, Product("scalar", (Negative(x), y))], "x − x · y"),
        ([x, Product("scalar", (Number(-2), y))], "x − 2 · y"),
        ([x, Quotient(Negative(x), y)], "x − x/y"),
        ([x, Sum((x, y))], "x + (x + y)"),
        ([Sum((x, y))], "x + y"),
    ],
)
def test_sums_take_up_the_minus_of_their_terms(terms, written):
    """A term that begins with a minus is taken away."""
    assert text(total(terms)) == written
