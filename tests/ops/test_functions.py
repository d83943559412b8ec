"""What the functions of one number are worth: against their definitions, in every precision, near where formulas cancel."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from op_table import TABLE
from strategies import assert_gradient, is_floating, numeric_gradients, real

from microgradnn import Tensor, elu, erf, gelu, grad, leaky_relu, ops, pad, sigmoid, silu, sinc, softplus

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


def test_erf_to_the_last_places():
    """Against Python's erf, which takes one number: within 4 units in the last place, from the smallest number to inf."""
    x = np.concatenate([np.linspace(-7, 7, 20001), np.logspace(-300, 0, 601), [0.0, 27.0, 1e300, np.inf, -np.inf]])
    expected = np.array([math.erf(number) for number in x])
    assert (np.abs(erf(x) - expected) <= 4 * np.spacing(np.abs(expected))).all()
    assert np.isnan(erf(np.nan))
    np.testing.assert_array_equal(erf(-x), -erf(x))
    np.testing.assert_allclose(erf(X.astype(np.float16)), erf(X), rtol=1e-3)


def test_sinc_at_every_order_at_zero():
    """sin(πx)/(πx) = Σ (−1)ᵏ (πx)²ᵏ / (2k + 1)!, so its derivatives at 0 are 0 and (−1)ᵏ π²ᵏ / (2k + 1) by turns."""
    x = Tensor(0.0, requires_grad=True)
    z = sinc(x)
    for order in range(9):
        k, odd = divmod(order, 2)
        assert z.item() == pytest.approx(0 if odd else (-1) ** k * math.pi**order / (order + 1), rel=1e-14)
        z = grad(z, x, create_graph=True)


@pytest.mark.parametrize("x", [1e-12, 1e-6, 0.01, 0.3183, 0.3184, 0.5, 1.0, 2.5])
def test_slope_of_sinc_keeps_its_digits(x):
    """Where cos πx and sinc x nearly cancel, the slope still has the digits of a sum of its series in exact fractions."""
    u = math.pi * x
    terms = [(-1) ** k * 2 * k * u ** (2 * k - 1) / math.factorial(2 * k + 1) for k in range(1, 40)]
    leaf = Tensor(x, requires_grad=True)
    assert grad(sinc(leaf), leaf) == pytest.approx(math.pi * math.fsum(terms), rel=1e-13)


OTHER_PRECISION = {ops.Astype, ops.Max, ops.Min}  # the one is for that; the others count ties in whole numbers, and divide
KEEPING = {op_class.__name__: row for op_class, row in TABLE.items() if op_class not in OTHER_PRECISION}


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("row", KEEPING.values(), ids=KEEPING)
@given(data=st.data())
def test_precision_is_the_inputs(row, dtype, data):
    """Values and gradients of single precision have single precision: no constant of a rule turns them into float64."""
    op, arrays = data.draw(row.cases)
    if (dtype == np.float16 and row.numbers_only) or isinstance(op, ops.Inv):
        dtype = np.float32  # LAPACK has nothing shorter
    z = op(*[x.astype(dtype) if is_floating(x) else x for x in arrays])
    assert z.dtype == dtype
    for vjp, x in zip(op.vjps, arrays, strict=True):
        if vjp is not None:
            xs = [x.astype(dtype) if is_floating(x) else x for x in arrays]
            assert vjp(op, np.ones(z.shape, dtype)[()], z, *xs).dtype == dtype


def test_erf_of_whole_numbers():
    """Whole numbers are taken for what they are."""
    assert erf(1) == erf(1.0) != 0
    np.testing.assert_array_equal(erf(np.array([1, 2])), erf(np.array([1.0, 2.0])))


def test_pad_refuses_modes_that_compute():
    """What is no copy of elements is not offered."""
    with pytest.raises(ValueError, match=r"pad\(mode='mean'\): there are 'constant', 'edge'"):
        pad(X, 1, mode="mean")


def test_plain_arrays_become_whole_numbers():
    """Without a gradient to lose, astype takes any type."""
    assert ops.astype(np.array([1.7, -1.7]), int).tolist() == [1, -1]
    assert ops.astype(Tensor([1.7, -1.7]), int).dtype == int
