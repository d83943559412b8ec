"""The derivation in matrix form on pages."""

import numpy as np
import pytest
from battery import assert_sound, network

from microgradnn import chain_rule
from microgradnn.graph import whole_graph
from microgradnn.pictures.shapes import SHAPES


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["source", "RNN", "batch", "attention"])
def test_on_pages(name, shape):
    """The lines with their matrices are a slide that can be read, or what fits of them."""
    L = network(name)
    leaf = next(node for node in whole_graph(L) if node.op is None and node.requires_grad and np.size(node.data) > 1)
    assert_sound(chain_rule(L, leaf).diagram.with_shape(shape).sheet, SHAPES[shape])
