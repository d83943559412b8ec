"""One run of the rules on Names: what becomes a parameter, and whose rule asked for what."""

import numpy as np
import pytest
from unrolled import assert_array_equals

from microgradnn import Tensor, where
from microgradnn.programs.tracing import Trace
from microgradnn.programs.unrolling import unroll


def test_what_was_computed_outside_of_the_graph_is_asked_for():
    """A mask may be one of the parameters' values: nothing is taken as recorded unless a call says so."""
    x, w = Tensor([1.0, -2.0], name="x"), Tensor([0.5, 0.5], requires_grad=True, name="w")
    y = x * w
    L = where(y > 0, y, 0.1 * y).sum()
    by_hand = unroll(L, w)
    assert list(by_hand.recorded) == ["c1"]
    with pytest.raises(TypeError) as failure:
        by_hand(x, w)
    assert str(failure.value) == (
        "The function takes x, w, c1; c1 is missing.\n"
        "Without a name in the graph: c1, which may be a mask, an index or targets. If they are for this call as they were "
        "recorded, add **by_hand.recorded (by_hand being this function)."
    )
    assert by_hand(x, w, **by_hand.recorded)[0] == L.item()
    assert by_hand(x, -w.data, [False, True])[0] == 0.95


def test_a_mask_is_a_parameter():
    """Dropout: what was drawn is not frozen into the source."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    kept = np.array([2.0, 0.0, 2.0])
    by_hand = unroll((x * kept).sum(), [x])
    kept[:] = 1
    assert_array_equals(by_hand(x.data, **by_hand.recorded)[1][0], [2.0, 0.0, 2.0])
    assert_array_equals(by_hand(x.data, c1=np.array([0.0, 2.0, 0.0]))[1][0], [0.0, 2.0, 0.0])
    by_hand = unroll(where(x > 1.5, x, 0).sum(), x)
    assert_array_equals(by_hand(x.data, c1=np.array([True, False, False]))[1], [1.0, 0.0, 0.0])


def test_one_array_is_one_parameter():
    """An array without a name that is used twice, as an operand and again, is asked for once."""
    x, w = np.array([1.0, 2.0]), Tensor([3.0, 4.0], requires_grad=True, name="w")
    by_hand = unroll((x * w + x).sum(), w)
    assert list(by_hand.parameters) == ["w", "c1"]
    loss, dw = by_hand(w, [5.0, 6.0])
    assert loss == 5 * 3 + 6 * 4 + 11
    assert dw.tolist() == [5.0, 6.0]


def test_numbers_stand_in_the_program_as_they_are():
    """A number of Python's or of NumPy's that has no name is no parameter; one with a name is."""
    w, c = Tensor([1.0, 2.0], requires_grad=True, name="w"), Tensor([4.0]).sum().detach()
    c.name = "c"
    assert type(c.data) is np.float64
    trace = Trace((w * 3 * np.float64(2) * c).sum(), [w], resized=lambda array: array)
    assert list(trace.parameters.values()) == [w, c]


def test_only_data_is_resized():
    """For another batch size, data and what a rule brings along are of another size; parameters of a network are not."""
    X, W = Tensor(np.ones((4, 3)), name="X"), Tensor(np.ones(3), requires_grad=True, name="W")
    seen = []

    def resized(array):
        seen.append(array.shape)
        return np.ones((2, 3)) if array.shape == (4, 3) else array

    trace = Trace(((X @ W) ** 2).sum(), [W], resized)
    assert seen == [(4, 3)]
    value, (dW,) = trace.results
    assert value == 2 * 9
    assert dW.tolist() == [12, 12, 12]


def test_the_backward_pass_comes_second():
    """What the forward pass makes comes before what the backward pass makes; each node has its value, each its gradient."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    h = np.exp(w)
    L = (h * h).sum()
    trace = Trace(L, [w], resized=lambda array: array)
    assert {w, h, L} <= trace.values.keys()
    assert {w, h, L} <= trace.gradients.keys()
    assert all(trace.values[node].position < trace.backward_from for node in (w, h, L))
    assert all(trace.gradients[node].position >= trace.backward_from for node in (w, h))
    assert [made.position for made in trace.expressions] == list(range(len(trace.expressions)))


def test_whose_rule_asked():
    """Each step knows the operation whose rule asked for it, forward and backward."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    L = np.tanh(w).sum()
    trace = Trace(L, [w], resized=lambda array: array)
    asked = {made.op: made.operation for made in trace.expressions if made.operation}
    assert (asked["tanh"], asked["sum"]) == ("tanh", "sum")
    assert trace.gradients[w].operation == "tanh"
