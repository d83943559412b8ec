"""x.at[index]: NumPy's assignment to elements, as a new Tensor, whose gradients go to what stands there now."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import message
from networks import leaf
from strategies import assert_gradient, generators, indices, numeric_gradients, real, shapes

from microgradnn import Tensor, grad, jacobian, unroll

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def assigned(x, index, y):
    """What NumPy's x[index] = y leaves."""
    x = x.copy()
    x[index] = y
    return x


@given(st.data())
def test_set_is_numpys_assignment(data):
    """For every kind of index, values that broadcast too; each element's gradient goes to where it came from."""
    shape = data.draw(shapes())
    index, rng = data.draw(indices(shape)), data.draw(generators)
    room = np.shape(np.zeros(shape)[index])
    x, y = real(shape, rng), real(data.draw(st.sampled_from([room, room[1:], ()])), rng)
    leaves = leaf(x), leaf(y)
    z = leaves[0].at[index].set(leaves[1])
    expected = assigned(x, index, y)
    np.testing.assert_array_equal(z.data, expected)
    weights = rng.normal(size=shape)
    found = grad((weights * z).sum(), leaves)
    slopes = numeric_gradients(lambda x, y: np.sum(weights * assigned(x, index, y)), [x, y])
    for name, dx, slope in zip("xy", found, slopes, strict=True):
        assert_gradient(name, dx, slope, "central differences")


@given(st.data())
def test_add_is_numpys_add_at(data):
    """What is added to an element that is named twice is added twice."""
    shape = data.draw(shapes())
    index, rng = data.draw(indices(shape)), data.draw(generators)
    x, y = real(shape, rng), real(np.shape(np.zeros(shape)[index]), rng)
    expected = x.copy()
    np.add.at(expected, index, y)
    leaves = leaf(x), leaf(y)
    z = leaves[0].at[index].add(leaves[1])
    np.testing.assert_allclose(z.data, expected, rtol=1e-15)
    dz = rng.normal(size=shape)
    dx, dy = grad(z, leaves, dz)
    np.testing.assert_array_equal(dx, dz)
    np.testing.assert_array_equal(dy, dz[index])


def test_of_one_named_twice_the_last_value_counts():
    """As in NumPy, and only that value has a gradient; a number that is put there twice is there once."""
    x, y, c = leaf(X[0]), leaf([7.0, 8.0, 9.0]), leaf(5.0)
    z = x.at[[0, -3, 2]].set(y)
    np.testing.assert_array_equal(z.data, [8, 2, 9])
    for slope, expected in zip(grad(z.sum(), [x, y]), [[0, 1, 0], [0, 1, 1]], strict=True):
        np.testing.assert_array_equal(slope, expected)
    assert grad(x.at[[1, 1]].set(c).sum(), c) == 1


def test_multiply():
    """Elements are multiplied in place of others; the second order is there."""
    x, y = leaf(X), leaf([10.0, 100.0])
    z = x.at[:, 1].multiply(y)
    np.testing.assert_array_equal(z.data, [[1, 20, 3], [4, 500, 6]])
    dx, dy = grad((z * z).sum(), [x, y])
    np.testing.assert_array_equal(dx, [[2, 400, 6], [8, 100000, 12]])
    np.testing.assert_array_equal(dy, [2 * 10 * 4, 2 * 100 * 25])
    second = jacobian(lambda y: grad((x.at[:, 1].multiply(y) ** 2).sum(), y, create_graph=True))(np.array([10.0, 100.0]))
    np.testing.assert_array_equal(second, np.diag([8.0, 50.0]))


def test_values_get_the_dtype_of_the_elements():
    """float32 stays float32, whatever is put there; whole numbers take no gradient and say so."""
    x = Tensor(X.astype(np.float32), requires_grad=True)
    for z in (x.at[0].set(np.ones(3)), x.at[0].add(2.5), x.at[0, 0].multiply(np.float64(2))):
        assert z.dtype == np.float32
    whole = Tensor(np.array([1, 2]))
    np.testing.assert_array_equal(whole.at[0].set(2.7).data, [2, 2], strict=True)
    with pytest.raises(TypeError, match=r"requires a gradient, which int64 cannot carry"):
        whole.at[0].set(leaf(2.5))


def test_what_does_not_fit():
    """The message names the Tensor, the method, and both shapes; an index out of bounds is NumPy's error."""
    x = leaf(X).named("x")
    assert message(ValueError, lambda: x.at[0].set([1.0, 2.0])) == (
        "'x' of shape (2, 3).at[...].set(...): values of shape (2,) do not broadcast to the elements, which have shape (3,)."
    )
    with pytest.raises(ValueError, match=r"add.*values of shape \(1, 3\) do not broadcast"):
        x.at[0].add(np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"multiply.*: the index names an element twice"):
        x.at[:, [0, 0]].multiply(2.0)
    with pytest.raises(IndexError, match="index 2 is out of bounds"):
        x.at[2].set(0.0)


def test_x_stays_as_it_is():
    """Neither x nor its gradient through other ways changes; a Tensor may be part of the index."""
    x = leaf(X)
    z = x.at[Tensor(np.array([1]))].set(0.0)
    np.testing.assert_array_equal(x.data, X)
    np.testing.assert_array_equal(grad((x + z).sum(), x), [[2, 2, 2], [1, 1, 1]])


def test_assignments_can_be_unrolled():
    """Written as NumPy source they assign to elements of a copy."""
    W, y = leaf(X).named("W"), leaf([7.0, 8.0]).named("y")
    by_hand = unroll((W.at[0, 1:].set(y).at[1].multiply(y[0]).at[:, 0].add(y) ** 2).sum(), [W, y])
    L, (dW, dy) = by_hand(W, y)
    z = W.at[0, 1:].set(y).at[1].multiply(y[0]).at[:, 0].add(y)
    expected = grad((z**2).sum(), [W, y])
    np.testing.assert_allclose(L, (z.data**2).sum())
    for found, right in zip((dW, dy), expected, strict=True):
        np.testing.assert_allclose(found, right)
    assert "[0, 1:] = y" in by_hand.source
