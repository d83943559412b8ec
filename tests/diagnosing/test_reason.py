"""why: None, zero, small and fine gradients, where on the way they got lost, and the line."""

import numpy as np
import pytest

from microgradnn import Tensor, grad, relu, remember_lines, sigmoid, tanh, why


def leaf(values, name):
    return Tensor(values, requires_grad=True, name=name)


def test_none_for_many_reasons():
    """Each reason has its own sentence and way out."""
    x = Tensor([1.0, 2.0], name="x")
    W, V = leaf(np.eye(2) + 0.5, "W"), leaf([2.0, 3.0], "V")
    assert "requires no gradient" in why(x).text
    assert why(W).verdict == "none"
    h = (x @ W).named("h")
    L = (h.data @ V).named("L")
    L.backward()
    reason = why(W, L)
    assert reason.verdict == "none"
    assert "the values of h, which was computed from it," in reason.text and "by .data" in reason.text
    unused = leaf([1.0], "unused")
    assert "no operation that is in memory has used it" in why(unused, L).text
    aside = unused * 2
    assert "but 'L' of shape () was not computed from that" in why(unused, L).text and aside is not None
    V.grad = None
    assert "its gradient was set to None afterwards" in why(V, L).text
    with pytest.raises(TypeError, match="why takes Tensors"):
        why("W")


def as_float(t):
    return float(t)


def as_array(t):
    return np.array(t.data)


@pytest.mark.parametrize("leave", [as_float, as_array, Tensor.item, Tensor.detach, Tensor.numpy])
def test_ways_out_of_the_graph(leave):
    """However a value left, it is found again among the constants."""
    w, v = leaf(1.375, "w"), leaf(2.0, "v")
    L = leave(w) * v
    L.backward()
    assert "its own values came in as a constant" in why(w, L).text


def test_where_it_got_lost():
    """The step that made it zero is named, with its figures, and its line if lines are remembered."""
    x, W = Tensor([[1.0, 2.0]], name="x"), leaf([[-1.0], [-3.0]], "W")
    with remember_lines():
        L = relu(x @ W).sum()
    L.backward()
    reason = why(W)
    assert reason.verdict == "zero" and reason.place.file == __file__
    assert "relu lost it" in reason.text and "not above 0 in any of its 1 element" in reason.text
    assert "x W          0   ← lost here" in str(reason)
    zero, V = leaf(np.zeros(2), "zero"), leaf(np.ones((3, 2)), "V")
    L = ((np.ones(3) @ V) * zero).sum()
    L.backward()
    assert "multiplies it by zero, which is 0 everywhere" in why(V).text


def test_small_gradients():
    """Of a long way the weakest step is named; of a saturated unit, which share of it is."""
    w = leaf([9.0, 8.5], "w")
    L = tanh(w).sum()
    L.backward()
    reason = why(w)
    assert reason.verdict == "small" and "tanh is saturated in 100% of its elements" in reason.text
    a = leaf([0.5], "a")
    h = a
    for _ in range(14):
        h = sigmoid(h)
    L = h.sum()
    L.backward()
    assert why(a).verdict == "small"
    del L, h
    assert "the graph that it came by is gone" in why(a).text


def test_fine():
    """A gradient that is there is called so, with its size."""
    w = leaf([3.0, 4.0], "w")
    L = (w * w).sum()
    L.backward()
    assert why(w).verdict == "fine" and "7.07 on average" in why(w).text
    assert grad(L, w) is not None
