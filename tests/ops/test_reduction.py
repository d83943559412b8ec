"""Reductions: conventions at ties, at zeros of a product, and where all elements are equal."""

import numpy as np
import pytest
from numpy import nan
from slopes import assert_slopes, hessian, slopes

from microgradnn import Tensor, abs, cumprod, prod, std, var


@pytest.mark.parametrize("name", ["max", "min"])
def test_tied_elements_share_evenly(name):
    """Tied elements share what their maximum or minimum gets, along each axis by itself."""
    x = Tensor([[3.0, 3.0, 3.0, 3.0], [5.0, 1.0, 5.0, 1.0]], requires_grad=True)
    getattr(x, name)(axis=1).backward([1.0, 10.0])
    np.testing.assert_array_equal(x.grad[0], [0.25, 0.25, 0.25, 0.25])
    np.testing.assert_array_equal(x.grad[1], [5, 0, 5, 0] if name == "max" else [0, 5, 0, 5])


def test_ties_are_counted_in_whole_numbers():
    """In float16, which cannot hold 2049, the shares of 2049 tied elements still are 1/2049 each."""
    shares = slopes(lambda x: x.max(), np.ones(2049, np.float16))
    assert shares.dtype == np.float16
    np.testing.assert_array_equal(shares, np.float16(1 / 2049))


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


def test_product_with_zeros():
    """The slope of a product is the product of the others: exact with no zero, one, two or three."""
    assert_slopes(prod, [2.0, 3.0, 5.0], [15, 10, 6])
    assert_slopes(prod, [2.0, 0.0, 5.0], [0, 10, 0])
    assert_slopes(prod, [2.0, 0.0, 0.0], [0, 0, 0])
    assert_slopes(prod, [[0.0, 3.0], [0.0, 5.0]], [[0, 0], [0, 0]])
    assert_slopes(lambda x: prod(x, axis=1), [[0.0, 3.0], [0.0, 0.0]], [[3, 0], [0, 0]])


@pytest.mark.parametrize("function", [prod, lambda x: cumprod(x)[-1]], ids=["prod", "cumprod"])
def test_second_order_of_a_product_with_zeros(function):
    """∂²(xyz)/∂x∂y = z, also where x and y are 0; a rule with z/x would lose it."""
    np.testing.assert_array_equal(hessian(function, [0.0, 0.0, 5.0]), [[0, 5, 0], [5, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(hessian(function, [0.0, 0.0, 0.0]), np.zeros((3, 3)))
    np.testing.assert_array_equal(hessian(function, [2.0, 0.0, 5.0]), [[0, 5, 0], [5, 0, 2], [0, 2, 0]])


def test_cumulative_product_with_a_zero():
    """Behind a zero all products are 0, and it alone can change that."""
    x = Tensor([2.0, 0.0, 5.0, 7.0], requires_grad=True)
    cumprod(x).backward([1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_array_equal(x.grad, [1, 20 + 1000 + 70000, 0, 0])
    assert_slopes(cumprod, [0.0, 0.0, 5.0], [1, 0, 0])


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "prod", "max", "min"])
def test_a_number_along_axis_0(name, keepdims):
    """Along axis 0 a number is its own sum, product and extreme, as in NumPy; it has no axis 1."""
    function = getattr(np, name)
    for axis in (0, -1):
        x = Tensor(2.0, requires_grad=True)
        z = function(x, axis=axis, keepdims=keepdims)
        assert z.shape == np.shape(function(np.float64(2.0), axis=axis, keepdims=keepdims)) == ()
        z.backward()
        assert (z.item(), x.grad) == (2, 1)
    with pytest.raises(np.exceptions.AxisError):
        function(Tensor(2.0), axis=1)
