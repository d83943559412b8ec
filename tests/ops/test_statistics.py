"""Averages with weights, and quantiles: who gets the gradient, ties, NaN, and what is refused."""

import numpy as np
import pytest
from messages import message
from numpy import nan
from slopes import assert_slopes, hessian, slopes

from microgradnn import Tensor, average, grad, median, percentile, quantile, unroll


def test_weights_have_a_gradient():
    """∂(Σ w x / Σ w)/∂wᵢ = (xᵢ − z) / Σ w, along an axis, for weights of that axis and for one each."""
    x, w = np.array([[1.0, 2.0, 6.0], [0.0, 4.0, 8.0]]), np.array([1.0, 2.0, 1.0])
    z = np.average(x, 1, w)[:, None]
    assert_slopes(lambda w: average(x, 1, w), w, ((x - z) / 4).sum(0))
    assert_slopes(lambda w: average(x, 1, w), np.tile(w, (2, 1)), (x - z) / 4)
    dw = grad(average(x, 1, w := Tensor(w, requires_grad=True)).sum(), w, create_graph=True)
    expected = -2 * ((x - z) / 16).sum(0)  # ∂²/∂wᵢ² = −2 (xᵢ − z) / (Σ w)²
    np.testing.assert_allclose([grad(dw[i], w)[i] for i in range(3)], expected, rtol=1e-14)


def test_the_sum_of_the_weights():
    """With returned=True it comes along, in the shape of the average."""
    z, total = average(Tensor(np.ones((2, 3))), axis=1, weights=Tensor([1.0, 2.0, 3.0], requires_grad=True), returned=True)
    assert total.data.tolist() == [6, 6] and total.requires_grad and z.shape == (2,)
    assert average(Tensor(np.ones((2, 3))), axis=1, returned=True)[1].tolist() == [3, 3]


def test_weights_that_do_not_fit():
    """Those that sum to 0, and those of another shape, are refused as NumPy refuses them."""
    with pytest.raises(ZeroDivisionError, match="the weights sum to 0"):
        average(Tensor([1.0, 2.0]), weights=[1.0, -1.0])
    with pytest.raises(ValueError, match="weights of shape .2,. fit neither x, of shape .3,., nor axis=None"):
        average(Tensor([1.0, 2.0, 3.0]), weights=[1.0, 1.0])


def test_who_gets_the_gradient_of_a_median():
    """The element in the middle, or the two there half each; of equal ones those that the stable order puts there."""
    assert_slopes(median, [5.0, 1.0, 3.0], [0, 0, 1])
    assert_slopes(median, [5.0, 1.0, 9.0, 3.0], [0.5, 0, 0, 0.5])
    assert_slopes(median, [2.0, 2.0, 2.0], [0, 1, 0])
    assert_slopes(lambda x: median(x, axis=0), [[1.0, 7.0], [2.0, 5.0], [3.0, 6.0]], [[0, 0], [1, 0], [0, 1]])
    np.testing.assert_array_equal(hessian(lambda x: median(x) ** 2, [5.0, 1.0, 3.0]), np.diag([0, 0, 2.0]))


@pytest.mark.parametrize("q", [0, 0.25, 0.5, 0.9, 1])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_gradient_of_a_quantile_sums_to_1(q, n):
    """It moves with all elements together, and those that get a part of the gradient are the two around it."""
    x = np.random.default_rng(n).normal(size=n)
    dx = slopes(lambda x: quantile(x, q), x)
    assert dx.sum() == pytest.approx(1) and (dx >= 0).all() and np.count_nonzero(dx) <= 2
    np.testing.assert_array_equal(dx, slopes(lambda x: percentile(x, 100 * q), x))


def test_nan_is_not_passed_over():
    """Where an element is NaN so is the median, and that element, as in max, gets the gradient; other rows do not change."""
    x = [[1.0, nan, 3.0], [1.0, 2.0, 3.0]]
    for function in (median, lambda x, axis: quantile(x, 0.5, axis=axis)):
        np.testing.assert_array_equal(function(Tensor(x), axis=1).data, [nan, 2])
        assert_slopes(lambda x, f=function: f(x, axis=1), x, [[0, 1, 0], [0, 1, 0]])


