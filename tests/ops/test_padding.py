"""Padding: copies stand where NumPy has them, and what does not fit is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgradnn import Tensor, pad


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
