"""Diagonals and traces are NumPy's, along whichever axes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgradnn import Tensor


@given(axes=st.tuples(st.integers(-5, 4), st.integers(-5, 4)), ndim=st.integers(2, 4))
def test_diagonals_lie_between_numpys_axes(axes, ndim):
    """diagonal takes the axes that NumPy takes, and no others."""
    x = np.arange(3**ndim, dtype=float).reshape((3,) * ndim)
    try:
        expected = np.diagonal(x, 0, *axes)
    except ValueError:
        with pytest.raises(ValueError, match="axis|axes"):
            np.diagonal(Tensor(x), 0, *axes)
    else:
        np.testing.assert_array_equal(np.diagonal(Tensor(x), 0, *axes).data, expected)


@given(offset=st.integers(-4, 4), shape=st.tuples(*[st.integers(0, 3)] * 3), axes=st.permutations(range(3)))
def test_traces_are_numpys(offset, shape, axes):
    """trace adds up the diagonal that NumPy adds up, and each of its elements gets the gradient of its sum."""
    x = np.arange(np.prod(shape), dtype=float).reshape(shape)
    leaf = Tensor(x, requires_grad=True)
    z = np.trace(leaf, offset, *axes[:2])
    np.testing.assert_array_equal(z.data, np.trace(x, offset, *axes[:2]))
    dz = np.arange(1.0, 1 + z.shape[0])
    z.backward(dz)
    np.testing.assert_array_equal((leaf.grad * x).sum(), (dz * z.data).sum())
    assert np.count_nonzero(leaf.grad) == np.diagonal(x, offset, *axes[:2]).size
    with pytest.raises(ValueError, match="two axes or more are needed"):
        np.trace(Tensor([1.0, 2.0]))
