"""The table of the terms of a sum: its columns, rows, bars and the sum below."""

import numpy as np
import pytest
from battery import network

from microgradnn import Tensor, chain_rule
from microgradnn.explaining.terms_sheet import columns_of, common, labels_of
from microgradnn.graph import whole_graph
from microgradnn.pictures.sheet import Panel, Run


def rule_of(samples):
    """∂L/∂w of a mean of squares over so many samples."""
    rng = np.random.default_rng(3)
    x, t = Tensor(rng.normal(size=samples), name="x"), Tensor(rng.normal(size=samples), name="t")
    w = Tensor(0.5, requires_grad=True, name="w")
    o = (x * w).named("o")
    return chain_rule(((t - o) ** 2).sum().named("L"), w)


def words(rule):
    return " ".join(mark.text for mark in rule.diagram.with_shape("slide").sheet.marks if isinstance(mark, Run))


def test_paths_that_differ_in_an_index():
    """The rows are numbered by it, and the formulas above the columns have an i in its place."""
    rule = rule_of(4)
    columns = columns_of(rule.paths[:])
    assert [column.name for column in columns] == ["∂L/∂oᵢ", "∂oᵢ/∂w"]
    assert [column.formula for column in columns] == ["−2(tᵢ − oᵢ)", "xᵢ"]
    assert sorted(labels_of(rule.paths[:], columns)[0]) == ["1", "2", "3", "4"]


def test_the_sum_and_the_rest():
    """Of many paths the strongest are rows, the others one row with their number; below stands the sum of all."""
    rule = rule_of(50)
    text = words(rule)
    assert "41 more" in text
    assert "added up" in text
    terms = [path.value for path in rule.paths[:9]]
    assert rule.value == pytest.approx(sum(path.value for path in rule.paths[:]))
    assert abs(terms[0]) >= abs(terms[-1])


def test_bars():
    """As long as their terms, hollow below zero: also told apart without colours."""
    rule = rule_of(6)
    sheet = rule.diagram.with_shape("slide").with_theme("print").sheet
    bars = [mark for mark in sheet.marks if isinstance(mark, Panel) and mark.line and mark.border != "transparent"]
    assert len(bars) == 7
    values = sorted([path.value for path in rule.paths[:]] + [rule.value])
    assert sum(bar.fill == "transparent" for bar in bars) == sum(value < 0 for value in values)
    lengths = sorted(bar.place.width for bar in bars)
    sizes = sorted(map(abs, values))
    assert np.allclose(np.array(lengths) / lengths[-1], np.array(sizes) / sizes[-1], atol=0.02)


def test_paths_of_different_lengths():
    """Then the rows say through what they run, and have no columns of factors."""
    L = network("RNN")
    W = next(node for node in whole_graph(L) if node.name == "W")
    rule = chain_rule(L, W[0, 0])
    assert columns_of(rule.paths[:5]) == []
    assert "part of the sum" in words(rule)


def test_common():
    """Texts that differ in more than subscripts have nothing in common."""
    assert common(["W₁₁", "W₂₁"]) == "Wᵢ₁"
    assert common(["x₁", "x₁₂"]) is None
    assert common(["x₁", "y₁"]) is None
