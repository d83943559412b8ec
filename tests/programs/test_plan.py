"""Which steps get a line of their own."""

import pytest
from unrolled import assert_equals_backward

from microgradnn import Tensor, concatenate
from microgradnn.programs.unrolling import unroll


@pytest.mark.parametrize("buffers", [False, True])
def test_a_transpose_without_a_name_is_computed_once(buffers):
    """What is transposed where it is computed, and used in both directions, gets one line, before both."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    L = (concatenate([x, x])[:4].T ** 2).sum()
    by_hand = unroll(L, [x], buffers=buffers)
    assert by_hand.source.count("np.concatenate") == 1
    assert_equals_backward(by_hand, L, [x], {"x": x.data})
