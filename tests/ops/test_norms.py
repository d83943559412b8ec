"""Norms: slopes where a norm is 0, where singular values are, and what is refused."""

import numpy as np
import pytest
from numpy import inf
from slopes import assert_slopes

from microgradnn import Tensor, cond, grad, matrix_norm, norm, svdvals, vector_norm


@pytest.mark.parametrize("p", [None, 1, 2, 3, 1.5, 2.5, 0.5, -1, -2, inf, -inf])
def test_a_zero_row_has_slope_zero(p):
    """Of any order, and so have its derivatives, up to the third; the other row keeps its own."""
    x, alone = Tensor([[0.0, 0.0], [1.0, -2.0]], requires_grad=True), Tensor([[1.0, -2.0]], requires_grad=True)
    with np.errstate(divide="ignore"):  # 0⁻¹, in the value, as NumPy has it
        z, z_alone = norm(x, p, axis=1).sum(), norm(alone, p, axis=1).sum()
    for _ in range(3):
        dx, dx_alone = grad(z, x, create_graph=True), grad(z_alone, alone, create_graph=True)
        np.testing.assert_array_equal(dx.data[0], [0, 0])
        np.testing.assert_array_equal(dx.data[1:], dx_alone.data)
        if not dx.requires_grad:
            break
        z, z_alone = (dx * [1.0, 3.0]).sum(), (dx_alone * [1.0, 3.0]).sum()


def test_norms_of_singular_values():
    """2 is the largest, −2 the smallest, "nuc" their sum: of a diagonal matrix, its elements without their signs."""
    x = np.diag([3.0, -2.0, 1.0])
    assert_slopes(lambda x: norm(x, 2), x, np.diag([1.0, 0, 0]), rtol=1e-14)
    assert_slopes(lambda x: norm(x, -2), x, np.diag([0.0, 0, 1]), rtol=1e-14)
    assert_slopes(lambda x: norm(x, "nuc"), x, np.diag([1.0, -1, 1]), rtol=1e-14)
    assert_slopes(lambda x: norm(x, 2), np.eye(2), np.eye(2) / 2, rtol=1e-14)  # what ties shares evenly, as of max


@pytest.mark.parametrize("ord", [2, -2, "nuc", "fro"])
def test_a_zero_matrix_has_slope_zero(ord):
    """As the norm of a vector has."""
    assert_slopes(lambda x: norm(x, ord), np.zeros((2, 3)), np.zeros((2, 3)))


def test_the_nuclear_norm_of_a_matrix_of_lower_rank():
    """Singular values that are 0 up to rounding add nothing: the least of the slopes that would do, U₁ V₁ᵀ."""
    assert_slopes(lambda x: norm(x, "nuc"), np.ones((2, 2)), np.full((2, 2), 0.5), rtol=1e-14)
    assert_slopes(lambda x: norm(x, "nuc"), np.ones((3, 2)), np.full((3, 2), 6**-0.5), rtol=1e-14)


def test_condition_numbers():
    """σ₁/σ₂ of diag(3, 2), by 3 and by 2, and the same of the product of norms."""
    expected = np.diag([0.5, -0.75])
    assert_slopes(cond, np.diag([3.0, 2.0]), expected, rtol=1e-14)
    assert_slopes(lambda x: cond(x, 1), np.diag([3.0, 2.0]), expected, rtol=1e-14)
    with np.errstate(divide="ignore", invalid="ignore"):
        assert cond(Tensor(np.zeros((2, 2)) + np.diag([1.0, 0.0]))).item() == inf


def test_the_norm_that_counts():
    """Of order 0 it is how many elements are not 0, with slope 0."""
    assert_slopes(lambda x: norm(x, 0), [0.0, -2.0, 5.0], [0, 0, 0])
    np.testing.assert_array_equal(norm(Tensor([[0.0, -2.0, 5.0], [0.0, 0.0, 1.0]]), 0, axis=1).data, [2, 1])


X = Tensor(np.ones((2, 3)), name="x")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: vector_norm(X, ord="nuc"), ValueError, "norm.ord='nuc'. over 1 axes is not one"),
        (lambda: vector_norm(X, axis=2), np.exceptions.AxisError, "vector_norm: axis 2"),
        (lambda: matrix_norm(X, ord=3), ValueError, "norm.ord=3. over 2 axes is not one"),
        (lambda: matrix_norm(X[0]), np.exceptions.AxisError, "norm: axis"),
        (lambda: cond(X, 1), np.linalg.LinAlgError, "must be square"),
        (lambda: svdvals(X[0]), np.linalg.LinAlgError, "at least two-dimensional"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, words):
    """The message names the operation and the axes."""
    with pytest.raises(error, match=words):
        call()
