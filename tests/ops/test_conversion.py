"""Other types, which must carry a gradient where there is one, and copies in memory of their own."""

import numpy as np
from messages import W, message
from networks import leaf

from microgradnn import Tensor, copy, ops


def test_a_copy_has_memory_of_its_own():
    """What is done to its values does not reach the original; the gradient does."""
    x = leaf([1.0, 2.0])
    z = x.copy()
    z.data[0] = 7.0
    np.testing.assert_array_equal(x.data, [1, 2])
    (z * z).sum().backward()
    np.testing.assert_array_equal(x.grad, [14, 4])
    assert copy(leaf(np.float32([1, 2]))).dtype == np.float32


def test_plain_arrays_become_whole_numbers():
    """Without a gradient to lose, astype takes any type."""
    assert ops.astype(np.array([1.7, -1.7]), int).tolist() == [1, -1]
    assert ops.astype(Tensor([1.7, -1.7]), int).dtype == int


def test_a_gradient_through_whole_numbers():
    """What requires a gradient cannot be made into whole numbers on the way."""
    assert message(TypeError, lambda: W.astype("int64")) == (
        "'W' of shape (2, 3) requires a gradient, which int64 cannot carry: it does not change by a little.\n"
        "On values alone it works: tensor.numpy().astype(dtype)."
    )
