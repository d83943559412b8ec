"""logsumexp, softmax and its logarithm: where nothing is summed, and of one number."""

import numpy as np
import pytest
from numpy import inf
from slopes import assert_slopes

from microgradnn import Tensor, log_softmax, logaddexp, logsumexp, softmax


def test_logsumexp_of_nothing():
    """log Σ e^−inf is −inf with gradient 0, as its documentation says, and the other rows are as ever."""
    x = Tensor([[-inf, -inf], [0.0, 0.0]], requires_grad=True)
    z = logsumexp(x, axis=1)
    np.testing.assert_array_equal(z.data, [-inf, np.log(2)])
    z.backward([1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [[0, 0], [0.5, 0.5]])
    assert "−inf the value is −inf and the gradient is taken as 0" in logsumexp.__doc__
    assert_slopes(lambda x: logaddexp(x, -inf), -inf, 0)
    assert_slopes(lambda x: logaddexp(-inf, x), -inf, 0)


@pytest.mark.parametrize(
    "x", [Tensor(1.0), Tensor(1.0, requires_grad=True), Tensor([3.0])[0], np.float64(1), np.array(1.0), 1.0]
)
def test_softmax_of_one_number(x):
    """One number has no axis along which it could be weighed, though NumPy would take one; an axis of length 1 gives 1."""
    for function in (softmax, log_softmax, lambda x: softmax(x, axis=0)):
        with pytest.raises(
            ValueError, match=r"softmax weighs the numbers along an axis against each other; .* has no axis\.\n.*sigmoid"
        ):
            function(x)
    assert softmax([2.0]) == [1]
    assert softmax(Tensor([[2.0]]), axis=0).data == [[1]]


@pytest.mark.parametrize("function", [softmax, log_softmax, logsumexp])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, bool])
def test_of_whole_numbers(function, dtype):
    """The value is that of the same numbers as floats: differences of uint8 would wrap around."""
    x = np.array([100, 0, 50]).astype(dtype)
    np.testing.assert_array_equal(function(Tensor(x)).data, function(x.astype(float)))
