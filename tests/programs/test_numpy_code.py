"""How Expressions are spelled: as source that NumPy takes for the same."""

import numpy as np
import pytest

from microgradnn import Tensor
from microgradnn.programs.unrolling import unroll


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value", "ignore:divide by zero")
def test_the_mean_of_nothing():
    """A mean over no elements is NaN, as in NumPy, and not an error of Python's."""
    x = Tensor(np.ones((0, 3)), requires_grad=True, name="x")
    value, dx = unroll(x.mean(), x)(x.data)
    assert np.isnan(value)
    assert dx.shape == (0, 3)
