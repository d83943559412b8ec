"""Pieces: put together again they are what was cut, and a piece that is not used has gradient 0."""

import numpy as np
import pytest
from networks import leaf

from microgradnn import Tensor, array_split, concatenate, dsplit, hsplit, split, stack, unstack, vsplit


@pytest.mark.parametrize(("cut", "axis"), [(split, 0), (array_split, 0), (vsplit, 0), (hsplit, 1), (dsplit, 2)])
def test_put_together_again(cut, axis):
    """concatenate undoes each of them, along the axis of its name."""
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(concatenate(cut(Tensor(x), [1]), axis).data, x)


def test_stack_undoes_unstack():
    """Along any axis."""
    x = np.arange(6.0).reshape(2, 3)
    for axis in (0, 1, -1):
        np.testing.assert_array_equal(stack(unstack(Tensor(x), axis=axis), axis).data, x)


def test_a_piece_alone():
    """The gradient of one piece is 0 elsewhere."""
    x = leaf(np.arange(5.0))
    array_split(x, 2)[1].sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0, 0, 1, 1])
