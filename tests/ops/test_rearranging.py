"""Elements in other places: what is turned comes back, and what is repeated adds up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import leaf
from slopes import assert_slopes

from microgradnn import Tensor, resize, roll, rot90


@pytest.mark.parametrize("k", range(-5, 6))
def test_turned_back(k):
    """k turns one way and k the other way are none."""
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(rot90(rot90(leaf(x), k), -k).data, x)


def test_repetitions_add_up():
    """An element that stands in several places has the sum of their gradients."""
    assert_slopes(lambda x: resize(x, 5), [5.0, 6.0], [3, 2])
    assert_slopes(lambda x: roll(x, 3), [5.0, 6.0], [1, 1])


@given(shift=st.integers(-7, 7), axis=st.sampled_from([None, 0, -1, (0, 1), (1, 1)]), several=st.booleans())
def test_rolled_and_back(shift, axis, several):
    """What is rolled stands where NumPy has it, and its gradient is rolled back."""
    shift = (shift, 1 - shift) if several else shift
    x = np.arange(6.0).reshape(2, 3)
    leaf = Tensor(x, requires_grad=True)
    z = roll(leaf, shift, axis)
    np.testing.assert_array_equal(z.data, np.roll(x, shift, axis))
    z.backward(z.data)
    np.testing.assert_array_equal(leaf.grad, x)
