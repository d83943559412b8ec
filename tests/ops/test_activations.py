"""Activations: values against their definitions, and the conventions at their kinks."""

import math

import numpy as np
import pytest
from slopes import assert_slopes
from strategies import assert_gradient, numeric_gradients, real

from microgradnn import Tensor, elu, gelu, grad, leaky_relu, sigmoid, silu, softplus


def test_slope_of_leaky_units_at_the_kink():
    """At 0, leaky_relu and elu have the slope of their negative side."""
    assert_slopes(leaky_relu, [0.0, -0.0], [0.01, 0.01])
    assert_slopes(lambda x: leaky_relu(x, negative_slope=0.2), [0.0, 1.0, -1.0], [0.2, 1, 0.2])
    assert_slopes(elu, [0.0, 1.0], [1, 1])
    assert_slopes(lambda x: elu(x, alpha=0.5), [0.0, 1.0], [0.5, 1])


X = np.linspace(-4, 4, 33)


@pytest.mark.parametrize(
    ("function", "definition"),
    [
        (sigmoid, lambda x: 1 / (1 + math.exp(-x))),
        (softplus, lambda x: math.log(1 + math.exp(x))),
        (lambda x: softplus(x, beta=2.5), lambda x: math.log(1 + math.exp(2.5 * x)) / 2.5),
        (silu, lambda x: x / (1 + math.exp(-x))),
        (gelu, lambda x: x * math.erfc(-x / math.sqrt(2)) / 2),
        (
            lambda x: gelu(x, approximate="tanh"),
            lambda x: x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2,
        ),
        (elu, lambda x: x if x > 0 else math.exp(x) - 1),
        (lambda x: elu(x, alpha=0.5), lambda x: x if x > 0 else 0.5 * (math.exp(x) - 1)),
        (leaky_relu, lambda x: x if x > 0 else 0.01 * x),
        (lambda x: leaky_relu(x, negative_slope=0.3), lambda x: x if x > 0 else 0.3 * x),
    ],
)
def test_activations(function, definition, rng):
    """Values are those of the definitions, written out for one number; gradients those of differences."""
    np.testing.assert_allclose(function(X), [definition(x) for x in X], rtol=1e-13, atol=1e-15)
    assert type(function(0.5)) is np.float64 or np.ndim(function(0.5)) == 0
    x, dz = real((7,), rng) * 2, rng.normal(size=7)
    leaf = Tensor(x, requires_grad=True)
    expected = numeric_gradients(lambda x: np.sum(dz * function(x)), [x])[0]
    assert_gradient("activation", grad(function(leaf), leaf, dz), expected, "central differences")


def test_gelu_names_its_approximations():
    """Anything else is refused."""
    with pytest.raises(ValueError, match='approximate=True.*"none", with erf, and "tanh"'):
        gelu(X, approximate=True)


@pytest.mark.parametrize("function", [sigmoid, silu, gelu, softplus, elu, leaky_relu])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, bool])
def test_of_whole_numbers(function, dtype):
    """The value is that of the same numbers as floats: −x of uint8 would wrap around."""
    x = np.array([100, 0, 1]).astype(dtype)
    np.testing.assert_array_equal(function(Tensor(x)).data, function(x.astype(float)))


@pytest.mark.parametrize("function", [silu, gelu, lambda x: gelu(x, approximate="tanh")], ids=["silu", "gelu", "gelu-tanh"])
def test_at_infinity(function):
    """There value and slope are the limits, those of relu, and the finite elements keep theirs."""
    x = np.array([-math.inf, math.inf, 0.5])
    np.testing.assert_array_equal(function(Tensor(x)).data, [0, math.inf, function(0.5)])
    assert_slopes(function, x, [0, 1, grad(function)(0.5)], rtol=1e-14)
