"""Variables: called after the tensors, as nearly as Python allows, and each name given once."""

import numpy as np
import pytest
from unrolled import assert_equals_backward, many_lines

from microgradnn import Tensor
from microgradnn.programs.unrolling import unroll


def test_names_that_python_does_not_take():
    """Tensors may be called anything; the variables are called as nearly so as Python allows."""
    loss, leaves = many_lines()
    by_hand = unroll(loss, leaves)
    assert list(by_hand.parameters)[1:] == ["l_", "lambda_", "hidden_0_W", "np_", "n_", "dW", "c1"]
    assert_equals_backward(by_hand, loss, leaves, dict(zip(by_hand.parameters, [x.data for x in leaves], strict=False)))


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ("W₁", "W1"),
        ("0.W", "W_0"),
        ("1.0.W", "W_1_0"),
        ("0", "_0"),
        ("x²", "x2"),
        ("len", "len_"),
        ("self", "self"),
        ("a\nb", "a_b"),
        ('"""', "___"),
        ("∂", "_"),
    ],
)
@pytest.mark.parametrize("buffers", [False, True])
def test_any_name(wish, name, buffers):
    """Whatever tensors are called, the source can be compiled, and the arguments given by name."""
    X, W = Tensor(np.ones((4, 2)), name="X"), Tensor([[1.0], [2.0]], requires_grad=True, name=wish)
    z = X @ W
    h = (z * z).named("loss_and_gradients")
    L = (h * h).mean()
    by_hand = unroll(L, [z, W, h], buffers=buffers)
    assert list(by_hand.parameters) == ["X", name]
    assert_equals_backward(by_hand, L, [z, W, h], {"X": X.data, name: W.data})


def test_names_that_python_takes_for_one():
    """Python reads 𝐖 as W; as variables they are two."""
    x, y = Tensor(1.0, requires_grad=True, name="W"), Tensor(2.0, requires_grad=True, name="𝐖")
    by_hand = unroll(x * y, [x, y])
    assert list(by_hand.parameters) == ["W", "W_2"]
    assert_equals_backward(by_hand, x * y, [x, y], {"W": x.data, "W_2": y.data})


def test_names_of_tensors_are_theirs():
    """What has no name takes none that a tensor of the graph has."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    c, z = np.tanh(x * np.array([1.0, 2.0])).named("c1"), (x * x).named("z1")
    by_hand = unroll((c * c / (1 + z)).sum(), x)
    assert list(by_hand.parameters) == ["x", "c2"]
    assert "    c1 = np.tanh(" in by_hand.source
    assert "    z1 = x * x\n" in by_hand.source
