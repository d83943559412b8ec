"""Observers: what they are told of a backward pass, what a gradient hook may do, and that nothing stays behind.

Hooks within longer passes are tested in stepping/test_steps.py.
"""

from itertools import pairwise

import numpy as np
import pytest

from microgradnn import Tensor, grad
from microgradnn.observers import Observer, observers


class Listener(Observer):
    """Notes the contributions."""

    def __init__(self):
        self.heard = []
        observers.append(self)

    def contribute(self, contribution):
        self.heard.append(contribution)


@pytest.fixture
def listener():
    """An observer of all passes, for one test."""
    made = Listener()
    yield made
    made.remove()


def test_contributions_add_up(listener):
    """Each says which input of which node gets what, summed over what was repeated, and its gradient before and after."""
    x, row = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), Tensor([10.0, 20.0], requires_grad=True)
    ((x + row) * row).sum().backward()
    mine = [heard for heard in listener.heard if heard.input is row]
    assert len(mine) == 2
    assert mine[0].old is None
    for earlier, later in pairwise(mine):
        np.testing.assert_array_equal(later.old, earlier.new)
        np.testing.assert_array_equal(later.new, later.old + later.dx)
    assert all(heard.full.shape == (2, 2) and heard.dx.shape == (2,) for heard in mine)
    np.testing.assert_array_equal(mine[-1].new, row.grad)
    assert all(heard.node.inputs[heard.position] is heard.input for heard in listener.heard)


def test_an_observer_that_was_removed_hears_nothing(listener):
    """remove() ends it, and may be called again."""
    listener.remove()
    listener.remove()
    x = Tensor(2.0, requires_grad=True)
    (x * x).backward()
    assert listener.heard == []


def test_grad_is_heard_too(listener):
    """grad() is a backward pass like another."""
    x = Tensor(2.0, requires_grad=True)
    grad(x * x, x)
    assert len(listener.heard) == 2


def test_a_hook_is_a_function():
    """Anything else is refused when it is registered, not when the pass arrives."""
    with pytest.raises(TypeError, match="register_hook takes a function of the gradient, such as print; it was given 3"):
        Tensor(1.0, requires_grad=True).register_hook(3)
