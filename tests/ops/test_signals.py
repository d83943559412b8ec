"""Functions that are known at points: at these points and beyond them, and lengths that do not fit."""

import numpy as np
import pytest
from numpy import inf, nan
from slopes import assert_slopes, hessian

from microgradnn import Tensor, convolve, correlate, gradient, interp, trapezoid, unroll, unwrap

XP, FP = [0.0, 1.0, 3.0], [2.0, 4.0, 0.0]


def test_slopes_of_an_interpolation():
    """At a point the slope is that of the line on its right; beyond the first it is 0, and from the last on. No NaN leaks."""
    assert_slopes(lambda x: interp(x, XP, FP), [-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, inf, -inf], [0, 2, 2, -2, -2, 0, 0, 0, 0])
    assert_slopes(lambda y: interp([-inf, 0.25, 2.0, 3.0, inf], XP, y), FP, [1.75, 0.75, 2.5])
    assert_slopes(lambda p: interp([0.5, 7.0], p, FP), XP, [-1, -1, 0])


def test_an_interpolation_of_what_has_no_value():
    """NaN stays NaN, at ends of one's own too; a point that stands twice is a step, whose value is that on the right."""
    x = np.array([nan, -1.0, 3.0, 4.0])
    for ends in ({}, {"left": -7.0, "right": 9.0}):
        np.testing.assert_array_equal(interp(Tensor(x), XP, FP, **ends).data, np.interp(x, XP, FP, **ends))
    step = ([0.0, 1.0, 1.0, 2.0], [0.0, 1.0, 5.0, 5.0])
    x = np.array([0.5, 1.0, 1.5, 2.0])
    np.testing.assert_array_equal(interp(Tensor(x), *step).data, np.interp(x, *step))
    assert_slopes(lambda x: interp(x, *step), x, [1, 0, 0, 0])
    assert_slopes(lambda x: interp(x, [0.0, 1.0, 1.0], [0.0, 1.0, 5.0]), [0.5, 1.0, 2.0], [1, 0, 0])


def test_source_of_an_interpolation():
    """A function written from an interpolation finds the pieces that other numbers are in."""
    x, y = Tensor([0.5, 2.0], requires_grad=True, name="x"), Tensor(FP, requires_grad=True, name="y")
    by_hand = unroll(interp(x, XP, y).sum(), [x, y])
    others = [Tensor(values, requires_grad=True) for values in ([7.0, 0.25], [1.0, -1.0, 5.0])]
    interp(others[0], XP, others[1]).sum().backward()
    _, gradients = by_hand(*others, **by_hand.recorded)
    for received, other in zip(gradients, others, strict=True):
        np.testing.assert_array_equal(received, other.grad)


def test_points_out_of_order_are_refused():
    """NumPy takes them, and what comes out depends on how it searches."""
    with pytest.raises(ValueError, match="xp must be in ascending order"):
        interp(Tensor(0.5), [1.0, 0.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="need one axis, of one length"):
        interp(Tensor(0.5), [1.0, 2.0], [1.0, 2.0, 3.0])


def test_convolutions_are_bilinear():
    """∂²z/∂x∂y are ones and zeros, and ∂²z/∂x² is 0."""
    second = hessian(lambda v: convolve(v[:2], v[2:])[1], [1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(second, np.fliplr(np.eye(4)))


@pytest.mark.parametrize("function", [convolve, correlate])
def test_sequences_that_cannot_be_convolved(function):
    """They have one axis and elements."""
    with pytest.raises(ValueError, match="of shapes .2, 2. and .2,.; each needs one axis"):
        function(Tensor(np.ones((2, 2))), np.ones(2))
    with pytest.raises(ValueError, match="with elements"):
        function(Tensor(np.ones(0)), np.ones(2))
    with pytest.raises(ValueError, match="mode='all' is none of full, same, valid"):
        function(Tensor(np.ones(3)), np.ones(2), "all")


def test_the_gradient_that_is_a_difference_is_exact_for_parabolas():
    """By three points at the ends the slopes of x² are 2x everywhere, at uneven distances too."""
    x = np.array([0.0, 1.0, 1.5, 4.0])
    np.testing.assert_allclose(gradient(Tensor(x**2), x, edge_order=2).data, 2 * x, atol=1e-14)
    for call, error in (
        (lambda f: gradient(f, 1.0, 2.0), TypeError),
        (lambda f: gradient(f[:1]), ValueError),
        (lambda f: gradient(f, [0.0, 1.0]), ValueError),
        (lambda f: gradient(f, edge_order=3), ValueError),
    ):
        with pytest.raises(error, match="gradient: "):
            call(Tensor(x))


def test_an_integral_moves_with_its_points():
    """∂/∂xᵢ of the area under the lines is (yᵢ₋₁ − yᵢ₊₁) / 2."""
    assert_slopes(lambda x: trapezoid([1.0, 4.0, 2.0], x), [0.0, 1.0, 3.0], [-2.5, -0.5, 3])


def test_whole_periods_have_no_slope():
    """What is added to an angle does not change by a little."""
    x = np.array([0.0, 3.0, 6.0, 9.5, 1.0, -7.0])
    np.testing.assert_allclose(unwrap(Tensor(x)).data, np.unwrap(x), rtol=1e-15)
    np.testing.assert_allclose(unwrap(Tensor([0.0, np.pi, 0.0, -np.pi])).data, np.unwrap([0.0, np.pi, 0.0, -np.pi]))
    assert_slopes(unwrap, x, np.ones(6))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_slopes_have_the_precision_of_the_values(dtype):
    """As NumPy's have: where points are as far apart as nothing or a number says."""
    for spacing in ((), (2.0,)):
        assert np.gradient(Tensor(np.ones(3, dtype)), *spacing).dtype == dtype


def test_what_is_correlated_with_more():
    """Value and gradients where y is longer than x are those of the sums, written out."""
    x, y = Tensor([2.0, 3.0], requires_grad=True), Tensor([1.0, 5.0, 7.0], requires_grad=True)
    z = np.correlate(x, y)
    np.testing.assert_array_equal(z.data, np.correlate(x.data, y.data))
    (z * [1.0, 10.0]).sum().backward()
    np.testing.assert_array_equal([*x.grad, *y.grad], [15, 57, 20, 32, 3])
