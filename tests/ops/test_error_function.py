"""erf: to the last places, and of whole numbers."""

import math

import numpy as np

from microgradnn import erf

X = np.linspace(-4, 4, 33)


def test_erf_to_the_last_places():
    """Against Python's erf, which takes one number: within 4 units in the last place, from the smallest number to inf."""
    x = np.concatenate([np.linspace(-7, 7, 20001), np.logspace(-300, 0, 601), [0.0, 27.0, 1e300, np.inf, -np.inf]])
    expected = np.array([math.erf(number) for number in x])
    assert (np.abs(erf(x) - expected) <= 4 * np.spacing(np.abs(expected))).all()
    assert np.isnan(erf(np.nan))
    np.testing.assert_array_equal(erf(-x), -erf(x))
    np.testing.assert_allclose(erf(X.astype(np.float16)), erf(X), rtol=1e-3)


def test_erf_of_whole_numbers():
    """Whole numbers are taken for what they are."""
    assert erf(1) == erf(1.0) != 0
    np.testing.assert_array_equal(erf(np.array([1, 2])), erf(np.array([1.0, 2.0])))
