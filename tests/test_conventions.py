"""The conventions at the edges of calculus: what a gradient is where the derivative is not defined, or is infinite.

In order of preference: the true derivative; the subgradient of least norm; by continuity; NaN. Where NumPy warns of the
forward value or of the slope, the test says so; where nothing is wrong, a warning would fail it.
"""

import numpy as np
import pytest

from microgradnn import (
    Tensor,
    abs,
    arccos,
    arccosh,
    arcsin,
    arctan2,
    arctanh,
    cbrt,
    ceil,
    cholesky,
    clip,
    cumprod,
    det,
    einsum,
    elu,
    floor,
    gelu,
    grad,
    hypot,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    log_softmax,
    logaddexp,
    logsumexp,
    maximum,
    minimum,
    norm,
    prod,
    reciprocal,
    relu,
    sigmoid,
    sign,
    silu,
    slogdet,
    softmax,
    softplus,
    sort,
    sqrt,
    std,
    take,
    tanh,
    var,
    where,
)

inf, nan = np.inf, np.nan


def slopes(function, x):
    """∂(Σ function(x))/∂x."""
    x = Tensor(x, requires_grad=True)
    function(x).sum().backward()
    return x.grad


def assert_slopes(function, x, expected, rtol=1e-15):
    np.testing.assert_allclose(slopes(function, x), expected, rtol=rtol)


def hessian(function, x):
    """The second derivatives of function(x), one number, row by row."""
    x = Tensor(x, requires_grad=True)
    dx = grad(function(x), x, create_graph=True)
    return np.array([grad(dx[i], x) for i in np.ndindex(x.shape)]).reshape(x.shape * 2)


# Kinks


@pytest.mark.parametrize("function", [relu, abs], ids=["relu", "abs"])
def test_slope_at_a_kink_is_zero(function):
    """At 0, relu and abs have slope 0: the subgradient of least norm."""
    assert_slopes(function, [0.0, -0.0], [0, 0])


def test_slope_of_leaky_units_at_the_kink():
    """At 0, leaky_relu and elu have the slope of their negative side."""
    assert_slopes(leaky_relu, [0.0, -0.0], [0.01, 0.01])
    assert_slopes(lambda x: leaky_relu(x, negative_slope=0.2), [0.0, 1.0, -1.0], [0.2, 1, 0.2])
    assert_slopes(elu, [0.0, 1.0], [1, 1])
    assert_slopes(lambda x: elu(x, alpha=0.5), [0.0, 1.0], [0.5, 1])


@pytest.mark.parametrize("function", [sign, floor, ceil], ids=["sign", "floor", "ceil"])
def test_steps_are_flat(function):
    """Between their jumps and at them, steps have slope 0."""
    assert_slopes(function, [-1.5, -1.0, 0.0, 0.5, 2.0], [0, 0, 0, 0, 0])


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


def test_tied_elements_are_sorted_each_with_its_own_gradient():
    """sort keeps the order of equal elements, and gives each the gradient of the place where it went."""
    x = Tensor([2.0, 1.0, 2.0, 1.0], requires_grad=True)
    sort(x).backward([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(x.grad, [3, 1, 4, 2])


# Sums and products


def test_norm_at_zero():
    """The L2 norm has slope 0 at 0, the subgradient of least norm: of vectors, of matrices, of each row by itself."""
    assert_slopes(norm, [0.0, 0.0], [0, 0])
    assert_slopes(norm, np.zeros((2, 2)), np.zeros((2, 2)))
    assert_slopes(lambda x: norm(x, axis=1), [[0.0, 0.0], [3.0, 4.0]], [[0, 0], [0.6, 0.8]])
    assert_slopes(lambda x: hypot(x, 0.0), [0.0, 2.0], [0, 1])
    assert_slopes(lambda x: hypot(0.0, x), [0.0, 2.0], [0, 1])
    np.testing.assert_array_equal(hessian(norm, [0.0, 0.0]), np.zeros((2, 2)))


def test_what_keeps_from_dividing_by_zero_changes_nothing_else():
    """Lengths and deviations that are exactly 1, where a guard against 0/0 could get in the way, have their usual slopes."""
    assert_slopes(norm, [1.0, 0.0], [1, 0])
    assert_slopes(std, [1.0, -1.0], [0.5, -0.5])
    assert_slopes(lambda x: hypot(x, 0.0), [1.0, -1.0], [1, -1])
    assert_slopes(lambda x: hypot(0.0, x), [1.0, -1.0], [1, -1])


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


def test_einsum_over_an_axis_that_broadcasts():
    """An axis of length 1 against a longer one is used many times; its gradient has its shape, and is their sum."""
    for subscripts, expected in [("ij,ij->ij", [[3, 5, 7]]), ("ij,ij->j", [[3, 5, 7]]), ("ij,ij->", [[3, 5, 7]])]:
        x, y = Tensor(np.ones((1, 3)), requires_grad=True), Tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], requires_grad=True)
        einsum(subscripts, x, y).sum().backward()
        np.testing.assert_array_equal(x.grad, expected)
        np.testing.assert_array_equal(y.grad, np.ones((2, 3)))
    assert_slopes(lambda x: einsum("ij,ij->i", x, np.ones((2, 3))), np.ones((2, 1)), [[3], [3]])


