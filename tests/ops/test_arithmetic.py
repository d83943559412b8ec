"""Arithmetic of two operands: conventions at ties, bounds and whole exponents, and branches that are not taken."""

import numpy as np
import pytest
from numpy import inf, nan
from slopes import assert_slopes

from microgradnn import Tensor, clip, divide, grad, log, maximum, minimum, power, where


def test_clip_at_a_bound():
    """Inside 1, outside 0, and at a bound what minimum(maximum(x, lo), hi) gives: half of it, the other half to the bound."""
    assert_slopes(lambda x: clip(x, -1, 1), [-2.0, -1.0, 0.0, 1.0, 2.0], [0, 0.5, 1, 0.5, 0])
    assert_slopes(lambda x: minimum(maximum(x, -1), 1), [-2.0, -1.0, 0.0, 1.0, 2.0], [0, 0.5, 1, 0.5, 0])
    assert_slopes(lambda x: clip(x, None, 1), [-2.0, 1.0], [1, 0.5])
    lower = Tensor(0.0, requires_grad=True)
    clip(Tensor([-1.0, 0.0, 1.0]), lower, 2).sum().backward()
    assert lower.grad == 1.5
    assert "minimum(maximum(x, a_min), a_max)" in clip.__doc__


@pytest.mark.parametrize("function", [maximum, minimum], ids=["maximum", "minimum"])
def test_tied_operands_share_evenly(function):
    """At a tie each operand of maximum and minimum gets half; so one that ties with itself gets 1."""
    x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([1.0, 2.0], requires_grad=True)
    function(x, y).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.5, 0.5])
    np.testing.assert_array_equal(y.grad, [0.5, 0.5])
    assert_slopes(lambda x: function(x, x), [1.0, 2.0], [1, 1])


def test_powers_with_a_whole_exponent():
    """x⁰ is constant, also at 0; x³ has its slope at negative x; x⁻¹ falls without bound at 0."""
    assert_slopes(lambda x: x**0, [0.0, 2.0], [0, 0])
    assert_slopes(lambda x: x**1, [0.0, 2.0], [1, 1])
    assert_slopes(lambda x: x**2, [0.0, 2.0], [0, 4])
    assert_slopes(lambda x: x**3, -2.0, 12)
    with np.errstate(divide="ignore"):
        assert_slopes(lambda x: x**-1, 0.0, -inf)


def test_slope_of_a_power_in_its_exponent():
    """0ʸ has slope 0 for y ≥ 0; (−2)ʸ, defined at whole y only, has none."""
    assert_slopes(lambda y: 0**y, [0.0, 1.0, 2.5], [0, 0, 0])
    assert_slopes(lambda y: Tensor(0.0) ** y, [0.0, 1.0, 2.5], [0, 0, 0])
    with np.errstate(invalid="ignore"):
        assert_slopes(lambda y: Tensor(-2.0) ** y, [2.0, 0.5], [nan, nan])


@pytest.mark.parametrize("x", [2.0, np.array([0.5, 3.0])])
@pytest.mark.parametrize("y", [0.0, 1.0, 2.0])
def test_a_power_by_both_operands(x, y):
    """∂²xʸ/∂x∂y = xʸ⁻¹ (1 + y log x), in either order, and one order more by x, also at the whole exponents 0, 1 and 2."""
    expected = x ** (y - 1) * (1 + y * np.log(x))
    by_x, by_y = (lambda x, y: x**y), (lambda y, x: x**y)
    assert grad(lambda y: grad(lambda x: by_x(x, y).sum())(x).sum())(y) == pytest.approx(np.sum(expected))
    np.testing.assert_allclose(grad(lambda x: grad(lambda y: by_y(y, x).sum())(y))(x), expected)
    third = x ** (y - 2) * ((y - 1) * (1 + y * np.log(x)) + y)
    found = grad(lambda y: grad(lambda x: grad(lambda x: by_x(x, y).sum())(x).sum())(x).sum())(y)
    assert found == pytest.approx(np.sum(third))


def test_numbers_are_computed_as_numpy_does():
    """Of Python's numbers alone come NumPy's values, also where Python raises or leaves the real numbers."""
    with np.errstate(all="ignore"):
        assert power(1e300, 2.0) == inf
        assert divide(1.0, 0.0) == inf
        assert np.isnan(power(-8.0, 1 / 3))


def test_nan_in_the_branch_not_taken():
    """where() itself passes no NaN on; the arithmetic of the other branch may make one of 0/0, and a double where not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_slopes(lambda x: where(x > 0, log(x), 0.0), [-1.0, 2.0], [0, 0.5])
        assert_slopes(lambda x: where(x > 0, log(x), 0.0), [0.0, 2.0], [nan, 0.5])
    assert_slopes(lambda x: where(x > 0, log(where(x > 0, x, 1.0)), 0.0), [0.0, 2.0], [0, 0.5])
    y = Tensor([1.0, 1.0], requires_grad=True)
    where([True, False], y, [nan, nan]).backward([1.0, 1.0])
    np.testing.assert_array_equal(y.grad, [1, 0])


def test_a_mask_has_no_gradient():
    """What chooses the branch gets no gradient, even if it is a Tensor that could have one."""
    mask, y = Tensor([1.0, 0.0], requires_grad=True), Tensor([5.0, 6.0], requires_grad=True)
    where(mask, y, 0).sum().backward()
    np.testing.assert_array_equal(y.grad, [1, 0])
    assert mask.grad is None


def test_an_operand_used_as_both_operands():
    """x + x, x · x and x / x count both uses."""
    assert_slopes(lambda x: x + x, [3.0], [2])
    assert_slopes(lambda x: x * x, [3.0], [6])
    assert_slopes(lambda x: x - x, [3.0], [0])
    assert_slopes(lambda x: x / x, [4.0], [0])
