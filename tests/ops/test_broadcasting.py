"""Repetition to a larger shape: the gradient is summed over it."""

import numpy as np
from networks import leaf

from microgradnn import broadcast_arrays, meshgrid
from microgradnn.ops.broadcasting import fits


def test_gradients_are_summed_over_repetitions():
    """Each element gets as much as there are copies of it."""
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0, 5.0])
    for z in meshgrid(x, y):
        z.sum().backward()
    np.testing.assert_array_equal(x.grad, [3, 3])
    np.testing.assert_array_equal(y.grad, [2, 2, 2])


def test_constants_stay_arrays():
    """What is no Tensor comes back as an array, beside those that are."""
    x, c = broadcast_arrays(leaf([1.0, 2.0]), 5.0)
    assert x.requires_grad and type(c) is np.ndarray and c.shape == (2,)


def test_what_fits():
    """As NumPy decides it, for all short shapes."""
    shapes = [(), (1,), (2,), (1, 2), (2, 1), (2, 2), (0,), (2, 0)]
    for shape in shapes:
        for room in shapes:
            try:
                np.broadcast_to(np.zeros(shape), room)
            except ValueError:
                assert not fits(shape, room)
            else:
                assert fits(shape, room)
