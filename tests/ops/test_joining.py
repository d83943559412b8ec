"""Joining: what is joined comes as one list, and what does not fit is named."""

import numpy as np
import pytest
from messages import W, b, message

from microgradnn import Tensor, concatenate, insert, stack


@pytest.mark.parametrize("join", [concatenate, stack])
def test_joined_without_a_list(join):
    """Arrays to join come as one list."""
    said = message(TypeError, lambda: join(W, W))
    assert said == f"{join.__name__} takes what it joins as one list, and then the axis: {join.__name__}([a, b], axis=0)."
    assert join(x for x in (W, W)).requires_grad


def test_joining_what_does_not_fit():
    """concatenate and stack name every operand and point to each other."""
    x = Tensor(np.ones((3, 2)))
    assert message(ValueError, lambda: concatenate([W, x])) == (
        "concatenate(axis=0, ends=[2, 5]) cannot be computed for x1 = 'W' of shape (2, 3), x2 = a Tensor of shape (3, 2): "
        "all lengths must agree, except along the axis where they are joined."
    )
    assert message(ValueError, lambda: concatenate([W, b])) == (
        "concatenate(axis=0, ends=[2, 6]) cannot be computed for x1 = 'W' of shape (2, 3), x2 = 'b' of shape (4,): "
        "all must have the same number of axes.\nexpand_dims gives one more; stack joins along a new axis."
    )
    assert message(np.exceptions.AxisError, lambda: concatenate([W, W], axis=2)) == (
        "concatenate(axis=2) cannot be computed for 'W' of shape (2, 3), 'W' of shape (2, 3): the axis must be there already.\n"
        "stack puts arrays side by side along a new one."
    )
    assert message(ValueError, lambda: stack([W, b])) == (
        "stack(axis=0, count=2) cannot be computed for x1 = 'W' of shape (2, 3), x2 = 'b' of shape (4,): "
        "all must have one shape.\nconcatenate joins unequal lengths."
    )


def test_insert_before_what_a_mask_picks():
    """A mask stands for the positions where it is true, whatever the version of NumPy."""
    x, mask = np.arange(4.0), np.array([True, False, True, False])
    np.testing.assert_array_equal(insert(Tensor(x), mask, [7.0, 8.0]).data, [7, 0, 1, 8, 2, 3])
