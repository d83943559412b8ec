"""The source's network, trained on one sample: h = tanh(x W + b_h), o = h V + b_o, L = (t − o)².

Here the arithmetic takes next to nothing, so this measures what a library adds to an operation.
"""

import math

import numpy as np

TITLE = "the source's network, one sample"
RATE = 1e-3


def problem():
    """The data x, t and the parameters W, b_h, V, b_o."""
    rng = np.random.default_rng(0)
    x, t = np.array([0.5, -1.2, 0.3]), np.float64(1.0)
    return (x, t), [rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3), rng.normal(size=())]


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


def in_microgradnn(data, parameters):
    from microgradnn import Tensor, tanh

    x, t = map(Tensor, data)

    def step(*parameters):
        W, b_h, V, b_o = parameters
        h = tanh(x @ W + b_h)
        o = h @ V + b_o
        L = (t - o) ** 2
        L.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.grad = None
        return L, parameters

    return step, [Tensor(p, requires_grad=True) for p in parameters]


def in_pytorch(data, parameters):
    import torch

    torch.set_num_threads(1)
    x, t = map(torch.tensor, data)

    def step(*parameters):
        W, b_h, V, b_o = parameters
        h = torch.tanh(x @ W + b_h)
        o = h @ V + b_o
        L = (t - o) ** 2
        L.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=RATE)
                p.grad = None
        return L, parameters

    return step, [torch.tensor(p, requires_grad=True) for p in parameters]


def in_mygrad(data, parameters):
    import mygrad

    x, t = data

    def step(*parameters):
        W, b_h, V, b_o = parameters
        h = mygrad.tanh(x @ W + b_h)
        o = h @ V + b_o
        L = (t - o) ** 2
        L.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.null_grad()
        return L, parameters

    return step, [mygrad.tensor(p) for p in parameters]


def in_autograd(data, parameters):
    import autograd.numpy as np
    from autograd import value_and_grad

    x, t = data

    def loss(parameters):
        W, b_h, V, b_o = parameters
        h = np.tanh(x @ W + b_h)
        o = h @ V + b_o
        return (t - o) ** 2

    loss_and_gradients = value_and_grad(loss)

    def step(*parameters):
        L, gradients = loss_and_gradients(parameters)
        return L, [p - RATE * g for p, g in zip(parameters, gradients)]

    return step, parameters


def in_micrograd(data, parameters):
    from micrograd.engine import Value

    x, t = data[0].astype(object), data[1]

    def step(*parameters):
        W, b_h, V, b_o = parameters
        h = [micrograd_tanh(a) for a in x @ W + b_h]
        o = h @ V + b_o.item()
        L = (o - float(t)) ** 2
        L.backward()
        for p in parameters:
            for value in p.flat:
                value.data -= RATE * value.grad
                value.grad = 0
        return L, parameters

    return step, [np.asarray(np.vectorize(Value, otypes=[object])(p)) for p in parameters]


def micrograd_tanh(x):
    """micrograd knows relu only; this is tanh in its own manner."""
    from micrograd.engine import Value

    z = Value(math.tanh(x.data), (x,), "tanh")

    def backward():
        x.grad += (1 - z.data * z.data) * z.grad

    z._backward = backward
    return z


def in_jax(data, parameters):
    import jax

    jax.config.update("jax_enable_x64", True)
    x, t = map(jax.numpy.asarray, data)

    def loss(parameters, x, t):
        W, b_h, V, b_o = parameters
        h = jax.numpy.tanh(x @ W + b_h)
        o = h @ V + b_o
        return (t - o) ** 2

    @jax.jit
    def update(parameters, x, t):
        L, gradients = jax.value_and_grad(loss)(parameters, x, t)
        return L, [p - RATE * g for p, g in zip(parameters, gradients)]

    def step(*parameters):
        return jax.block_until_ready(update(list(parameters), x, t))

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
