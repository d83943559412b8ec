"""Scattered: gradients of elements, added up without their zeros."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from microgradnn import Tensor, grad, stack
from microgradnn.ops import Getitem
from microgradnn.scattered import Scattered, dense

SHAPE = 3, 4


def parts(**options):
    """Indices into an array of that shape which pick no element twice, None and arrays left out."""
    return hnp.basic_indices(SHAPE, allow_newaxis=False, **options)


@given(st.lists(st.one_of(parts(), st.none()), min_size=1, max_size=6), st.integers(0, 99))
def test_the_sum_is_that_of_the_arrays(indices, seed):
    """Added in any order, also to arrays (None), they are the sum of the arrays that they stand for, to the last bit."""
    rng = np.random.default_rng(seed)
    terms, arrays = [], []
    for index in indices:
        values = rng.normal(size=np.zeros(SHAPE)[... if index is None else index].shape)
        terms.append(values if index is None else Scattered(SHAPE, index, values))
        arrays.append(dense(terms[-1]))
    total, expected = terms[0], arrays[0]
    for term, array in zip(terms[1:], arrays[1:], strict=True):
        total, expected = total + term, expected + array
    assert np.array_equal(dense(total), expected)
    assert (total.shape, total.dtype) == (SHAPE, expected.dtype)


@pytest.mark.parametrize(
    "of", [np.sum, np.asarray, np.negative, len, lambda x: x[0], lambda x: 2 * x, lambda x: x.sum(axis=0), lambda x: x - 1]
)
def test_it_is_an_array_like_any_other(of):
    """Functions, methods and operators of NumPy's make of it what they make of the array."""
    dx = Scattered(SHAPE, 1, np.arange(4.0))
    assert np.array_equal(of(dx), of(dx.dense()))
    assert repr(dx) == repr(dx.dense())


def test_what_a_sum_was_made_of_stays():
    """A sum shares no memory with what was added, and adding to it changes nothing that there was before."""
    values, array = np.ones(4), np.ones(SHAPE)
    first = Scattered(SHAPE, 0, values)
    second, total = first + first, array + first
    for x in (second, total):
        x.dense()[...] = 7
    assert values.tolist() == [1] * 4
    assert array.tolist() == [[1] * 4] * 3
    assert first.dense().sum() == 4
    assert second.dense().sum() == 8


def test_rules_of_elements_leave_the_zeros_out():
    """The rule of x[i] gives elements alone, where they are numbers and each is picked once; else all of the array."""
    x = np.ones(SHAPE)
    assert type(Getitem(1).dx(x[1], x[1], x)) is Scattered
    assert type(Getitem([1, 1]).dx(x[[1, 1]], x[[1, 1]], x)) is np.ndarray
    for rows, is_scattered in (([0, 2], True), ([2, 0], False), ([0, 0], False), ([-1, 2], False), ([-3, 0], False)):
        for index in (np.array(rows), (np.array(rows), np.array([1, 1])), (slice(None), np.array(rows))):
            assert (type(Getitem(index).dx(x[index], x[index], x)) is Scattered) == is_scattered
    assert type(Getitem(1).dx(Tensor(x[1]), x[1], x)) is Tensor


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradients_through_elements_are_arrays(dtype):
    """x.grad is an array of x's dtype in memory of its own, however x was used: by elements, whole, both after the other."""
    x = Tensor(np.arange(1, 4), requires_grad=True, dtype=dtype)
    y = x * 2
    L = (x[0] * x[1] + (x * x).sum() + y[1:].sum() + y[0] * stack([*x]).sum()).sum()
    L.backward()
    expected = [2 + 2 * 1 + 2 * 6 + 2, 1 + 2 * 2 + 2 + 2, 2 * 3 + 2 + 2]
    for node, values in (x, expected), (y, [6, 1, 1]):
        assert type(node.grad) is np.ndarray
        assert node.grad.dtype == dtype
        assert node.grad.tolist() == values
    assert grad(L, x).tolist() == expected
    L.backward()
    assert x.grad.tolist() == [2 * value for value in expected]
    assert not np.shares_memory(x.grad, y.grad)


def test_hooks_see_arrays():
    """Who watches is told of arrays: a hook on what was picked from, and its answer is passed on."""
    x, seen = Tensor([1.0, 2.0], requires_grad=True), []
    y = x * 1
    y.register_hook(lambda dy: (seen.append(dy), dy * 10)[1])
    y[0].backward()
    assert type(seen[0]) is np.ndarray
    assert x.grad.tolist() == [10, 0]
