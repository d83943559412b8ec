"""Python's operators: with anything on either side, and in single precision."""

import operator

import numpy as np
import pytest
from networks import leaf

from microgradnn import Tensor, grad

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


X = np.array([1.0, 2.0, 4.0])


OTHERS = [2, 2.5, True, np.float64(3), np.int64(3), X, X.astype(int), [1.0, 2.0, 3.0], [3, 2, 1], Tensor(X)]


@pytest.mark.parametrize("apply", OPERATORS, ids=[apply.__name__ for apply in OPERATORS])
@pytest.mark.parametrize("other", OTHERS, ids=repr)
def test_operators_with_anything_on_either_side(apply, other):
    """Numbers, NumPy scalars, arrays, lists and Tensors work on the left and on the right, as they do with an array."""
    x, values = leaf(X), np.asarray(other.data if isinstance(other, Tensor) else other)
    for z, expected in [(apply(x, other), apply(X, values)), (apply(other, x), apply(values, X))]:
        assert type(z) is Tensor
        np.testing.assert_array_equal(z.data, expected)
        assert grad(z.sum(), x).shape == x.shape


def test_matmul_on_either_side():
    """@ takes lists and arrays on either side too."""
    x = leaf(np.eye(3))
    for z in (x @ X, X @ x, x @ X.tolist(), X.tolist() @ x, np.matmul(X, x), x @ Tensor(X), Tensor(X) @ x):
        assert type(z) is Tensor and z.requires_grad
        np.testing.assert_array_equal(z.data, X)


def test_signs_and_python_functions():
    """-x, +x, abs(x) and sum(tensors) are operations too."""
    x = leaf([-1.0, 2.0])
    np.testing.assert_array_equal((-x).data, [1, -2])
    np.testing.assert_array_equal((+x).data, x.data)
    np.testing.assert_array_equal(abs(x).data, [1, 2])
    assert sum(x).item() == 1
    assert all(z.requires_grad for z in (-x, +x, abs(x), sum(x)))


@pytest.mark.parametrize("apply", OPERATORS, ids=[apply.__name__ for apply in OPERATORS])
def test_python_numbers_keep_single_precision(apply):
    """float32 with a Python number stays float32, on either side; with float64 from NumPy it becomes what NumPy makes of it."""
    x = leaf(X.astype(np.float32))
    assert apply(x, 2).dtype == apply(2, x).dtype == apply(x, 2.5).dtype == apply(2.5, x).dtype == np.float32
    assert apply(x, X).dtype == apply(X, x).dtype == np.float64
    assert apply(x, np.float64(2)).dtype == apply(x.data, np.float64(2)).dtype  # before NumPy 2.2, of ** it was float32
