"""Pseudo-inverses, least squares, and inverses of more axes: conventions, and where there is no derivative."""

import numpy as np
import pytest
from slopes import assert_slopes, slopes

from microgradnn import Tensor, grad, inv, lstsq, no_grad, pinv, solve, solve_triangular, tensorinv


def test_of_invertible_matrices_the_pseudo_inverse_is_the_inverse(rng):
    """Its gradient and second derivatives are those of inv."""
    x, weights = Tensor(rng.normal(size=(2, 3, 3)), requires_grad=True), rng.normal(size=(2, 3, 3))
    seconds = []
    for function in (pinv, inv):
        dx = grad((weights * function(x)).sum(), x, create_graph=True)
        seconds.append(grad((dx * weights).sum(), x))
    np.testing.assert_allclose(seconds[0], seconds[1], rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("rcond", [None, 0.9])
def test_a_pseudo_inverse_has_no_slope_where_it_jumps(rcond):
    """Where the rank is less than it could be, exactly or by rcond, the backward pass is refused; the value is NumPy's."""
    values = np.ones((3, 2)) if rcond is None else np.array([[1.0, 0.0], [0.0, 0.5]])
    x = Tensor(values, requires_grad=True)
    z = pinv(x, rcond)
    np.testing.assert_array_equal(z.data, np.linalg.pinv(values, rcond))
    with pytest.raises(np.linalg.LinAlgError, match="pinv: neither the rows nor the columns of the matrix are independent"):
        z.sum().backward()
    b = Tensor(np.ones(len(values)), requires_grad=True)
    for wanted in (x, b):
        with pytest.raises(np.linalg.LinAlgError, match="lstsq: neither"):
            grad(lstsq(x, b, rcond or 1e-9)[0].sum(), wanted)


def test_least_squares_solve_the_normal_equations(rng):
    """a⁺ b is (aᵀ a)⁻¹ aᵀ b, with the gradients of both, and residuals that stand for what is left."""
    a, b = Tensor(rng.normal(size=(5, 2)), requires_grad=True), Tensor(rng.normal(size=5), requires_grad=True)
    solution, residuals, rank, s = lstsq(a, b)
    normal = solve(a.T @ a, a.T @ b)
    assert rank == 2 and residuals.shape == (1,) and s.shape == (2,)
    for received, expected in zip(
        grad(solution @ [1.0, 2.0] + residuals.sum(), [a, b]),
        grad(normal @ [1.0, 2.0] + ((a @ normal - b) ** 2).sum(), [a, b]),
        strict=True,
    ):
        np.testing.assert_allclose(received, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    ("a", "b"), [(np.ones((3, 2)), np.ones(3)), (np.eye(2), np.ones((2, 3))), (np.ones((1, 2)), np.ones(1))]
)
def test_least_squares_return_what_numpy_returns(a, b):
    """Also of lower rank, and where there are no residuals: shapes, rank and values."""
    for received, expected in zip(lstsq(Tensor(a), b), np.linalg.lstsq(a, b), strict=True):
        assert np.shape(received) == np.shape(expected)
        np.testing.assert_allclose(getattr(received, "data", received), expected, atol=1e-14)


def test_a_pseudo_inverse_of_hermitian_matrices():
    """It is NumPy's where nothing is recorded, and refused where a gradient would be needed."""
    x = Tensor(np.eye(2), requires_grad=True, name="x")
    with pytest.raises(ValueError, match=r"pinv\(hermitian=True\) has no gradient for 'x'"):
        pinv(x, hermitian=True)
    with no_grad():
        np.testing.assert_array_equal(pinv(x, hermitian=True).data, np.eye(2))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: tensorinv(Tensor(np.ones((2, 3))), 1), np.linalg.LinAlgError, "square"),
        (lambda: tensorinv(Tensor(np.eye(2)), 0), ValueError, "ind counts axes, and must be 1 or more; it is 0"),
        (lambda: lstsq(Tensor(np.ones((2, 2, 2))), [1.0, 1.0]), np.linalg.LinAlgError, "lstsq is for a matrix, and one column"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, words):
    """The message names the operation and what it was given."""
    with pytest.raises(error, match=words):
        call()


def test_columns_that_are_orthogonal():
    """The pseudo-inverse of a column v is vᵀ / |v|²: at (1, 1), of the sum of its elements, no direction counts more."""
    assert_slopes(pinv, [[1.0], [1.0]], [[-0.5], [-0.5]], rtol=1e-14)
    assert slopes(pinv, np.ones((2, 1, 3))).shape == (2, 1, 3)


@pytest.mark.parametrize("lower", [False, True])
def test_triangular_systems(lower, rng):
    """It solves the triangle's system, for vectors and columns; the other triangle has no say and no gradient."""
    a, b = Tensor(rng.normal(size=(2, 3, 3)) + 3 * np.eye(3), requires_grad=True), rng.normal(size=(2, 3, 2))
    triangle = (np.tril if lower else np.triu)(a.data)
    z = solve_triangular(a, b, lower=lower)
    np.testing.assert_allclose(triangle @ z.data, b, atol=1e-12)
    np.testing.assert_allclose(solve_triangular(a[0], b[0, :, 0], lower=lower).data, z.data[0, :, 0], atol=1e-12)
    upstream = rng.normal(size=z.shape)
    z.backward(upstream)
    db = np.linalg.solve(triangle.swapaxes(-1, -2), upstream)
    np.testing.assert_allclose(a.grad, (np.tril if lower else np.triu)(-db @ z.data.swapaxes(-1, -2)), atol=1e-12)
    with pytest.raises(np.linalg.LinAlgError):
        solve_triangular(np.zeros((2, 2)), [1.0, 1.0])
