"""Calls: which module or function a node came out of, and which nodes were made within."""

import weakref

import numpy as np

from microgradnn import Tensor, nn
from microgradnn.watching.calls import calls_of, own_calls, with_own_numbers


def test_the_calls_of_a_network():
    """An output knows the modules that returned it, inner ones first; what was made within a call is told from the rest."""
    network = nn.Sequential(nn.Linear(3, 2, rng=np.random.default_rng(0)), nn.Tanh())
    x = Tensor([[1.0, 2.0, 3.0]])
    before = x * 1
    output = network(x)
    inner, outer = calls_of(output)
    assert (inner.module, outer.module) == (network[1], network)
    hidden = output.inputs[0]
    assert [call.module for call in calls_of(hidden)] == [network[0]]
    assert outer.contains(hidden)
    assert not inner.contains(hidden)
    assert not outer.contains(before)


def test_own_parameters():
    """A layer's own parameters are its leaves; those of modules within it are theirs."""
    network = nn.Sequential(nn.Linear(3, 2, rng=np.random.default_rng(0)))
    (inner, outer) = calls_of(network(Tensor([[1.0, 2.0, 3.0]])))
    assert inner.own_parameters() == {network[0].W, network[0].b}
    assert outer.own_parameters() == set()


def test_calls_end_with_their_output(without_collector):
    """What is noted of an output goes when the output goes, and with it what it held: the module."""
    network = nn.Sequential(nn.Linear(3, 2, rng=np.random.default_rng(0)))
    output, gone = network(Tensor([[1.0, 2.0, 3.0]])), weakref.ref(network)
    del network
    assert gone() is calls_of(output)[-1].module
    del output
    assert gone() is None


@with_own_numbers
def halved(x, by=None):
    """x / 2, or by what is given."""
    return x / (2 if by is None else by)


def test_own_numbers_are_noted_unless_given():
    """A function's call is noted with what it returns, and with the numbers among its arguments; all others are its own."""
    x = Tensor([1.0], requires_grad=True)
    assert own_calls.get(halved(x)).contains(halved(x)) is False  # each call has its own
    own = halved(x)
    assert own_calls.get(own).contains(own)
    assert own_calls.get(own).given == ()
    assert own_calls.get(fourth := halved(x, 4)).given == (4,) and fourth.data == 0.25
    assert own_calls.get(fourth := halved(x, by=4)).given == (4,) and fourth.data == 0.25
    assert halved(Tensor([1.0])) not in own_calls  # nothing is recorded
