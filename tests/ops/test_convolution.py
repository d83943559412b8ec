"""Convolution and pooling, against loops that say what they are; and what they refuse."""

import itertools

import numpy as np
import pytest
from strategies import assert_gradient, numeric_gradients, real

from microgradnn import Tensor, avg_pool1d, avg_pool2d, conv1d, conv2d, grad, max_pool1d, max_pool2d


def convolved(x, weight, bias, stride, padding):
    """The definition, element by element."""
    x = np.pad(x, [(0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2])
    _, _, rows, columns = weight.shape
    height, width = ((n - k) // s + 1 for n, k, s in zip(x.shape[2:], (rows, columns), stride, strict=True))
    z = np.zeros((len(x), len(weight), height, width))
    for n, o, p, q in np.ndindex(z.shape):
        window = x[n, :, stride[0] * p : stride[0] * p + rows, stride[1] * q : stride[1] * q + columns]
        z[n, o, p, q] = (window * weight[o]).sum() + bias[o]
    return z


def pooled(x, choose, size, stride, padding, constant):
    """The definition, element by element."""
    x = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(n, n) for n in padding], constant_values=constant)
    height, width = ((n - k) // s + 1 for n, k, s in zip(x.shape[-2:], size, stride, strict=True))
    z = np.zeros((*x.shape[:-2], height, width))
    for p, q in np.ndindex(height, width):
        window = x[..., stride[0] * p : stride[0] * p + size[0], stride[1] * q : stride[1] * q + size[1]]
        z[..., p, q] = choose(window, axis=(-2, -1))
    return z


def assert_differentiates(function, arrays, rng):
    """Gradients of a random weighing agree with differences."""
    leaves = [Tensor(x, requires_grad=True) for x in arrays]
    z = function(*leaves)
    weights = rng.normal(size=z.shape)
    expected = numeric_gradients(lambda *xs: np.sum(weights * function(*xs)), arrays)
    for i, (dx, dx_expected) in enumerate(zip(grad(z, leaves, weights), expected, strict=True)):
        assert_gradient(f"operand {i}", dx, dx_expected, "central differences")


@pytest.mark.parametrize("stride", [1, 2, (1, 3)])
@pytest.mark.parametrize("padding", [0, 1, (2, 0)])
def test_conv2d(stride, padding, rng):
    """Values are those of the loop over all windows, and gradients of all three operands those of differences."""
    arrays = [real((2, 3, 5, 4), rng), real((2, 3, 3, 2), rng, 1), real((2,), rng, 2)]

    def convolve(x, weight, bias):
        return conv2d(x, weight, bias, stride, padding)

    pairs = [n if isinstance(n, tuple) else (n, n) for n in (stride, padding)]
    np.testing.assert_allclose(convolve(*arrays), convolved(*arrays, *pairs), rtol=1e-13, atol=1e-13)
    assert_differentiates(convolve, arrays, rng)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_conv1d(stride, padding, rng):
    """It is NumPy's correlation, channel by channel."""
    x, weight, bias = real((2, 2, 6), rng), real((3, 2, 3), rng, 1), real((3,), rng, 2)
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding)])
    expected = [
        [sum(np.correlate(padded[n, c], weight[o, c]) for c in range(2))[::stride] + bias[o] for o in range(3)]
        for n in range(2)
    ]
    np.testing.assert_allclose(conv1d(x, weight, bias, stride, padding), expected, rtol=1e-13, atol=1e-13)
    assert_differentiates(lambda *operands: conv1d(*operands, stride, padding), [x, weight, bias], rng)


@pytest.mark.parametrize(("pool", "choose", "constant"), [(max_pool2d, np.max, -np.inf), (avg_pool2d, np.mean, 0)])
@pytest.mark.parametrize(
    ("size", "stride", "padding"), [((2, 2), (2, 2), (0, 0)), ((3, 2), (1, 2), (1, 1)), ((1, 3), (2, 1), (0, 1))]
)
@pytest.mark.parametrize("shape", [(5, 4), (2, 5, 4), (2, 1, 5, 4)])
def test_pooling(pool, choose, constant, size, stride, padding, shape, rng):
    """Values are those of the loop over all windows, and gradients those of differences, with any axes in front."""
    x = real(shape, rng)
    np.testing.assert_allclose(pool(x, size, stride, padding), pooled(x, choose, size, stride, padding, constant), rtol=1e-14)
    assert_differentiates(lambda x: pool(x, size, stride, padding), [x], rng)


