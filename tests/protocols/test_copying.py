"""Copies and pickles of graphs, however deep, share what the originals share and nothing with them."""

import copy
import pickle

import numpy as np
import pytest
from networks import leaf

from microgradnn import Tensor, backward_steps, grad, no_grad, optim
from microgradnn.graph import reachable, whole_graph
from microgradnn.protocols.copying import packings


def pickled(x):
    return pickle.loads(pickle.dumps(x))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_copies_can_be_differentiated(copied):
    """A copied or unpickled leaf works with grad(), also if it was born late in another process."""
    x = leaf([1.0, 2.0]).named("x")
    x.birth = 10**12
    y = copied(x)
    assert y is not x and y.name == "x"
    np.testing.assert_array_equal(grad((y * y).sum(), y), [2, 4])


def test_copies_of_graphs_with_numbers():
    """Copies and pickles of a graph keep its numbers, and go back to the same gradients."""
    x = Tensor(np.float32(1.5), requires_grad=True, name="x")
    L = ((2 * x + 1) ** 2 / (3 - x)).named("L")
    L.backward()
    for other in (copy.deepcopy(L), pickle.loads(pickle.dumps(L))):
        other.backward()
        leaf = next(node for node in reachable(other) if node.name == "x")
        assert (leaf.grad, leaf.grad.dtype) == (2 * x.grad, np.float32)
        assert backward_steps(other)[0].arithmetic == backward_steps(L)[0].arithmetic


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickle(protocol):
    """A graph with numbers and with operations that have parameters comes through each protocol."""
    x = leaf([1.0, 2.0])
    L = ((2 * x * x)[1] + x.sum(axis=0)).sum()
    other_x, other = pickle.loads(pickle.dumps((x, L), protocol))
    other.backward()
    assert other_x.grad.tolist() == [1, 9]


def changed_graph():
    """A leaf w, the loss of it that has been made stale by a change of w, and a loss made after the change."""
    w = leaf([1.0, 2.0])
    stale = (w * w).sum()
    with no_grad():
        w -= 0.5
    return w, stale, (w * w).sum()


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
def test_copies_of_graphs_whose_leaves_have_changed(copied):
    """Where a graph is refused since a leaf has changed, its copy is refused too; what is computed after that goes on."""
    w, stale, fresh = changed_graph()
    other_w, other_stale, other_fresh = copied((w, stale, fresh))
    assert other_stale.item() == 5
    with pytest.raises(RuntimeError, match="was changed after multiply had used it"):
        other_stale.backward()
    for L in (other_fresh, (other_w * other_w).sum()):
        other_w.grad = None
        L.backward()
        assert other_w.grad.tolist() == [1, 3]
    with pytest.raises(RuntimeError, match="was changed after multiply had used it"):
        copied(copied(stale)).backward()
    assert copied(w).grad is None and (copied(w) * 2).requires_grad


def test_a_shallow_copy_of_what_a_changed_leaf_was_used_for():
    """copy.copy of such a node is refused, or what is computed from it is; of another one it is not."""
    w = leaf([1.0, 2.0])
    z = w * w
    L = z.sum()
    optim.SGD([w]).step()  # without a gradient nothing changes
    copy.copy(z).sum().backward()
    assert w.grad.tolist() == [2, 4]
    optim.SGD([w]).step()
    with pytest.raises(RuntimeError, match="was changed after multiply had used it"):
        copy.copy(z)
    with pytest.raises(RuntimeError, match="was changed after multiply had used it"):
        copy.copy(L).backward()
    assert copy.copy(w).data is w.data


def chain(length):
    """A parameter, and what a number of operations made of it, each from the one before and from an older one."""
    x = leaf(0.5).named("x")
    nodes = [x]
    for _ in range(length):
        nodes.append(nodes[-1] * 0.5 + nodes[len(nodes) // 2])
    return x, nodes[-1]


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
@pytest.mark.parametrize("length", [1, 100, 1500])
def test_copies_of_deep_graphs(copied, length):
    """However deep a graph is, its copy has gradients of its own, equal to those of the original, which it leaves alone."""
    x, y = chain(length)
    y.backward()
    other_x, other_y = copied((x, y))
    assert other_x.grad == x.grad
    other_x.grad = None
    other_y.backward()
    assert other_x.grad == x.grad and other_x is not x
    assert len(whole_graph(other_y)) == len(whole_graph(y))
    assert not set(whole_graph(other_y)) & set(whole_graph(y))
    assert not packings  # what was needed for the copy is gone


def pickled_in_python(x):
    return pickle._loads(pickle._dumps(x))


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled, pickled_in_python])
def test_copies_share_what_the_originals_share(copied):
    """Tensors that are copied together stay connected, in whatever order they come: leaves, and what was made of them."""
    x, y = chain(50)
    h = y.inputs[0]
    z = (h * y).named("z")
    for order in ([x, h, y, z], [z, y, h, x], [y, {"z": z}, h, x]):
        first, second, third, fourth = copied(order)
        found = {node.name for node in whole_graph(z)}
        tensors = [n["z"] if isinstance(n, dict) else n for n in (first, second, third, fourth)]
        other_x, other_h, other_y, other_z = sorted(tensors, key=lambda node: node.birth)
        assert other_z.inputs == (other_h, other_y) and other_y.inputs[0] is other_h
        assert other_x in whole_graph(other_h) and {node.name for node in whole_graph(other_z)} == found
        assert all(node.birth > node_input.birth for node in whole_graph(other_z) for node_input in node.inputs)


class Labelled(Tensor):
    """A Tensor of a user's own, with an attribute."""


def test_copies_keep_what_a_subclass_adds():
    """The class of a Tensor, its attributes and its gradient are in its copies; a shallow copy has the inputs themselves."""
    x = Labelled([1.0, 2.0], requires_grad=True)
    y = x * x
    x.label, y.label = "leaf", ["made"]
    y.sum().backward()
    for other in (copy.copy(y), copy.deepcopy(y), pickled(y)):
        assert (type(other), other.label, other.grad.tolist()) == (Labelled, ["made"], [1, 1])
        assert other.inputs[0].label == "leaf" and other.birth > y.birth
    assert copy.copy(y).inputs[0] is x and copy.copy(y).label is y.label
    assert copy.deepcopy(y).inputs[0] is not x
