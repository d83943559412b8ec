"""A 784-256-128-10 network with tanh units on a batch of 128, softmax and cross-entropy: the size of MNIST.

Here the matrix products take most of the time, and every needless copy of a large array shows.
"""

import itertools

import numpy as np

TITLE = "784-256-128-10, batch of 128"
RATE = 1e-2
NAMES = "W1", "b1", "W2", "b2", "W3", "b3"
LOSS = "cross_entropy"  # in microgradnn.nn
LEFT_OUT = {"micrograd"}  # it would take minutes a step: 30 million scalar nodes


def problem():
    """The data X, labels and the parameters W1, b1, W2, b2, W3, b3."""
    rng = np.random.default_rng(0)
    X, labels = rng.random((128, 784)), rng.integers(0, 10, 128)
    sizes = [784, 256, 128, 10]
    parameters = []
    for inputs, outputs in itertools.pairwise(sizes):
        parameters += [rng.normal(size=(inputs, outputs)) / inputs**0.5, np.zeros(outputs)]
    return (X, labels), parameters


def loss(library, data, parameters):
    """The loss in the terms of any library."""
    X, labels = data
    W1, b1, W2, b2, W3, b3 = parameters
    h1 = library.tanh(X @ W1 + b1)
    h2 = library.tanh(h1 @ W2 + b2)
    return library.cross_entropy(h2 @ W3 + b3, labels)


def loss_and_gradients(X, W1, b1, W2, b2, W3, b3, labels):
    """Forward and backward by hand."""
    rows = np.arange(len(X))
    h1 = np.tanh(X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    y = h2 @ W3 + b3
    p = np.exp(y - y.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    L = -np.log(p[rows, labels]).mean()

    p[rows, labels] -= 1
    dy = p / len(X)
    da2 = dy @ W3.T * (1 - h2 * h2)
    da1 = da2 @ W2.T * (1 - h1 * h1)
    return L, (X.T @ da1, da1.sum(axis=0), h1.T @ da2, da2.sum(axis=0), h2.T @ dy, dy.sum(axis=0))


def with_buffers(n=128):
    """The same with all that NumPy offers to those who count: sums too as products with ones, what is dead written over."""
    ones, one, rows = np.ones(n), np.array(1.0), np.arange(n)
    h1, h2, a1, a2, p, s = (np.empty((n, width)) for width in (256, 128, 256, 128, 10, 1))
    dW1, db1, dW2, db2, dW3, db3 = gradients = tuple(np.empty_like(p) for p in problem()[1])

    def loss_and_gradients(X, W1, b1, W2, b2, W3, b3, labels):
        X.dot(W1, h1)
        np.add(h1, b1, h1)
        np.tanh(h1, h1)
        h1.dot(W2, h2)
        np.add(h2, b2, h2)
        np.tanh(h2, h2)
        h2.dot(W3, p)
        np.add(p, b3, p)
        p.max(axis=1, keepdims=True, out=s)
        np.subtract(p, s, p)
        np.exp(p, p)
        p.sum(axis=1, keepdims=True, out=s)
        np.divide(p, s, p)
        L = -np.log(p[rows, labels]).mean()

        p[rows, labels] -= 1
        np.divide(p, n, p)
        ones.dot(p, db3)
        h2.T.dot(p, dW3)
        p.dot(W3.T, a2)
        np.multiply(h2, h2, h2)
        np.subtract(one, h2, h2)
        np.multiply(a2, h2, a2)
        ones.dot(a2, db2)
        h1.T.dot(a2, dW2)
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
    X, labels = data

    def step(W1, b1, W2, b2, W3, b3):
        L, (dW1, db1, dW2, db2, dW3, db3) = function(X, W1, b1, W2, b2, W3, b3, labels)
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
    X, labels = data
    rate = np.array(RATE)

    def step(*parameters):
        L, gradients = function(X, *parameters, labels)
        for p, dp in zip(parameters, gradients):
            np.multiply(rate, dp, dp)
            np.subtract(p, dp, p)
        return L, parameters

    return step
