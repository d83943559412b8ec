"""NaN as what is missing: it gets the gradient 0, and reaches no other one."""

import warnings

import numpy as np
import pytest
from numpy import inf, nan
from slopes import assert_slopes, hessian, slopes

import microgradnn
from microgradnn import Tensor, fmax, fmin, nan_to_num, nanmedian

X = np.array([[1.0, nan, 4.0, 2.0], [nan, 3.0, nan, 3.0], [-1.0, 0.5, nan, 2.5]])
NAMES = ["sum", "mean", "prod", "max", "min", "var", "std", "median"]


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_as_without_nan(name):
    """In each row value and gradient are those of the same reduction of the other elements; NaN gets 0."""
    nan_reduction, reduction = (getattr(microgradnn, prefix + name) for prefix in ("nan", ""))
    z = nan_reduction(Tensor(X), axis=1)
    np.testing.assert_allclose(z.data, getattr(np, f"nan{name}")(X, axis=1), rtol=1e-15)
    dx = slopes(lambda x: nan_reduction(x, axis=1), X)
    for row, slope in zip(X, dx, strict=True):
        np.testing.assert_allclose(slope[~np.isnan(row)], slopes(reduction, row[~np.isnan(row)]), rtol=1e-14)
        assert (slope[np.isnan(row)] == 0).all()


@pytest.mark.parametrize("name", [*NAMES, "cumsum", "cumprod"])
def test_second_order_does_not_leak(name):
    """Second derivatives by NaN are 0, and those by the others are finite."""
    row = X[2]
    second = hessian(lambda x: (getattr(microgradnn, f"nan{name}")(x) ** 2).sum(), row)
    assert np.isfinite(second).all() and (second[2] == 0).all() and (second[:, 2] == 0).all()


@pytest.mark.parametrize("name", ["mean", "max", "min", "var", "std", "median"])
def test_a_row_of_nan_is_nan(name):
    """Where nothing is left the value is NaN, as NumPy has it, the gradient 0; other rows are as they are."""
    x = np.array([[nan, nan], [1.0, 2.0]])
    with np.errstate(invalid="ignore", divide="ignore"):
        z = getattr(microgradnn, f"nan{name}")(Tensor(x), axis=1)
        dx = slopes(lambda x: getattr(microgradnn, f"nan{name}")(x, axis=1), x)
    assert np.isnan(z.data[0]) and np.isfinite(z.data[1])
    assert (dx[0] == 0).all() and np.isfinite(dx[1]).all()


def test_quantiles_without_nan():
    """Each row has quantiles of its own number of elements."""
    z = microgradnn.nanquantile(Tensor(X), [0.25, 0.5], axis=1, keepdims=True)
    np.testing.assert_allclose(z.data, np.nanquantile(X, [0.25, 0.5], axis=1, keepdims=True), rtol=1e-15)
    assert_slopes(lambda x: microgradnn.nanpercentile(x, 25), [nan, 1.0, 3.0], [0, 0.75, 0.25])
    assert_slopes(nanmedian, [3.0, nan, 1.0, nan], [0.5, 0, 0.5, 0])


def test_what_stands_for_nan_and_inf():
    """What was replaced has the slope 0, all else 1; the numbers are NumPy's, in x's type."""
    x = np.array([1.0, nan, inf, -inf], np.float32)
    np.testing.assert_array_equal(nan_to_num(Tensor(x)).data, np.nan_to_num(x), strict=True)
    assert_slopes(nan_to_num, x, [1, 0, 0, 0])
    assert_slopes(lambda x: nan_to_num(np.log(x), neginf=-5.0) * 2, [1.0], [2])


def test_the_larger_one_that_is_a_number():
    """A NaN of fmax and fmin gets nothing and the other all; ties get half each; two NaN are as in maximum."""
    for function, dx in ((fmax, [0, 0.5, 1, 0]), (fmin, [1, 0.5, 1, 0])):
        y = np.array([2.0, 1.0, nan, 5.0])
        assert_slopes(lambda x, f=function, y=y: f(x, y), [1.0, 1.0, 1.0, nan], dx)
        assert_slopes(lambda y, f=function: f([1.0, 1.0, 1.0, nan], y), y, [1 - dx[0], 0.5, 0, 1])
        assert np.isnan(function(Tensor(nan), nan).data)


@pytest.mark.parametrize("function", [np.nanvar, np.nanstd])
def test_no_degrees_of_freedom_are_left(function):
    """Where no more than ddof elements are left, nanvar and nanstd are NaN, as NumPy's are, and the other lines as ever."""
    x = np.array([[1.0, 2.0, 4.0], [np.nan, 2.0, 5.0], [np.nan, np.nan, 1.0]])
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for ddof in (1, 2, 3):
            np.testing.assert_allclose(function(Tensor(x), 1, ddof=ddof).data, function(x, 1, ddof=ddof), rtol=1e-14)


@pytest.mark.parametrize(("function", "least"), [(np.nanmax, -inf), (np.nanmin, inf)])
def test_an_infinite_extreme_shares_nothing_with_nan(function, least):
    """Where the largest element is −inf, those that are share the gradient, and a NaN beside them gets none."""
    assert_slopes(function, [least, nan, least], [0.5, 0, 0.5])
