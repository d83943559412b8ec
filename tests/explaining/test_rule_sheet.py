"""Derivations on pages: factors over their arrows, or a table; in type that can be read, with nothing over anything."""

import numpy as np
import pytest
from battery import assert_sound, network

from microgradnn import Tensor, chain_rule
from microgradnn.explaining.fan_sheet import MOST_PATHS, SMALLER
from microgradnn.explaining.path_sheet import PathSheet
from microgradnn.explaining.rule_sheet import sheet_of
from microgradnn.explaining.terms_sheet import TermsSheet
from microgradnn.graph import whole_graph
from microgradnn.pictures.shapes import SHAPES


def rule_of(name):
    """The chain rule for the first element of the first parameter of a network."""
    L = network(name)
    leaf = next(node for node in whole_graph(L) if node.op is None and node.requires_grad)
    return chain_rule(L, leaf[(0,) * len(leaf.shape)] if leaf.shape else leaf)


@pytest.mark.parametrize("name", ["source", "unit", "two layers", "chain of 20", "RNN", "batch", "cross-entropy", "residual"])
@pytest.mark.parametrize("shape", SHAPES)
def test_derivations_in_every_shape(name, shape):
    """Type no smaller than the page asks, no text over text, no arrow through text, all within the page."""
    rule, page = rule_of(name), SHAPES[shape]
    page = page._replace(smallest=page.smallest * (SMALLER if 1 < rule.paths.total <= MOST_PATHS else 1))
    assert_sound(rule.diagram.with_shape(shape).sheet, page)


def test_one_path_or_many():
    """One path is written out, a sum is a table, and so is a derivative that nothing reaches."""
    assert isinstance(sheet_of(rule_of("source")), PathSheet)
    assert isinstance(sheet_of(rule_of("batch")), TermsSheet)
    x = Tensor([1.0, -2.0], requires_grad=True, name="x")
    assert isinstance(sheet_of(chain_rule(np.maximum(x, 0.0).sum().named("L"), x[1])), (PathSheet, TermsSheet))
