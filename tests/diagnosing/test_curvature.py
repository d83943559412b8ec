"""The curvature along the gradient, against the Hessian."""

import numpy as np

from microgradnn import Tensor, hessian, relu, tanh
from microgradnn.diagnosing.curvature import curvature_along_gradient
from microgradnn.ops import Op


def test_against_the_hessian():
    """gᵀ H g / gᵀ g, also where the parameters are two tensors; None where a rule has no second derivative or all is flat."""

    def f(w):
        return (tanh(w) * w).sum() ** 2

    w = np.array([0.3, -0.7, 1.1])
    leaf = Tensor(w, requires_grad=True)
    loss = f(leaf)
    loss.backward()
    g, H = leaf.grad, hessian(f)(w)
    assert np.isclose(curvature_along_gradient(loss, [leaf]), g @ H @ g / (g @ g))
    assert curvature_along_gradient((leaf * 2).sum(), [leaf]) == 0.0
    assert curvature_along_gradient(relu(leaf - 5).sum(), [leaf]) is None

    class Numbers(Op):
        def forward(self, x):
            return x * x

        def dx(self, dz, z, x):
            raise TypeError

        vjps = (dx,)

    assert curvature_along_gradient(Numbers()(leaf).sum(), [leaf]) is None
