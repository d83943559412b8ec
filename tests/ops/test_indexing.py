"""Indexing, sorting and taking: every kind of index NumPy has, and elements that are picked twice or tied."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import W, message
from networks import leaf
from slopes import assert_slopes
from strategies import generators, indices, real, shapes

from microgradnn import Tensor, sort, take


def test_tied_elements_are_sorted_each_with_its_own_gradient():
    """sort keeps the order of equal elements, and gives each the gradient of the place where it went."""
    x = Tensor([2.0, 1.0, 2.0, 1.0], requires_grad=True)
    sort(x).backward([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(x.grad, [3, 1, 4, 2])


def test_repeated_indices_add_up():
    """An element picked twice gets both gradients."""
    assert_slopes(lambda x: x[[0, 0, 1]], [5.0, 6.0], [2, 1])
    assert_slopes(lambda x: take(x, [0, -2, 1]), [5.0, 6.0], [2, 1])


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("index", [0, (slice(None), 1), (..., slice(1, 3))])
def test_many_repeated_indices_add_up(order, index):
    """Where many more elements are picked than there are, by rows, columns or blocks, each counts as often as it is."""
    rng = np.random.default_rng(0)
    x = Tensor(np.asarray(rng.normal(size=(4, 5, 3)), order=order), requires_grad=True)
    picks, factors = rng.integers(-4, 4, size=50), np.asarray(rng.normal(size=(50, 5, 3)), order=order)
    (x[picks] * factors)[index].sum().backward()
    expected = np.zeros((4, 5, 3))
    for i, factor in zip(picks, factors, strict=True):
        expected[i] += factor
    shown = np.zeros_like(expected)
    if index == 0:
        shown[picks[0]] = factors[0]
    else:
        shown[index] = expected[index]
    np.testing.assert_allclose(x.grad, shown, rtol=1e-12)


def test_index_out_of_bounds():
    """An index error is NumPy's, with the index and the Tensor."""
    assert message(IndexError, lambda: W[0, 5]) == (
        "getitem(index=(0, 5)) cannot be computed for x = 'W' of shape (2, 3): index 5 is out of bounds for axis 1 with size 3"
    )


@given(st.data())
def test_indexing_is_numpys(data):
    """x[index] is what NumPy says, for every kind of index, and its gradient counts how often each element was picked."""
    shape = data.draw(shapes())
    array, index = real(shape, data.draw(generators)), data.draw(indices(shape))
    x = leaf(array)
    z = x[index]
    np.testing.assert_array_equal(z.data, array[index])
    z.backward(np.ones(z.shape))
    positions = np.arange(array.size).reshape(shape)[index]
    np.testing.assert_array_equal(x.grad.ravel(), np.bincount(np.ravel(positions), minlength=array.size))


def test_tensors_as_indices():
    """A Tensor of whole numbers or of booleans indexes as its values do, alone or in a tuple."""
    x, rows, mask = leaf(np.eye(3)), Tensor(np.array([2, 0])), Tensor([True, False, True])
    np.testing.assert_array_equal(x[rows].data, np.eye(3)[[2, 0]])
    np.testing.assert_array_equal(x[mask].data, np.eye(3)[[0, 2]])
    np.testing.assert_array_equal(x[rows, mask].data, np.eye(3)[[2, 0], [0, 2]])
    np.testing.assert_array_equal(x[x > 0].data, [1, 1, 1])


@pytest.mark.parametrize("axis", [0, -1])
def test_a_number_along_axis_0(axis):
    """Where NumPy takes a number for a row of one element, so do we, with its gradient; along axis 1 neither does."""
    for call, slope in (
        (lambda x, axis: np.repeat(x, 3, axis=axis), 3),
        (lambda x, axis: np.take(x, 0, axis=axis), 1),
        (lambda x, axis: np.take(x, [0, 0], axis=axis), 2),
    ):
        x = leaf(2.0)
        z = call(x, axis)
        np.testing.assert_array_equal(z.data, call(np.float64(2.0), axis), strict=True)
        z.sum().backward()
        assert x.grad == slope
        for number in (x, np.float64(2.0)):
            with pytest.raises(np.exceptions.AxisError):
                call(number, 1)


@given(data=st.data())
def test_positions_are_numpys_whatever_their_type(data):
    """take and take_along_axis read positions of every dtype as NumPy does, or refuse them with it: booleans are no mask."""
    dtype = data.draw(st.sampled_from(["bool", "uint8", "int8", "int64", "float64"]))
    positions = np.asarray(data.draw(st.lists(st.integers(0, 1), min_size=1, max_size=4))).astype(dtype)
    x = np.array([5.0, 6.0, 7.0])
    for function, arguments in [(np.take, (positions,)), (np.take_along_axis, (positions, 0))]:
        try:
            expected = function(x, *arguments)
        except (TypeError, IndexError):
            with pytest.raises((TypeError, IndexError)):
                function(Tensor(x), *arguments)
        else:
            np.testing.assert_array_equal(function(Tensor(x), *arguments).data, expected)
