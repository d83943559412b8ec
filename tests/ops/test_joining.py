"""Joining and padding: what is joined comes as one list, and what does not fit is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import W, b, message

from microgradnn import Tensor, concatenate, insert, pad, stack


def test_pad_refuses_modes_that_compute():
    """What is no copy of elements is not offered."""
    with pytest.raises(ValueError, match=r"pad\(mode='mean'\): there are 'constant', 'edge'"):
        pad(np.ones(3), 1, mode="mean")


@pytest.mark.parametrize("mode", ["edge", "reflect", "symmetric", "wrap"])
@given(n=st.integers(1, 4), width=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_copies_around_are_numpys(mode, n, width):
    """However wide the frame, copies of elements stand where NumPy has them, and add up their gradients."""
    x = np.arange(2.0 * n).reshape(2, n)
    for widths in (((0, 0), width), (width, (1, 0)), width[0], {1: width}):
        leaf = Tensor(x, requires_grad=True)
        z = pad(leaf, widths, mode)
        named = ((0, 0), width) if isinstance(widths, dict) else widths  # NumPy 2.0 knows no dict
        np.testing.assert_array_equal(z.data, np.pad(x, named, mode))
        z.sum().backward()
        np.testing.assert_array_equal(leaf.grad.ravel(), np.bincount(z.data.ravel().astype(int), minlength=2 * n))


@pytest.mark.parametrize(
    ("widths", "mode", "error", "words"),
    [
        (-1, "edge", ValueError, "no width can be negative; they are -1"),
        (1.5, "wrap", TypeError, "the widths must be whole numbers; they are 1.5"),
        ((1, 2, 3), "edge", ValueError, r"the widths \(1, 2, 3\) do not fit x, which has 2 axes"),
        (((0, 0), (1, 0)), "reflect", ValueError, "can't extend empty axis 1"),
    ],
)
def test_widths_that_do_not_fit(widths, mode, error, words):
    """Frames that NumPy refuses are refused."""
    with pytest.raises(error, match=words):
        pad(Tensor(np.ones((2, 0))), widths, mode)


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
