"""A 2-16-16-1 network with tanh units on a batch of 100, mean squared error.

Here NumPy's own time for small arrays begins to count.
"""

import numpy as np

TITLE = "2-16-16-1, batch of 100"
RATE = 1e-3
NAMES = "W1", "b1", "W2", "b2", "W3", "b3"
LOSS = "mse_loss"  # in microgradnn.nn


def problem():
    """The data X, T and the parameters W1, b1, W2, b2, W3, b3."""
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(100, 2)), rng.normal(size=(100, 1))
    sizes = [(2, 16), 16, (16, 16), 16, (16, 1), 1]
    return (X, T), [rng.normal(size=size) / 4 for size in sizes]


def loss(library, data, parameters):
    """The loss in the terms of any library."""
    X, T = data
    W1, b1, W2, b2, W3, b3 = parameters
    h1 = library.tanh(X @ W1 + b1)
    h2 = library.tanh(h1 @ W2 + b2)
    return library.mean((h2 @ W3 + b3 - T) ** 2)


def loss_and_gradients(X, W1, b1, W2, b2, W3, b3, T):
    """Forward and backward by hand."""
    h1 = np.tanh(X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    e = h2 @ W3 + b3 - T
    L = (e * e).mean()

    dy = 2 / len(X) * e
    da2 = dy @ W3.T * (1 - h2 * h2)
    da1 = da2 @ W2.T * (1 - h1 * h1)
    return L, (X.T @ da1, da1.sum(axis=0), h1.T @ da2, da2.sum(axis=0), h2.T @ dy, dy.sum(axis=0))


def with_buffers(n=100):
    """The same with all that NumPy offers to those who count nanoseconds: sums too as products with ones, views made once."""
    h1, h2, a1, a2, e, dy = (np.empty((n, width)) for width in (16, 16, 16, 16, 1, 1))
    dW1, db1, dW2, db2, dW3, db3 = gradients = tuple(np.empty_like(p) for p in problem()[1])
    h1_T, h2_T, e_flat = h1.T, h2.T, e.ravel()
    ones, one, two_by_n = np.ones(n), np.array(1.0), np.array(2 / n)

    def loss_and_gradients(X, W1, b1, W2, b2, W3, b3, T):
        X.dot(W1, h1)
        np.add(h1, b1, h1)
        np.tanh(h1, h1)
        h1.dot(W2, h2)
        np.add(h2, b2, h2)
        np.tanh(h2, h2)
        h2.dot(W3, e)
        np.add(e, b3, e)
        np.subtract(e, T, e)
        L = e_flat.dot(e_flat) / n

        np.multiply(two_by_n, e, dy)
        ones.dot(dy, db3)
        h2_T.dot(dy, dW3)
        dy.dot(W3.T, a2)
        np.multiply(h2, h2, h2)
        np.subtract(one, h2, h2)
        np.multiply(a2, h2, a2)
        ones.dot(a2, db2)
        h1_T.dot(a2, dW2)
        a2.dot(W2.T, a1)
        np.multiply(h1, h1, h1)
        np.subtract(one, h1, h1)
        np.multiply(a1, h1, a1)
        ones.dot(a1, db1)
        X.T.dot(a1, dW1)
        return L, gradients

    return loss_and_gradients


def descending(function, data):
    """The training step of a function of loss and gradients."""
    X, *rest = data

    def step(W1, b1, W2, b2, W3, b3):
        L, (dW1, db1, dW2, db2, dW3, db3) = function(X, W1, b1, W2, b2, W3, b3, *rest)
        W1 -= RATE * dW1
        b1 -= RATE * db1
        W2 -= RATE * dW2
        b2 -= RATE * db2
        W3 -= RATE * dW3
        b3 -= RATE * db3
        return L, (W1, b1, W2, b2, W3, b3)

    return step


def descending_in_buffers(function, data):
    """The same where the gradients are in buffers, which may hold the changes then."""
    X, *rest = data
    rate = np.array(RATE)

    def step(*parameters):
        L, gradients = function(X, *parameters, *rest)
        for p, dp in zip(parameters, gradients):
            np.multiply(rate, dp, dp)
            np.subtract(p, dp, p)
        return L, parameters

    return step
