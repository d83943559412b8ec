"""Determinants: of singular matrices, and of nearly singular ones against exact rational numbers."""

from fractions import Fraction

import numpy as np
import pytest
from numpy import inf
from slopes import assert_slopes, hessian

from microgradnn import Tensor, det, grad, slogdet


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


def exact_determinant(rows):
    """The determinant of fractions, by elimination without rounding."""
    rows, product = [list(row) for row in rows], Fraction(1)
    for i in range(len(rows)):
        pivot = next((k for k in range(i, len(rows)) if rows[k][i]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != i:
            rows[i], rows[pivot], product = rows[pivot], rows[i], -product
        product *= rows[i][i]
        for k in range(i + 1, len(rows)):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [x - factor * y for x, y in zip(rows[k], rows[i], strict=True)]
    return product


def without(rows, i, j):
    return [[x for k, x in enumerate(row) if k not in j] for n, row in enumerate(rows) if n not in i]


def exact_second(x, direction):
    """Σ ∂²det/∂x[i, j]∂x[k, l] direction[k, l] for i, j = 0, 0: minors of two rows and columns, with their signs."""
    rows = [list(map(Fraction, row)) for row in x.tolist()]
    return sum(
        (-1) ** (k + n) * exact_determinant(without(rows, {0, k}, {0, n})) * Fraction(direction[k, n])
        for k in range(1, len(rows))
        for n in range(1, len(rows))
    )


@pytest.mark.parametrize("side", [3, 7])
@pytest.mark.parametrize("smallest", [1, 1e-5, 1e-14, 0])
def test_nearly_singular_determinants_against_fractions(side, smallest, rng):
    """First and second derivatives are right to twelve digits, however small a singular value, or two, may be."""
    for count in (1, 2):
        s = np.linspace(2, 1, side)
        s[-count:] = smallest
        x = np.linalg.qr(rng.normal(size=(side, side)))[0] * s @ np.linalg.qr(rng.normal(size=(side, side)))[0]
        direction, leaf = rng.normal(size=x.shape), Tensor(x, requires_grad=True)
        dx = grad(det(leaf), leaf, create_graph=True)
        ddx = grad((dx * direction).sum(), leaf)
        first = exact_determinant(without([list(map(Fraction, row)) for row in x.tolist()], {0}, {0}))
        np.testing.assert_allclose(dx.data[0, 0], float(first), rtol=0, atol=1e-12)
        np.testing.assert_allclose(ddx[0, 0], float(exact_second(x, direction)), rtol=0, atol=1e-12 * np.abs(ddx).max())


def test_many_singular_values_of_zero():
    """Of a large zero matrix, in a batch with another, the slope is 0, and it takes no memory for n⁴ numbers."""
    x = np.stack([np.zeros((40, 40)), np.eye(40)])
    assert_slopes(det, x, x, rtol=1e-13)
