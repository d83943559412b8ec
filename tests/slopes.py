"""The slopes and second derivatives of a function at a point, as the tests of conventions compare them."""

import numpy as np

from microgradnn import (
    Tensor,
    grad,
)


def slopes(function, x):
    """∂(Σ function(x))/∂x."""
    x = Tensor(x, requires_grad=True)
    function(x).sum().backward()
    return x.grad


def assert_slopes(function, x, expected, rtol=1e-15):
    np.testing.assert_allclose(slopes(function, x), expected, rtol=rtol)


def hessian(function, x):
    """The second derivatives of function(x), one number, row by row."""
    x = Tensor(x, requires_grad=True)
    dx = grad(function(x), x, create_graph=True)
    return np.array([grad(dx[i], x) for i in np.ndindex(x.shape)]).reshape(x.shape * 2)
