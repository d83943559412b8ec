"""How far elements lie apart: conventions where all are equal, and where no degrees of freedom are left."""

import numpy as np
import pytest
from numpy import nan
from slopes import assert_slopes, slopes

from microgradnn import Tensor, abs, corrcoef, cov, ptp, std, var


@pytest.mark.parametrize("constant", [0.0, 1.0, 0.1, 1 / 3, 1e300, -1e-300])
@pytest.mark.parametrize("ddof", [0, 1])
def test_std_of_a_constant(constant, ddof):
    """Where all elements are equal the standard deviation is 0 and so is its slope, whatever a mean of them rounds to."""
    x = np.full((3, 7), constant)
    assert std(Tensor(x), ddof=ddof).item() == 0
    assert_slopes(lambda x: std(x, ddof=ddof), x, np.zeros((3, 7)))
    assert_slopes(lambda x: std(x, axis=1, ddof=ddof), x, np.zeros((3, 7)))
    assert np.abs(slopes(lambda x: var(x, ddof=ddof), x)).max() <= np.spacing(abs(constant))


@pytest.mark.parametrize("function", [var, std], ids=["var", "std"])
@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0], [1.0, 2.0, 5.0], [3.0, 3.0]], ids=len)
def test_no_degrees_of_freedom_are_left(function, x):
    """var and std with ddof = n divide by 0: inf, or NaN of equal elements; their gradient is NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_slopes(lambda x: function(x, ddof=len(x)), x, np.full(len(x), nan))
        np.testing.assert_array_equal(function(Tensor(x), ddof=len(x)).data, np.ptp(x) / 0)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1 / 3, 1e300])
def test_std_of_a_constant_among_others(constant):
    """What where= leaves may be constant, too: the deviation is 0 exactly, and its slope."""
    x, mask = np.full((2, 7), constant), np.arange(7) != 3
    x[:, 3] = -5
    assert np.all(std(Tensor(x), axis=1, where=mask).data == 0)
    assert_slopes(lambda x: std(x, axis=1, where=mask), x, np.zeros((2, 7)))


def test_range_of_a_constant():
    """Where all elements are equal, their range is 0, and so is its slope: each is largest and smallest."""
    assert_slopes(ptp, [2.0, 2.0], [0, 0])
    assert_slopes(ptp, [1.0, 3.0, 3.0], [-1, 0.5, 0.5])


def test_covariance_of_one_observation():
    """Of one observation there is none: NaN, as NumPy has it, and so is the gradient. With bias=True it is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        assert_slopes(cov, [[1.0], [2.0]], [[nan], [nan]])
        np.testing.assert_array_equal(cov(Tensor([[1.0], [2.0]])).data, np.full((2, 2), nan))
    assert_slopes(lambda x: cov(x, bias=True), [[1.0], [2.0]], [[0], [0]])


def test_correlation_at_its_bounds():
    """Two that correlate fully have slope 0, the bound is an extremum; of a constant the correlation is NaN."""
    x = np.array([[1.0, 2.0, 4.0], [3.0, 5.0, 9.0]])
    np.testing.assert_allclose(slopes(lambda x: corrcoef(x)[0, 1], x), np.zeros((2, 3)), atol=1e-15)
    with np.errstate(invalid="ignore", divide="ignore"):
        assert np.isnan(corrcoef(Tensor([[1.0, 1.0], [1.0, 2.0]])).data[0]).all()
        with pytest.warns(RuntimeWarning, match="Mean of empty slice"):  # as by NumPy
            assert np.isnan(corrcoef(Tensor(np.ones((2, 0)))).data).all()


def test_what_is_no_matrix_of_variables():
    """Weights that require a gradient, and observations with more than two axes, are refused."""
    with pytest.raises(TypeError, match="cov: weights get no gradient"):
        cov(Tensor([1.0, 2.0]), aweights=Tensor([1.0, 2.0], requires_grad=True))
    with pytest.raises(ValueError, match="have 2 axes; there are 3"):
        corrcoef(Tensor(np.ones((2, 2, 2))))


@pytest.mark.parametrize("function", [var, std], ids=["var", "std"])
def test_more_halves_than_a_half_can_count(function):
    """Of more than 65504 elements in half precision, value and slopes are those of single precision, rounded."""
    x = np.tile(np.float16([0, 1]), 35000)
    assert function(Tensor(x)).dtype == np.float16
    assert function(Tensor(x)).item() == function(x.astype(float))
    np.testing.assert_allclose(slopes(function, x), slopes(function, x.astype(float)), rtol=0.01)
