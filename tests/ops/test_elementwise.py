"""Functions of one number: conventions where a derivative is not defined or infinite, and changes of type."""

import numpy as np
import pytest
from messages import W, message
from numpy import inf, nan
from slopes import assert_slopes, slopes

from microgradnn import Tensor, log, ops, sqrt


def test_slope_of_a_root_at_zero_is_infinite():
    """√ has slope inf at 0; what multiplies this by 0 is NaN, in √x² as in √(x²)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_slopes(sqrt, 0.0, inf)
        assert_slopes(lambda x: sqrt(x) ** 2, 0.0, nan)
        assert_slopes(lambda x: sqrt(x**2), 0.0, nan)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        slopes(sqrt, 0.0)


def test_logarithm_outside_of_its_domain():
    """The slope of log is 1/x wherever that is a number: inf at 0, −1 at −1, where the value is NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_slopes(log, [0.0, -1.0], [inf, -1])
        assert np.isnan(log(Tensor(-1.0)).item())
        assert_slopes(lambda x: x * log(x), 0.0, nan)


def test_plain_arrays_become_whole_numbers():
    """Without a gradient to lose, astype takes any type."""
    assert ops.astype(np.array([1.7, -1.7]), int).tolist() == [1, -1]
    assert ops.astype(Tensor([1.7, -1.7]), int).dtype == int


def test_a_gradient_through_whole_numbers():
    """What requires a gradient cannot be made into whole numbers on the way."""
    assert message(TypeError, lambda: W.astype("int64")) == (
        "'W' of shape (2, 3) requires a gradient, which int64 cannot carry: it does not change by a little.\n"
        "On values alone it works: tensor.numpy().astype(dtype)."
    )
