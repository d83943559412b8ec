"""The source's network, trained on one sample: h = tanh(x W + b_h), o = h V + b_o, L = (t − o)².

Here the arithmetic takes next to nothing, so this measures what a library adds to an operation.
"""

import numpy as np

TITLE = "the source's network, one sample"
RATE = 1e-3
NAMES = "W", "b_h", "V", "b_o"


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


def loss_of_layers(nn, network, data):
    """The loss with microgradnn's layers."""
    x, t = data
    return nn.squared_error(network(x), t.reshape(1))


def by_hand(data, parameters):
    x, t = data

    def step(W, b_h, V, b_o):
        h = np.tanh(x @ W + b_h)
        o = h @ V + b_o
        e = t - o
        L = e * e

        do = -2 * e
        dV = do * h
        da = do * V * (1 - h * h)
        dW = x[:, None] * da

        W -= RATE * dW
        b_h -= RATE * da
        V -= RATE * dV
        b_o = b_o - RATE * do
        return L, (W, b_h, V, b_o)

    return step, parameters


def by_hand_with_out(data, parameters):
    """All that NumPy offers to those who count nanoseconds: out= by position, numbers as arrays, views made once."""
    x, t = data
    h, dV, da, dW, do = np.empty(3), np.empty(3), np.empty(3), np.empty((3, 3)), np.empty(())
    x_column, da_row = x[:, None], da[None, :]
    one, rate = np.array(1.0), np.array(RATE)

    def step(W, b_h, V, b_o):
        x.dot(W, h)
        np.add(h, b_h, h)
        np.tanh(h, h)
        e = t - (h.dot(V) + b_o)
        L = e * e

        do[()] = -2 * e
        np.multiply(do, h, dV)
        np.multiply(h, h, h)
        np.subtract(one, h, h)
        np.multiply(do, V, da)
        np.multiply(da, h, da)
        x_column.dot(da_row, dW)

        np.multiply(rate, dW, dW)
        np.subtract(W, dW, W)
        np.multiply(rate, da, da)
        np.subtract(b_h, da, b_h)
        np.multiply(rate, dV, dV)
        np.subtract(V, dV, V)
        return L, (W, b_h, V, b_o + RATE * 2 * e)

    return step, [p[()] for p in parameters]
