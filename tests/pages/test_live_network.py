"""What the live page computes of a graph: programs and their arguments; and what it cannot compute."""

import json

import numpy as np
import pytest
from live_pages import NETWORKS, home

from microgradnn import Op, Tensor, nn
from microgradnn.pages.live_network import Network, Unlivable


@pytest.mark.parametrize("network", NETWORKS)
def test_it_is_data(network):
    """All that is told is JSON, for any network; every step names nodes that there are, forward before backward."""
    told = Network(network()).data
    json.dumps(told, allow_nan=False)
    kinds = [step["kind"] for step in told["steps"]]
    assert kinds == sorted(kinds, key=["forward", "seed", "backward"].index)
    assert kinds.count("forward") == sum(node["op"] is not None for node in told["nodes"])
    assert len(told["links"]) == len(told["layouts"]["LR"]["curves"])


def test_the_nodes_know_what_they_are():
    """Given, parameter, computed, output; only those that a gradient comes to have one."""
    network = Network(home())
    kinds = {
        network.labels[node]: network.data["nodes"][i]["kind"] for node, i in network.ids.items() if node in network.labels
    }
    assert kinds == {
        **dict.fromkeys(("x", "t"), "given"),
        **dict.fromkeys(("W", "b_h", "V", "b_o"), "parameter"),
        **dict.fromkeys(("h", "o"), "computed"),
        "L": "output",
    }
    assert [node["graded"] for node in network.data["nodes"][:2]] == [False, False]


def test_units_are_columns_and_rows():
    """A hidden unit has a column of W, an element of b_h and of V; a network without a hidden layer has none."""
    network = Network(home())
    named = {network.labels[network.nodes[i]]: axis for i, axis in network.data["units"]["parts"]}
    assert named == {"W": 1, "b_h": 0, "V": 0}
    assert network.data["units"]["count"] == 3
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    assert Network((w * w).sum()).data["units"] is None


class Branching(Op):
    """x, or −x: a branch that no program can be written of."""

    def forward(self, x):
        return x if x.sum() > 0 else -x

    def dx(self, dz, z, x):
        return dz if x.sum() > 0 else -dz

    vjps = (dx,)


def refusals():
    w = Tensor([0.5, 0.25], requires_grad=True, name="w")
    yield w * 2, ValueError, "which is one number"
    yield (Tensor([1.0]) * 2).sum(), RuntimeError, "nothing to differentiate"
    yield Branching()(w).sum(), Unlivable, "branching: A branch is taken"
    yield (Tensor(np.ones(3, np.longdouble), requires_grad=True) ** 2).sum(), Unlivable, "JavaScript"
    x = Tensor(np.ones((200, 64)), name="x")
    yield nn.MLP([64, 300, 10], rng=np.random.default_rng(0))(x).sum(), Unlivable, "157,311 numbers"


@pytest.mark.parametrize(("output", "error", "message"), list(refusals()))
def test_what_cannot_be_computed_is_refused(output, error, message):
    """No loss, nothing to differentiate, a rule or a type that cannot be written, more than a page computes: each by name."""
    with pytest.raises(error, match=message):
        Network(output)


def test_parameters_without_a_box_are_trained():
    """Of many tensors, those in modules have no box; the programs have all of them all the same."""
    rng = np.random.default_rng(0)
    network = nn.Sequential(*[nn.Linear(2, 2, rng=rng) for _ in range(40)])
    found = Network((network(Tensor([[1.0, 2.0]], name="x")) ** 2).sum().named("L"))
    assert len(found.data["parameters"]) == 80
    assert sum(node["grid"] is not None and node["op"] is None for node in found.data["nodes"]) < 40
    assert all(isinstance(given, int) for given in found.data["inputs"].values())
