"""What the live page is told of a graph: nodes, steps, arrows, programs; and what is refused."""

import json

import numpy as np
import pytest
from live_pages import NETWORKS, home

from microgradnn import Op, Tensor, nn
from microgradnn.pages.live_network import MOST_OPERATIONS, Network, labels_of, packed


@pytest.mark.parametrize("network", NETWORKS)
def test_it_is_data(network):
    """All that is told is JSON, for any network; every step names nodes that there are, forward before backward."""
    told = Network(network()).data
    json.dumps(told, allow_nan=False)
    kinds = [step["kind"] for step in told["steps"]]
    assert kinds == sorted(kinds, key=["forward", "seed", "backward"].index)
    assert kinds.count("forward") == sum(node["op"] is not None for node in told["nodes"])
    assert len(told["links"]) == len(told["layouts"]["LR"]["curves"])


def test_steps_are_those_of_the_pass():
    """The backward steps of the source's network, with their rules."""
    steps = Network(home()).data["steps"]
    rules = [(step["op"], step["rule"]) for step in steps if step["kind"] == "backward"]
    assert rules[:3] == [("power", "dx = dz * y * x ** (y - (y != 0))"), ("subtract", "dy = -dz"), ("add", "dx = dz")]
    assert len(rules) == 10


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


def test_tensors_called_alike_are_told_apart():
    """Equal names get primes, leaves without a name are θ or c, the output is L."""
    a, b = Tensor(1.0, requires_grad=True, name="a"), Tensor([2.0], requires_grad=True)
    c = Tensor(3.0, requires_grad=True, name="a")
    output = (a * b * c * Tensor([4.0])).sum()
    nodes = [a, b, c, *Network(output).nodes]
    assert sorted(labels_of(list(dict.fromkeys(nodes)), output).values()) == ["L", "a", "a′", "c", "θ"]


def test_many_operations_are_folded():
    """Of more than a picture can hold, those between two named tensors are one circle."""
    w = Tensor([0.5, 0.25], requires_grad=True, name="w")
    h = w
    for _ in range(MOST_OPERATIONS + 1):
        h = np.tanh(h)
    network = Network((h.named("h") ** 2).sum().named("L"))
    assert network.folded
    assert len([name for name in network.data["layouts"]["LR"]["at"] if name[0] == "o"]) == 2
    assert network.data["glyphs"][network.ids[network.output]] == "…"


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
    yield Branching()(w).sum(), TypeError, r"branching: A branch is taken(.|\n)*show this graph all the same"
    yield (Tensor(np.ones(3, np.longdouble), requires_grad=True) ** 2).sum(), TypeError, "JavaScript"
    x = Tensor(np.ones((200, 64)), name="x")
    yield nn.MLP([64, 300, 10], rng=np.random.default_rng(0))(x).sum(), ValueError, "draw\\(L\\) shows graphs of any size"


@pytest.mark.parametrize(("output", "error", "message"), list(refusals()))
def test_what_cannot_be_shown_is_refused(output, error, message):
    """No loss, nothing to differentiate, a rule or a type that cannot be written, more than a page can show: each by name."""
    with pytest.raises(error, match=message):
        Network(output)


def test_numbers_that_json_has_not():
    """NaN and infinities are packed as JavaScript reads them."""
    assert packed(np.array([np.nan, np.inf, -np.inf, 0.1])) == {"shape": [4], "data": ["NaN", "Infinity", "-Infinity", 0.1]}
