"""The conventions at the edges of calculus: what a gradient is where the derivative is not defined, or is infinite.

In order of preference: the true derivative; the subgradient of least norm; by continuity; NaN. Where NumPy warns of the
forward value or of the slope, the test says so; where nothing is wrong, a warning would fail it.
"""

import numpy as np
import pytest

from microgradnn import Tensor, abs, log, log_softmax, logsumexp, maximum, minimum, relu, sigmoid, softmax, sqrt, tanh, where

inf, nan = np.inf, np.nan


def slopes(function, x):
    """∂(Σ function(x))/∂x."""
    x = Tensor(x, requires_grad=True)
    function(x).sum().backward()
    return x.grad


def assert_slopes(function, x, expected):
    np.testing.assert_allclose(slopes(function, x), expected, rtol=1e-15)


# Kinks


@pytest.mark.parametrize("function", [relu, abs], ids=["relu", "abs"])
def test_slope_at_a_kink_is_zero(function):
    """At 0, relu and abs have slope 0: the subgradient of least norm."""
    assert_slopes(function, [0.0, -0.0], [0, 0])


@pytest.mark.parametrize("function", [maximum, minimum], ids=["maximum", "minimum"])
def test_tied_operands_share_evenly(function):
    """At a tie each operand of maximum and minimum gets half; so one that ties with itself gets 1."""
    x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([1.0, 2.0], requires_grad=True)
    function(x, y).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.5, 0.5])
    np.testing.assert_array_equal(y.grad, [0.5, 0.5])
    assert_slopes(lambda x: function(x, x), [1.0, 2.0], [1, 1])


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


# Powers, roots, logarithms


def test_slope_of_a_root_at_zero_is_infinite():
    """√ has slope inf at 0; what multiplies this by 0 is NaN, in √x² as in √(x²)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_slopes(sqrt, 0.0, inf)
        assert_slopes(lambda x: sqrt(x) ** 2, 0.0, nan)
        assert_slopes(lambda x: sqrt(x**2), 0.0, nan)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        slopes(sqrt, 0.0)


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
    assert_slopes(lambda y: 0 ** y, [0.0, 1.0, 2.5], [0, 0, 0])
    assert_slopes(lambda y: Tensor(0.0) ** y, [0.0, 1.0, 2.5], [0, 0, 0])
    with np.errstate(invalid="ignore"):
        assert_slopes(lambda y: Tensor(-2.0) ** y, [2.0, 0.5], [nan, nan])


def test_logarithm_outside_of_its_domain():
    """The slope of log is 1/x wherever that is a number: inf at 0, −1 at −1, where the value is NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_slopes(log, [0.0, -1.0], [inf, -1])
        assert np.isnan(log(Tensor(-1.0)).item())
        assert_slopes(lambda x: x * log(x), 0.0, nan)


# Choosing


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


# Far out


@pytest.mark.parametrize(
    ("function", "x", "value", "dx"),
    [
        (lambda x: softmax(x)[0], [1000.0, 0.0], 1, [0, 0]),
        (lambda x: log_softmax(x)[1], [-inf, 0.0], 0, [0, 0]),
        (lambda x: log_softmax(x)[1], [1000.0, 0.0], -1000, [-1, 1]),
        (sigmoid, [1000.0], 1, [0]),
        (sigmoid, [-1000.0], 0, [0]),
        (tanh, [1000.0], 1, [0]),
        (tanh, [-1000.0], -1, [0]),
        (logsumexp, [1000.0, -1000.0], 1000, [1, 0]),
        (logsumexp, [-inf, 0.0], 0, [0, 1]),
    ],
    ids=lambda parameter: None if isinstance(parameter, (int, list)) else "",
)
def test_far_out_all_is_finite(function, x, value, dx):
    """Where exponentials overflow or vanish, values and slopes are finite, and nothing warns."""
    assert function(Tensor(x)).sum().item() == value
    np.testing.assert_array_equal(slopes(function, x), dx)


def test_logsumexp_of_nothing():
    """log Σ e^−inf is −inf with gradient 0, as its documentation says, and the other rows are as ever."""
    x = Tensor([[-inf, -inf], [0.0, 0.0]], requires_grad=True)
    z = logsumexp(x, axis=1)
    np.testing.assert_array_equal(z.data, [-inf, np.log(2)])
    z.backward([1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [[0, 0], [0.5, 0.5]])
    assert "−inf the value is −inf and the gradient is taken as 0" in logsumexp.__doc__


# Always


def test_repeated_indices_add_up():
    """An element picked twice gets both gradients."""
    assert_slopes(lambda x: x[[0, 0, 1]], [5.0, 6.0], [2, 1])


def test_an_operand_used_as_both_operands():
    """x + x, x · x and x / x count both uses."""
    assert_slopes(lambda x: x + x, [3.0], [2])
    assert_slopes(lambda x: x * x, [3.0], [6])
    assert_slopes(lambda x: x - x, [3.0], [0])
    assert_slopes(lambda x: x / x, [4.0], [0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("shape", [(), (1,), (2, 1), (1, 1, 3), (0, 2)])
def test_a_gradient_has_shape_and_dtype_of_its_tensor(shape, dtype):
    """Whatever a tensor is broadcast against, and in whatever precision, its gradient is like it, and an ndarray."""
    x = Tensor(np.ones(shape, dtype), requires_grad=True)
    (x * np.ones((2, 1, 1)) + 1).sum().backward()
    assert type(x.grad) is np.ndarray
    assert x.grad.shape == shape
    assert x.grad.dtype == dtype
    np.testing.assert_array_equal(x.grad, 2)


def test_no_two_leaves_share_the_memory_of_their_gradients():
    """Changing one leaf's gradient in place changes no other, nor an intermediate's."""
    x, y, row = (Tensor(np.ones(shape), requires_grad=True) for shape in [(2, 2), (2, 2), (4,)])
    z = x + y.T + row.reshape(2, 2)
    z.sum().backward()
    for leaf in (x, y, row):
        leaf.grad *= 0
        leaf.grad += 7
        assert (z.grad == 1).all()
    assert all((leaf.grad == 7).all() for leaf in (x, y, row))
