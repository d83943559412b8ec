"""Matrices: products that do not fit, singular matrices, and the triangle that is read."""

import numpy as np
import pytest
from messages import W, b, message
from numpy import inf
from slopes import assert_slopes, hessian

from microgradnn import Tensor, cholesky, det, slogdet


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


def test_matrices_that_do_not_fit():
    """A product says which axes must agree."""
    assert message(ValueError, lambda: W @ b) == (
        "matmul cannot be computed for x = 'W' of shape (2, 3), y = 'b' of shape (4,): the shapes do not fit.\n"
        "The last axis of x must be as long as the second-to-last axis of y (its only one if y is 1-D): transpose one of them?"
    )
    assert message(ValueError, lambda: W @ 2) == (
        "matmul cannot be computed for x = 'W' of shape (2, 3), y = the number 2: a number has no axis to sum over.\n"
        "Use * instead of @."
    )
