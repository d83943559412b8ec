"""A 784-256-128-10 network with tanh units on a batch of 128, softmax and cross-entropy: the size of MNIST.

Here the matrix products take most of the time, and every needless copy of a large array shows.
"""

import numpy as np

TITLE = "784-256-128-10, batch of 128"
RATE = 1e-2


def problem():
    """The data X, labels and the parameters W1, b1, W2, b2, W3, b3."""
    rng = np.random.default_rng(0)
    X, labels = rng.random((128, 784)), rng.integers(0, 10, 128)
    sizes = [784, 256, 128, 10]
    parameters = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        parameters += [rng.normal(size=(inputs, outputs)) / inputs**0.5, np.zeros(outputs)]
    return (X, labels), parameters


def by_hand(data, parameters):
    X, labels = data
    rows = np.arange(len(X))

    def step(W1, b1, W2, b2, W3, b3):
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

        W1 -= RATE * (X.T @ da1)
        b1 -= RATE * da1.sum(axis=0)
        W2 -= RATE * (h1.T @ da2)
        b2 -= RATE * da2.sum(axis=0)
        W3 -= RATE * (h2.T @ dy)
        b3 -= RATE * dy.sum(axis=0)
        return L, (W1, b1, W2, b2, W3, b3)

    return step, parameters


def in_microgradnn(data, parameters):
    from microgradnn import Tensor, log_softmax, tanh

    X, labels = Tensor(data[0]), data[1]
    rows = np.arange(len(labels))

    def step(*parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = tanh(X @ W1 + b1)
        h2 = tanh(h1 @ W2 + b2)
        L = -log_softmax(h2 @ W3 + b3)[rows, labels].mean()
        L.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.grad = None
        return L, parameters

    return step, [Tensor(p, requires_grad=True) for p in parameters]


def in_pytorch(data, parameters):
    import torch

    torch.set_num_threads(1)
    X, labels = map(torch.tensor, data)

    def step(*parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = torch.tanh(X @ W1 + b1)
        h2 = torch.tanh(h1 @ W2 + b2)
        L = torch.nn.functional.cross_entropy(h2 @ W3 + b3, labels)
        L.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=RATE)
                p.grad = None
        return L, parameters

    return step, [torch.tensor(p, requires_grad=True) for p in parameters]


def in_mygrad(data, parameters):
    import mygrad
    from mygrad.nnet.losses import softmax_crossentropy

    X, labels = data

    def step(*parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = mygrad.tanh(X @ W1 + b1)
        h2 = mygrad.tanh(h1 @ W2 + b2)
        L = softmax_crossentropy(h2 @ W3 + b3, labels)
        L.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.null_grad()
        return L, parameters

    return step, [mygrad.tensor(p) for p in parameters]


def in_autograd(data, parameters):
    import autograd.numpy as np
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp

    X, labels = data
    rows = np.arange(len(X))

    def loss(parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = np.tanh(X @ W1 + b1)
        h2 = np.tanh(h1 @ W2 + b2)
        y = h2 @ W3 + b3
        return np.mean(logsumexp(y, axis=1) - y[rows, labels])

    loss_and_gradients = value_and_grad(loss)

    def step(*parameters):
        L, gradients = loss_and_gradients(parameters)
        return L, [p - RATE * g for p, g in zip(parameters, gradients)]

    return step, parameters


def in_jax(data, parameters):
    import jax

    jax.config.update("jax_enable_x64", True)
    X, labels = map(jax.numpy.asarray, data)
    rows = np.arange(len(labels))

    def loss(parameters, X, labels):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = jax.numpy.tanh(X @ W1 + b1)
        h2 = jax.numpy.tanh(h1 @ W2 + b2)
        return -jax.nn.log_softmax(h2 @ W3 + b3)[rows, labels].mean()

    @jax.jit
    def update(parameters, X, labels):
        L, gradients = jax.value_and_grad(loss)(parameters, X, labels)
        return L, [p - RATE * g for p, g in zip(parameters, gradients)]

    def step(*parameters):
        return jax.block_until_ready(update(list(parameters), X, labels))

    return step, [jax.numpy.asarray(p) for p in parameters]


CONTENDERS = {
    "by hand": by_hand,
    "microgradnn": in_microgradnn,
    "PyTorch": in_pytorch,
    "MyGrad": in_mygrad,
    "autograd": in_autograd,
    "micrograd": None,  # it would take minutes a step: 30 million scalar nodes
    "jax.jit": in_jax,
}
