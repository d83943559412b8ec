"""Labels: what is shown of names that are paths."""

import copy
import pickle

import numpy as np

from microgradnn import nn
from microgradnn.formulas.labels import label_of


def linear(inputs, units):
    return nn.Linear(inputs, units, rng=np.random.default_rng(0))


def labels(network):
    return [label_of(parameter.name) for parameter in network.parameters()]


def test_layers_are_counted_as_people_do():
    """Of layers without names those that have parameters are counted, from 1; with a name they keep it."""
    network = nn.Sequential(linear(2, 3), nn.Tanh(), linear(3, 2), np.tanh, nn.LayerNorm(2), out=linear(2, 1))
    assert labels(network) == [
        "W⁽¹⁾",
        "b⁽¹⁾",
        "W⁽²⁾",
        "b⁽²⁾",
        *(f"{name}⁽³⁾" for name in names_of(nn.LayerNorm(2))),
        "out.W",
        "out.b",
    ]
    assert list(network.state_dict())[2] == "2.W"


def names_of(layer):
    return [parameter.name for parameter in layer.parameters()]


def test_a_network_within_another():
    """Within another module a network's name stands before its layers' labels, also where that is a number."""

    class Pair(nn.Module):
        def __init__(self):
            self.encoder = nn.Sequential(nn.Tanh(), linear(2, 1))
            self.more = [linear(1, 1)]

    assert labels(Pair())[::2] == ["encoder.W⁽¹⁾", "more.0.W"]
    assert labels(nn.Sequential(nn.Sequential(linear(1, 1))))[0] == "0.W⁽¹⁾"


def test_copies_keep_labels():
    """Copied or pickled, a network's tensors are shown as before."""
    network = nn.Sequential(nn.Tanh(), linear(2, 1))
    assert labels(copy.deepcopy(network)) == labels(pickle.loads(pickle.dumps(network))) == ["W⁽¹⁾", "b⁽¹⁾"]


def test_names_given_by_hand():
    """A name that a user gives is shown as it is, even one that looks like a path."""
    network = nn.Sequential(linear(2, 1))
    network[0].W.name = "0.W"
    assert labels(network) == ["0.W", "b⁽¹⁾"]
