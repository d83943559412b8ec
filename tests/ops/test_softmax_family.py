"""logsumexp and what is made of it: the convention where nothing is summed."""

import numpy as np
from numpy import inf
from slopes import assert_slopes

from microgradnn import Tensor, logaddexp, logsumexp


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
