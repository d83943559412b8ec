"""Functions of one number: conventions where a derivative is not defined or infinite."""

import numpy as np
import pytest
from numpy import inf, nan
from slopes import assert_slopes, slopes

from microgradnn import Tensor, log, sqrt


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