# Matrices


def test_determinant_of_a_singular_matrix():
    """The slope of det is the matrix of cofactors, where there is no inverse too; the second derivatives are right as well."""
    assert_slopes(det, [[1.0, 2.0], [2.0, 4.0]], [[4, -2], [-2, 1]])
    assert_slopes(det, np.zeros((2, 2)), np.zeros((2, 2)))
    assert_slopes(det, [[0.0]], [[1]])
    assert_slopes(det, np.diag([0.0, 2.0, 3.0]), np.diag([6.0, 0, 0]))
    assert_slopes(det, [[[1.0, 2.0], [2.0, 4.0]], [[2.0, 0.0], [0.0, 3.0]]], [[[4, -2], [-2, 1]], [[3, 0], [0, 2]]])
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 1, 1] = expected[1, 1, 0, 0] = 1
    expected[0, 1, 1, 0] = expected[1, 0, 0, 1] = -1
    for x in (np.zeros((2, 2)), np.ones((2, 2)), np.eye(2)):
        np.testing.assert_allclose(hessian(det, x), expected, atol=1e-15)


def test_logarithm_of_a_singular_determinant():
    """log|det x| falls to −inf there and has no slope; the error says what NumPy says."""
    x = Tensor(np.ones((2, 2)), requires_grad=True)
    sign, logabsdet = slogdet(x)
    assert sign.item() == 0 and logabsdet.item() == -inf
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        logabsdet.backward()


def test_cholesky_reads_the_lower_triangle():
    """What NumPy does not read has no gradient; what stands for both places has that of both."""
    assert_slopes(lambda x: cholesky(x)[1, 0], [[4.0, 99.0], [2.0, 5.0]], [[-0.125, 0], [0.5, 0]])
    assert_slopes(lambda x: cholesky(x, upper=True)[0, 1], [[4.0, 2.0], [99.0, 5.0]], [[-0.125, 0.5], [0, 0]])


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
    assert_slopes(lambda y: 0**y, [0.0, 1.0, 2.5], [0, 0, 0])
    assert_slopes(lambda y: Tensor(0.0) ** y, [0.0, 1.0, 2.5], [0, 0, 0])
    with np.errstate(invalid="ignore"):
        assert_slopes(lambda y: Tensor(-2.0) ** y, [2.0, 0.5], [nan, nan])


def test_logarithm_outside_of_its_domain():
    """The slope of log is 1/x wherever that is a number: inf at 0, −1 at −1, where the value is NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_slopes(log, [0.0, -1.0], [inf, -1])
        assert np.isnan(log(Tensor(-1.0)).item())
        assert_slopes(lambda x: x * log(x), 0.0, nan)


def test_slopes_at_poles():
    """At the ends of their domains slopes are infinite, with the sign of the side where the function is."""
    with np.errstate(divide="ignore"):
        assert_slopes(cbrt, 0.0, inf)
        assert_slopes(reciprocal, 0.0, -inf)
        assert_slopes(arcsin, [-1.0, 1.0], [inf, inf])
        assert_slopes(arccos, [-1.0, 1.0], [-inf, -inf])
        assert_slopes(arctanh, 1.0, inf)
        assert_slopes(arctanh, -1.0, inf)
        assert_slopes(arccosh, 1.0, inf)
        assert_slopes(log2, 0.0, inf)
        assert_slopes(log10, 0.0, inf)
        assert_slopes(log1p, -1.0, inf)


def test_angle_of_the_origin():
    """The origin has no angle, and arctan2 no slope there."""
    with np.errstate(invalid="ignore"):
        assert_slopes(lambda x: arctan2(x, 0.0), 0.0, nan)


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
        (lambda x: logaddexp(x, 0), [-1000.0, 1000.0, -inf], 1000, [0, 1, 0]),
        (lambda x: logaddexp(x, -inf), [3.0], 3, [1]),
        (softplus, [-1000.0, 1000.0], 1000, [0, 1]),
        (silu, [-1000.0, 1000.0], 1000, [0, 1]),
        (gelu, [-1000.0, 1000.0], 1000, [0, 1]),
        (lambda x: gelu(x, "tanh"), [-1000.0, 1000.0], 1000, [0, 1]),
        (elu, [-1000.0, 1000.0], 999, [0, 1]),
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
    assert_slopes(lambda x: logaddexp(x, -inf), -inf, 0)
    assert_slopes(lambda x: logaddexp(-inf, x), -inf, 0)


# Always


def test_repeated_indices_add_up():
    """An element picked twice gets both gradients."""
    assert_slopes(lambda x: x[[0, 0, 1]], [5.0, 6.0], [2, 1])
    assert_slopes(lambda x: take(x, [0, -2, 1]), [5.0, 6.0], [2, 1])


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
