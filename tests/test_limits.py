"""Gradients where numbers are huge, infinite, NaN or zero, or a matrix nearly singular: right or NaN, never silently 0."""

import numpy as np
import pytest
from numpy import inf, nan

import microgradnn as mg
from microgradnn import Tensor, det, grad, hessian, logaddexp, max_pool2d, maximum, minimum, nn, norm, softplus


def slope(function, x):
    """The gradient of the sum of a function's value."""
    return grad(lambda x: function(x).sum())(np.asarray(x, float))


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (lambda x: logaddexp(x, 1e15), 1e15, 0.5),
        (lambda x: logaddexp(x, 1.0), inf, 1),
        (lambda x: logaddexp(1.0, x), inf, 1),
        (lambda x: logaddexp(inf, x), 1.0, 0),
        (lambda x: logaddexp(x, x), inf, 1),
        (lambda x: logaddexp(x, x), -inf, 0),
        (softplus, [inf, -inf, 1e15], [1, 0, 1]),
    ],
)
def test_logarithms_of_sums(function, x, expected):
    """log(eˣ + eʸ) has the slope σ(x − y), whatever the size of x and y; of equal infinities each has half."""
    np.testing.assert_array_equal(slope(function, x), expected)


@pytest.mark.parametrize("order", [1, 1.5, 2, 3, inf])
def test_norms_of_zero(order):
    """A row of zeros has slope 0, whatever the order of the norm, and does not disturb the others."""
    found = slope(lambda x: norm(x, order, axis=1), [[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_array_equal(found[0], [0, 0])
    np.testing.assert_allclose(found[1], slope(lambda x: norm(x, order), [3.0, 4.0]))
    assert np.isfinite(found).all() and found[1].any()


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_powers_of_zero():
    """0ʸ is 0 for y > 0, so its slope in y is 0; for y < 0 it is infinite, and falls without bound."""
    assert [slope(lambda y: 0.0**y, y) for y in (2.0, 0.0, -1.0)] == [0, 0, -inf]


def test_where_nan_is_the_largest():
    """The gradient of a maximum that is NaN goes to the NaN that made it so, and is not lost."""
    np.testing.assert_array_equal(slope(mg.max, [1.0, nan, 3.0]), [0, 1, 0])
    np.testing.assert_array_equal(slope(mg.min, [nan, nan, 3.0]), [0.5, 0.5, 0])
    np.testing.assert_array_equal(slope(lambda x: max_pool2d(x, 2), [[1.0, nan], [2.0, 3.0]]), [[0, 1], [0, 0]])
    assert slope(lambda x: maximum(x, 1.0), nan) == slope(lambda x: minimum(x, 1.0), nan) == 1


def test_certain_and_right():
    """The cross-entropy of a class that is certain and right is 0, and so is its slope."""
    logits, classes = np.array([inf, -inf]), np.array([1.0, 0.0])
    assert nn.binary_cross_entropy_with_logits(Tensor(logits), classes).item() == 0
    np.testing.assert_array_equal(slope(lambda x: nn.binary_cross_entropy_with_logits(x, classes), logits), [0, 0])


@pytest.mark.parametrize("n", [2, 4, 8])
def test_determinants_of_nearly_singular_matrices(n, rng):
    """First derivatives of det are right to rounding where the smallest singular value is 1e-14; of small ones second, too."""
    u, _, v = np.linalg.svd(rng.normal(size=(n, n)))
    singular = np.array([*range(1, n), 1e-14])
    x = u @ np.diag(singular) @ v
    others = [np.prod(np.delete(singular, i)) for i in range(n)]
    cofactors = np.linalg.det(u) * np.linalg.det(v) * u @ np.diag(others) @ v
    np.testing.assert_allclose(slope(det, x), cofactors, rtol=1e-9, atol=1e-12 * np.prod(singular[:-1]))
    if n == 2:
        np.testing.assert_allclose(hessian(det)(x)[0, 0], [[0, 0], [0, 1]], atol=1e-14)


def test_pooling_of_whole_numbers():
    """Max pooling with padding takes whole numbers, and keeps their type."""
    x = np.array([[1, 2], [-3, 4]])
    assert max_pool2d(Tensor(x), 2, padding=1).numpy().tolist() == [[1, 2], [-3, 4]]
