"""Derivations on pages: factors over their arrows, or a table; in type that can be read, with nothing over anything."""

import numpy as np
import pytest
from battery import NETWORKS, assert_sound, network

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


@pytest.mark.parametrize("name", NETWORKS)
def test_derivations_in_every_shape(name):
    """Type no smaller than the page asks, no text over text, no arrow through text, all within the page."""
    rule = rule_of(name)
    for shape, page in SHAPES.items():
        is_fan = 1 < rule.paths.total <= MOST_PATHS
        with np.errstate(all="ignore"):
            assert_sound(rule.diagram.with_shape(shape).sheet, page, SMALLER if is_fan else 1)


def test_one_path_or_many():
    """One path is written out, a sum is a table, and so is a derivative that nothing reaches."""
    assert isinstance(sheet_of(rule_of("source")), PathSheet)
    assert isinstance(sheet_of(rule_of("batch")), TermsSheet)
    x = Tensor([1.0, -2.0], requires_grad=True, name="x")
    assert isinstance(sheet_of(chain_rule(np.maximum(x, 0.0).sum().named("L"), x[1])), (PathSheet, TermsSheet))
