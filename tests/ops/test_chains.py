"""Products of many matrices: their order, and what is refused."""

import numpy as np
import pytest
from slopes import assert_slopes

from microgradnn import Tensor, matrix_power, multi_dot
from microgradnn.ops.chains import _cheapest_cuts


def cost(lengths, cuts, i, j):
    """Multiplications that the product of the matrices from i to j takes."""
    if i == j:
        return 0
    cut = cuts[i, j]
    return cost(lengths, cuts, i, cut) + cost(lengths, cuts, cut + 1, j) + lengths[i] * lengths[cut + 1] * lengths[j + 1]


def least(lengths):
    """The fewest multiplications, by trying all orders: any two neighbours may be multiplied first."""
    return min(
        (
            lengths[i - 1] * lengths[i] * lengths[i + 1] + least(lengths[:i] + lengths[i + 1 :])
            for i in range(1, len(lengths) - 1)
        ),
        default=0,
    )


def test_the_order_is_the_cheapest(rng):
    """For random lengths no order takes fewer multiplications."""
    for count in range(2, 6):
        for _ in range(20):
            lengths = rng.integers(1, 9, count + 1).tolist()
            assert cost(lengths, _cheapest_cuts(lengths), 0, count - 1) == least(lengths)


def test_the_power_of_none_is_the_identity():
    """x⁰ is 1 whatever x is, so its gradient is 0."""
    assert_slopes(lambda x: matrix_power(x, 0), [[1.0, np.nan], [0.0, 2.0]], np.zeros((2, 2)))


X = Tensor(np.ones((2, 3)), name="x")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: matrix_power(X, 2), np.linalg.LinAlgError, "matrix_power is for square matrices; it was given 'x' of shape"),
        (lambda: matrix_power(X[:, :2], 0.5), TypeError, "integer"),
        (lambda: matrix_power(X[:, :2], -1), np.linalg.LinAlgError, "Singular matrix"),
        (lambda: multi_dot([X]), ValueError, "multi_dot multiplies two matrices or more.* 'x' of shape .2, 3"),
        (lambda: multi_dot([]), ValueError, "it was given none"),
        (lambda: multi_dot([X, X[0], X]), ValueError, "the first and the last may be vectors"),
        (lambda: multi_dot([X, X, X]), ValueError, "matmul cannot be computed"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, words):
    """The message names the operation and what it was given."""
    with pytest.raises(error, match=words):
        call()
