"""The conventions at the edges of calculus that several families of operations share; those of one stand in tests/ops.

What a gradient is where the derivative is not defined, or is infinite, is in order of preference: the true derivative; the
subgradient of least norm; by continuity; NaN. Where NumPy warns of the forward value or of the slope, the test says so; where
nothing is wrong, a warning would fail it.
"""

import numpy as np
import pytest
from numpy import inf
from slopes import assert_slopes, hessian, slopes

from microgradnn import (
    Tensor,
    abs,
    arccos,
    arccosh,
    arcsin,
    arctanh,
    cbrt,
    elu,
    gelu,
    hypot,
    log1p,
    log2,
    log10,
    log_softmax,
    logaddexp,
    logsumexp,
    norm,
    reciprocal,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    std,
    tanh,
)

# Kinks


@pytest.mark.parametrize("function", [relu, abs], ids=["relu", "abs"])
def test_slope_at_a_kink_is_zero(function):
    """At 0, relu and abs have slope 0: the subgradient of least norm."""
    assert_slopes(function, [0.0, -0.0], [0, 0])


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


# Powers, roots, logarithms


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


# Always


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
