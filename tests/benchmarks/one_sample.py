"""The source's network, trained on one sample: h = tanh(x W + b_h), o = h V + b_o, L = (t − o)².

Here the arithmetic takes next to nothing, so this measures what a library adds to an operation.
"""

import numpy as np

TITLE = "the source's network, one sample"
RATE = 1e-3
NAMES = "W", "b_h", "V", "b_o"
LOSS = "squared_error"  # in microgradnn.nn


def problem():
    """The data x, t and the parameters W, b_h, V, b_o."""
    rng = np.random.default_rng(0)
    x, t = np.array([0.5, -1.2, 0.3]), np.float64(1.0)
    return (x, t), [rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3), rng.normal(size=())]


def loss(library, data, parameters):
    """The loss in the terms of any library."""
    x, t = data
    W, b_h, V, b_o = parameters
    h = library.tanh(x @ W + b_h)
    o = h @ V + b_o
    return (t - o) ** 2


def loss_and_gradients(x, W, b_h, V, b_o, t):
    """Forward and backward by hand."""
    h = np.tanh(x @ W + b_h)
    o = h @ V + b_o
    e = t - o
    L = e * e

    do = -2 * e
    dV = do * h
    da = do * V * (1 - h * h)
    dW = x[:, None] * da
    return L, (dW, da, dV, do)


def with_buffers():
    """The same with all that NumPy offers to those who count nanoseconds: results by position, numbers in arrays, dot."""
    h, da, dV, dW, k = np.empty(3), np.empty(3), np.empty(3), np.empty((3, 3)), np.empty(())
    da_row, one = da[None, :], np.array(1.0)

    def loss_and_gradients(x, W, b_h, V, b_o, t):
        x.dot(W, h)
        np.add(h, b_h, h)
        np.tanh(h, h)
        e = t - (h.dot(V) + b_o)
        L = e * e

        do = -2 * e
        k[()] = do
        np.multiply(k, h, dV)
        np.multiply(h, h, h)
        np.subtract(one, h, h)
        np.multiply(k, V, da)
        np.multiply(da, h, da)
        x[:, None].dot(da_row, dW)
        return L, (dW, da, dV, do)

    return loss_and_gradients


def descending(function, data):
    """The training step of a function of loss and gradients."""
    x, t = data

    def step(W, b_h, V, b_o):
        L, (dW, db_h, dV, db_o) = function(x, W, b_h, V, b_o, t)
        W -= RATE * dW
        b_h -= RATE * db_h
        V -= RATE * dV
        return L, (W, b_h, V, b_o - RATE * db_o)

    return step


def descending_in_buffers(function, data):
    """The same where the gradients are in buffers, which may hold the changes then."""
    x, t = data
    rate = np.array(RATE)

    def step(W, b_h, V, b_o):
        L, (dW, db_h, dV, db_o) = function(x, W, b_h, V, b_o, t)
        np.multiply(rate, dW, dW)
        np.subtract(W, dW, W)
        np.multiply(rate, db_h, db_h)
        np.subtract(b_h, db_h, b_h)
        np.multiply(rate, dV, dV)
        np.subtract(V, dV, V)
        return L, (W, b_h, V, b_o - RATE * db_o)

    return step