def test_pooling_along_one_axis(rng):
    """The windows along one axis are those of images one row high; they move by their own size if nothing else is said."""
    x = real((2, 3, 7), rng)
    for pool, pool_images in ((max_pool1d, max_pool2d), (avg_pool1d, avg_pool2d)):
        for size, stride, padding in itertools.product((1, 3), (None, 1, 2), (0, 1)):
            if 2 * padding <= size:
                images = pool_images(x[..., None, :], (1, size), (1, stride or size), (0, padding))
                np.testing.assert_array_equal(pool(x, size, stride, padding), images[..., 0, :])
    assert max_pool2d(x, 3).shape == (2, 1, 2)


def test_tied_elements_of_a_window_share_evenly():
    """As for max: four equal elements get a quarter each, in every window that they are in."""
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    max_pool2d(x, 2, stride=1).sum().backward()
    np.testing.assert_array_equal(x.grad, [[0.25, 0.5, 0.25], [0.25, 0.5, 0.25]])


def test_second_order(rng):
    """The gradient of a penalised gradient, through a convolution and a maximum, agrees with differences of gradients."""
    x, weight = real((1, 1, 4, 4), rng), real((1, 1, 2, 2), rng, 1)

    def loss(x, weight):
        return (max_pool2d(conv2d(x, weight, padding=1).tanh(), 2) ** 2).sum()

    def slope(x, weight):
        x = Tensor(x, requires_grad=True)
        return (grad(loss(x, Tensor(weight)), x) ** 2).sum()

    leaves = [Tensor(x, requires_grad=True), Tensor(weight, requires_grad=True)]
    dx = grad(loss(*leaves), leaves[0], create_graph=True)
    received = grad((dx**2).sum(), leaves)
    for i, (dx, expected) in enumerate(zip(received, numeric_gradients(slope, [x, weight]), strict=True)):
        assert_gradient(f"second order, operand {i}", dx, expected, "differences of the gradients")


X, W = np.ones((1, 2, 4, 4)), np.ones((3, 2, 2, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conv2d(X, W[:, :1]), r"x of shape \(1, 2, 4, 4\) and weight of shape \(3, 1, 2, 2\) do not fit"),
        (lambda: conv2d(X[0], W), "do not fit"),
        (lambda: conv2d(X, np.ones((1, 2, 5, 1))), r"a window of \(5, 1\) does not fit into \(4, 4\) with padding \(0, 0\)"),
        (lambda: conv2d(X, np.ones((1, 2, 7, 1)), padding=1), r"a window of \(7, 1\) does not fit into \(4, 4\) with padding"),
        (lambda: conv1d(X, W), r"conv1d: x of shape .* do not fit"),
        (lambda: conv1d(X[0], W[:, :1, 0]), r"conv1d: x of shape .*\nx is \(sequences, channels, length\)"),
        (lambda: max_pool2d(Tensor([1.0, 2.0]), 2), r"max_pool2d: x has shape \(2,\).*\nx is \(..., height, width\)"),
        (lambda: max_pool2d(X, 5), r"max_pool2d: a window of \(5, 5\) does not fit"),
        (lambda: avg_pool2d(X, 2, padding=2), "more than half the window"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    """The message names the shapes."""
    with pytest.raises(ValueError, match=message):
        call()


def test_single_precision_stays():
    """float32 images give float32 results, padded or not."""
    x, w = Tensor(X.astype(np.float32)), Tensor(W.astype(np.float32))
    for z in (conv2d(x, w, padding=1), max_pool2d(x, 2, padding=1), avg_pool2d(x, 2, padding=1)):
        assert z.dtype == np.float32


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64, np.float16, np.float64])
def test_padding_never_wins(dtype):
    """Whatever the numbers' type, padding is below all of them: a window's largest element is one of x."""
    least = False if dtype is bool else np.iinfo(dtype).min if np.dtype(dtype).kind in "iu" else -np.inf
    x = np.full((2, 2), least, dtype)
    z = max_pool2d(Tensor(x), 2, padding=1)
    assert (z.dtype, z.data.tolist()) == (np.dtype(dtype), x.tolist())
    x[0, 0] += dtype(1)
    assert max_pool2d(Tensor(x), 2, stride=1, padding=1).data[:2, :2].tolist() == np.full((2, 2), x[0, 0]).tolist()
