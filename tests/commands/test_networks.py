"""The networks of the demo's live page: each can be live, and shows what it is there for."""

import numpy as np
import pytest

from microgradnn.commands.networks import NETWORKS, dying, line, saturating, xor
from microgradnn.graph import whole_graph
from microgradnn.pages.live_network import Network


@pytest.mark.parametrize("network", NETWORKS.values())
def test_each_can_be_live(network):
    """Programs, formulas and layout are there, and a gradient comes to a parameter; all its values are finite."""
    network = Network(network())
    assert network.wanted
    assert all(np.isfinite(node.data).all() for node in network.nodes)
    assert any(partials for segment in network.data["segments"] for partials in segment["partials"])


def gradients(output):
    output.backward()
    return {node.name: node.grad for node in whole_graph(output) if node.grad is not None}


def test_they_show_what_they_are_there_for():
    """Saturated sigmoids pass little on, dead ReLU units nothing; a line has a best answer; XOR has four samples."""
    found = gradients(saturating())
    assert 100 * abs(found["w_1"]) < abs(found["w_4"])
    assert (gradients(dying())["W"][:, 1:] == 0).all()
    assert gradients(line())["w"] != 0
    assert {node.shape for node in whole_graph(xor()) if node.name in ("X", "t")} == {(4, 2), (4,)}
