"""A 2-16-16-1 network with tanh units on a batch of 100, mean squared error.

Here NumPy's own time for small arrays begins to count.
"""

import numpy as np

from .one_sample import micrograd_tanh

TITLE = "2-16-16-1, batch of 100"
RATE = 1e-3


def problem():
    """The data X, T and the parameters W1, b1, W2, b2, W3, b3."""
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(100, 2)), rng.normal(size=(100, 1))
    sizes = [(2, 16), 16, (16, 16), 16, (16, 1), 1]
    return (X, T), [rng.normal(size=size) / 4 for size in sizes]


def by_hand(data, parameters):
    X, T = data

    def step(W1, b1, W2, b2, W3, b3):
        h1 = np.tanh(X @ W1 + b1)
        h2 = np.tanh(h1 @ W2 + b2)
        e = h2 @ W3 + b3 - T
        L = (e * e).mean()

        dy = 2 / len(X) * e
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
    from microgradnn import Tensor, tanh

    X, T = map(Tensor, data)

    def step(*parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = tanh(X @ W1 + b1)
        h2 = tanh(h1 @ W2 + b2)
        L = ((h2 @ W3 + b3 - T) ** 2).mean()
        L.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.grad = None
        return L, parameters

    return step, [Tensor(p, requires_grad=True) for p in parameters]


def in_pytorch(data, parameters):
    import torch

    torch.set_num_threads(1)
    X, T = map(torch.tensor, data)

    def step(*parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = torch.tanh(X @ W1 + b1)
        h2 = torch.tanh(h1 @ W2 + b2)
        L = ((h2 @ W3 + b3 - T) ** 2).mean()
        L.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=RATE)
                p.grad = None
        return L, parameters

    return step, [torch.tensor(p, requires_grad=True) for p in parameters]


def in_mygrad(data, parameters):
    import mygrad

    X, T = data

    def step(*parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = mygrad.tanh(X @ W1 + b1)
        h2 = mygrad.tanh(h1 @ W2 + b2)
        L = ((h2 @ W3 + b3 - T) ** 2).mean()
        L.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.null_grad()
        return L, parameters

    return step, [mygrad.tensor(p) for p in parameters]


def in_autograd(data, parameters):
    import autograd.numpy as np
    from autograd import value_and_grad

    X, T = data

    def loss(parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = np.tanh(X @ W1 + b1)
        h2 = np.tanh(h1 @ W2 + b2)
        return np.mean((h2 @ W3 + b3 - T) ** 2)

    loss_and_gradients = value_and_grad(loss)

    def step(*parameters):
        L, gradients = loss_and_gradients(parameters)
        return L, [p - RATE * g for p, g in zip(parameters, gradients)]

    return step, parameters


def in_micrograd(data, parameters):
    from micrograd.engine import Value

    X, T = data[0].astype(object), data[1].astype(object)

    def step(*parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        tanh = np.vectorize(micrograd_tanh, otypes=[object])
        h1 = tanh(X @ W1 + b1)
        h2 = tanh(h1 @ W2 + b2)
        L = ((h2 @ W3 + b3 - T) ** 2).sum() * (1 / len(X))
        L.backward()
        for p in parameters:
            for value in p.flat:
                value.data -= RATE * value.grad
                value.grad = 0
        return L, parameters

    return step, [np.vectorize(Value, otypes=[object])(p) for p in parameters]


def in_jax(data, parameters):
    import jax

    jax.config.update("jax_enable_x64", True)
    X, T = map(jax.numpy.asarray, data)

    def loss(parameters, X, T):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = jax.numpy.tanh(X @ W1 + b1)
        h2 = jax.numpy.tanh(h1 @ W2 + b2)
        return ((h2 @ W3 + b3 - T) ** 2).mean()

    @jax.jit
    def update(parameters, X, T):
        L, gradients = jax.value_and_grad(loss)(parameters, X, T)
        return L, [p - RATE * g for p, g in zip(parameters, gradients)]

    def step(*parameters):
        return jax.block_until_ready(update(list(parameters), X, T))

    return step, [jax.numpy.asarray(p) for p in parameters]


CONTENDERS = {
    "by hand": by_hand,
    "microgradnn": in_microgradnn,
    "PyTorch": in_pytorch,
    "MyGrad": in_mygrad,
    "autograd": in_autograd,
    "micrograd": in_micrograd,
    "jax.jit": in_jax,
}
