"""Sums and products up to each position: with zeros, and along which axis."""

import numpy as np
import pytest
from slopes import assert_slopes

from microgradnn import Tensor, cumprod, cumulative_prod, cumulative_sum


def test_cumulative_product_with_a_zero():
    """Behind a zero all products are 0, and it alone can change that."""
    x = Tensor([2.0, 0.0, 5.0, 7.0], requires_grad=True)
    cumprod(x).backward([1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_array_equal(x.grad, [1, 20 + 1000 + 70000, 0, 0])
    assert_slopes(cumprod, [0.0, 0.0, 5.0], [1, 0, 0])


@pytest.mark.parametrize("function", [cumulative_sum, cumulative_prod])
def test_an_axis_must_be_told(function):
    """Of a matrix, which has two, NumPy's newer names want to know the axis."""
    with pytest.raises(ValueError, match="x has 2 axes; say along which"):
        function(Tensor(np.ones((2, 2))))


def test_products_of_a_number():
    """Of a number, axis 0 is taken, as in NumPy; its slope is 1."""
    assert_slopes(lambda x: cumprod(x, axis=0), 3.0, 1)
