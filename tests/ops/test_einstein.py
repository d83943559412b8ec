"""einsum: axes that broadcast, and its two spellings."""

import numpy as np
from slopes import assert_slopes

from microgradnn import Tensor, einsum


def test_einsum_over_an_axis_that_broadcasts():
    """An axis of length 1 against a longer one is used many times; its gradient has its shape, and is their sum."""
    for subscripts, expected in [("ij,ij->ij", [[3, 5, 7]]), ("ij,ij->j", [[3, 5, 7]]), ("ij,ij->", [[3, 5, 7]])]:
        x, y = Tensor(np.ones((1, 3)), requires_grad=True), Tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], requires_grad=True)
        einsum(subscripts, x, y).sum().backward()
        np.testing.assert_array_equal(x.grad, expected)
        np.testing.assert_array_equal(y.grad, np.ones((2, 3)))
    assert_slopes(lambda x: einsum("ij,ij->i", x, np.ones((2, 3))), np.ones((2, 1)), [[3], [3]])
