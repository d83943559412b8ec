"""Elements in other places: what is turned comes back, and what is repeated adds up."""

import numpy as np
import pytest
from networks import leaf
from slopes import assert_slopes

from microgradnn import resize, roll, rot90


@pytest.mark.parametrize("k", range(-5, 6))
def test_turned_back(k):
    """k turns one way and k the other way are none."""
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(rot90(rot90(leaf(x), k), -k).data, x)


def test_repetitions_add_up():
    """An element that stands in several places has the sum of their gradients."""
    assert_slopes(lambda x: resize(x, 5), [5.0, 6.0], [3, 2])
    assert_slopes(lambda x: roll(x, 3), [5.0, 6.0], [1, 1])
