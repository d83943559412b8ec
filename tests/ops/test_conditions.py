"""Choices: each element's gradient goes to the array that it came from, and to no other."""

import numpy as np
from networks import leaf

from microgradnn import choose, compress, grad, select


def test_the_first_condition_that_holds():
    """Where two hold, the first counts; where none does, the default has the gradient."""
    x, y, d = leaf([1.0, 2.0, 3.0]), leaf([4.0, 5.0, 6.0]), leaf(7.0)
    z = select([[True, False, False], [True, True, False]], [x, y], d)
    np.testing.assert_array_equal(z.data, [1, 5, 7])
    for slope, expected in zip(grad(z.sum(), [x, y, d]), [[1, 0, 0], [0, 1, 0], 1], strict=True):
        np.testing.assert_array_equal(slope, expected)


def test_a_choice_that_is_not_taken_does_not_matter():
    """NaN in it reaches neither the value nor a gradient."""
    x, y = leaf([1.0, np.nan]), leaf([np.nan, 2.0])
    z = choose([0, 1], [x, y])
    np.testing.assert_array_equal(z.data, [1, 2])
    assert [slope.tolist() for slope in grad(z.sum(), [x, y])] == [[1, 0], [0, 1]]


def test_conditions_of_tensors():
    """A comparison of Tensors is a condition; the first of two axes by default is none: x in one row."""
    x = leaf([[1.0, -2.0], [3.0, -4.0]])
    np.testing.assert_array_equal(compress(x.ravel() > 0, x).data, [1, 3])
