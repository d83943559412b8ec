"""Activations as layers: each applies the operation of its name, with its options, and has nothing to train."""

import numpy as np
import pytest

from microgradnn import Tensor, nn, ops

OPERATIONS = {
    nn.Tanh: ops.tanh,
    nn.Sigmoid: ops.sigmoid,
    nn.ReLU: ops.relu,
    nn.LeakyReLU: ops.leaky_relu,
    nn.ELU: ops.elu,
    nn.SiLU: ops.silu,
    nn.GELU: ops.gelu,
    nn.Softplus: ops.softplus,
    nn.Softmax: ops.softmax,
    nn.LogSoftmax: ops.log_softmax,
}
OPTIONS = [
    (nn.LeakyReLU, {"negative_slope": 0.2}),
    (nn.ELU, {"alpha": 0.5}),
    (nn.GELU, {"approximate": "tanh"}),
    (nn.Softplus, {"beta": 2}),
    (nn.Softmax, {"axis": 0}),
    (nn.LogSoftmax, {"axis": 0}),
]


def test_all_are_here():
    """The module holds no activation that these tests do not know."""
    here = {kind for kind in vars(nn.activations).values() if getattr(kind, "__module__", "") == nn.activations.__name__}
    assert here == OPERATIONS.keys()


@pytest.mark.parametrize(("kind", "options"), [*((kind, {}) for kind in OPERATIONS), *OPTIONS])
def test_a_layer_is_its_operation(kind, options, rng):
    """Values and gradients are those of the operation; there are no parameters."""
    x, y = (Tensor(rng.normal(size=(2, 3)), requires_grad=True) for _ in range(2))
    y.data = x.data.copy()
    layer, dz = kind(**options), rng.normal(size=(2, 3))
    z, expected = layer(x), OPERATIONS[kind](y, **options)
    z.backward(dz)
    expected.backward(dz)
    np.testing.assert_array_equal(z.data, expected.data)
    np.testing.assert_array_equal(x.grad, y.grad)
    assert layer.parameters() == []