def test_types_stay():
    """Single precision stays, and of whole numbers the quantile lies between them."""
    assert quantile(Tensor(np.ones(3, np.float32)), 0.3).dtype == median(Tensor(np.ones(4, np.float32))).dtype == np.float32
    assert quantile(Tensor(np.array([1, 2])), 0.5).item() == median(Tensor(np.array([1, 2]))).item() == 1.5


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: quantile(x, 1.5), ValueError, "quantile: q must be between 0 and 1"),
        (lambda x: percentile(x, 101), ValueError, "percentile: q must be between 0 and 100"),
        (lambda x: quantile(x, 0.5, method="inverted_cdf"), ValueError, "method='inverted_cdf'.* there are linear, lower"),
        (lambda x: quantile(x, 0.5, weights=[1, 2]), ValueError, "weights=. is not one"),
        (lambda x: quantile(x, Tensor(0.5, requires_grad=True)), TypeError, "quantile: the q get no gradient"),
        (lambda x: median(x, out=np.empty(())), TypeError, "out= cannot be given"),
        (lambda x: median(x[:0]), ValueError, "median of no elements"),
    ],
)
def test_what_is_refused(call, error, message):
    """Fractions outside, methods that jump, weights, and nothing at all are refused in a sentence."""
    with pytest.raises(error, match=message):
        call(Tensor([1.0, 2.0], requires_grad=True))


@pytest.mark.parametrize("function", [lambda x: quantile(x, [0.3, 0.8]), np.nanmedian, lambda x: np.nanpercentile(x, 30)])
def test_source_does_not_freeze_the_order(function):
    """A function written from quantiles finds the places in the order of other numbers, with ties and NaN."""
    W = Tensor([3.0, 1.0, 2.0, 5.0], requires_grad=True, name="W")
    by_hand = unroll(function(W).sum(), W)
    for values in ([1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 2.0, 1.0], [1.0, np.nan, 0.0, 3.0]):
        x = Tensor(values, requires_grad=True)
        z = function(x).sum()
        z.backward()
        value, dW = by_hand(values, **by_hand.recorded)
        np.testing.assert_allclose([value, *dW], [z.data, *x.grad], rtol=1e-15)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (-1, 0)])
@pytest.mark.parametrize("q", [0.3, [0.2, 0.9], [[0.5], [1]]])
@pytest.mark.parametrize("keepdims", [False, True])
def test_quantiles_are_numpys(axis, q, keepdims, rng):
    """Values and shapes are those of NumPy, along any axes, for several fractions, with NaN and without."""
    x = rng.normal(size=(3, 2, 4))
    expected = np.quantile(x, q, axis, keepdims=keepdims)
    np.testing.assert_allclose(quantile(Tensor(x), q, axis, keepdims=keepdims).data, expected, rtol=1e-14)
    x[rng.random(x.shape) < 0.2] = nan
    x[1, :, 1] = 0.5
    q = np.ravel(q)  # of nested ones NumPy forgets how they are nested
    expected = np.nanquantile(x, q, axis, keepdims=keepdims)
    np.testing.assert_allclose(np.nanquantile(Tensor(x), q, axis, keepdims=keepdims).data, expected, rtol=1e-14)
    expected = np.nanmedian(x, axis, keepdims=keepdims)
    np.testing.assert_allclose(np.nanmedian(Tensor(x), axis, keepdims=keepdims).data, expected, rtol=1e-14)


def test_quantiles_of_no_rows():
    """Where there are no rows there are no quantiles, and no gradients; of rows without elements none is defined."""
    x = Tensor(np.ones((0, 3)), requires_grad=True)
    quantile(x, [0.5, 0.7], axis=1).sum().backward()
    assert x.grad.shape == (0, 3)
    assert "quantile of no elements is not defined" in message(ValueError, lambda: quantile(x, 0.5, axis=0))


def test_a_quantile_that_is_infinite():
    """An infinite element that stands at the very place is the quantile, and gets the gradient."""
    assert quantile(Tensor([1.0, np.inf, np.inf]), [0, 0.5, 1]).data.tolist() == [1, np.inf, np.inf]
    assert_slopes(lambda x: quantile(x, 0.5), [-np.inf, 1.0, np.inf], [0, 1, 0])
    assert np.nanmedian(Tensor([np.inf, np.nan, np.inf])).item() == np.inf


def test_source_of_a_median():
    """A function written from a median finds the middle of other numbers, also of an even number, and with ties."""
    W = Tensor([3.0, 1.0, 2.0, 5.0], requires_grad=True, name="W")
    by_hand = unroll(median(W), W)
    for values in ([1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 2.0, 1.0], [1.0, np.nan, 0.0, 3.0]):
        x = Tensor(values, requires_grad=True)
        z = median(x)
        z.backward()
        value, dW = by_hand(np.array(values))
        np.testing.assert_array_equal([value, *dW], [z.data, *x.grad])


def test_complex_numbers_have_no_quantiles():
    """They are refused, as NumPy does."""
    assert "quantile of complex numbers is not computed" in message(TypeError, lambda: quantile(Tensor([1j, 2.0]), 0.5))


def test_quantiles_of_whole_numbers():
    """They are in double precision, in which differences do not wrap around."""
    x = Tensor(np.array([100, -100], np.int8))
    for z in (median(x), quantile(x, 0.5), percentile(x, 50)):
        assert z.dtype == np.float64 and z.item() == 0
