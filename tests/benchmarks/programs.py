"""Larger programs, compiled: twenty functions of a million numbers, an LSTM, a convolutional network, a transformer's block.

Each is written once, in the terms of any library. There is no step by hand: what is compared with is the unrolled source. In
the same run, the parameters after three steps must be those of the unrolled source, to 1e-12 of the largest number.
"""

import gc
import math
import random
import statistics
from time import process_time
from types import SimpleNamespace

import numpy as np

from .measure import table

ROUNDS, RATE = 15, 1e-3


def elementwise(of, data, parameters):
    (x,), (y,) = data, parameters
    for _ in range(4):
        y = of.tanh(y * x + 0.5)
        y = y * y - 0.1
    z = of.exp(-y) * y
    return (z / (1.0 + y * y)).sum()


def lstm(of, data, parameters, hidden=64):
    (X, t), (W, U, b) = data, parameters
    h = c = None
    for x in [X[i] for i in range(len(X))]:
        g = x @ W + b if h is None else x @ W + b + h @ U
        i, f, o = (of.sigmoid(g[:, k * hidden : (k + 1) * hidden]) for k in range(3))
        u = of.tanh(g[:, 3 * hidden :])
        c = i * u if c is None else f * c + i * u
        h = o * of.tanh(c)
    return ((h - t) ** 2).mean()


def convolutions(of, data, parameters):
    (x, y), (k1, c1, k2, c2, W, b) = data, parameters
    h = of.max_pool2d(of.relu(of.conv2d(x, k1, c1)))
    h = of.max_pool2d(of.relu(of.conv2d(h, k2, c2)))
    return of.cross_entropy(h.reshape((32, 784)) @ W + b, y)


def block(of, data, parameters, heads=4):
    (x, t, mask), (Wq, bq, Wo, bo, g1, s1, Wa, ba, Wb, bb, g2, s2) = data, parameters
    n, steps, width = x.shape

    def norm(x, g, s):
        c = x - of.mean_last(x)
        return c / (of.mean_last(c * c) + 1e-5) ** 0.5 * g + s

    q = (norm(x, g1, s1) @ Wq + bq).reshape((n, steps, 3, heads, width // heads))
    Q, K, V = (of.transpose(q, (2, 0, 3, 1, 4))[i] for i in range(3))
    a = of.softmax(Q @ of.transpose(K, (0, 1, 3, 2)) * (1 / math.sqrt(width // heads)) + mask)
    x = x + of.transpose(a @ V, (0, 2, 1, 3)).reshape((n, steps, width)) @ Wo + bo
    x = x + of.tanh(norm(x, g2, s2) @ Wa + ba) @ Wb + bb
    return ((x - t) ** 2).mean()


def normal(*shape):
    rng = np.random.default_rng(sum(shape))
    return rng.normal(size=shape) / (math.sqrt(shape[0]) if len(shape) == 2 else 1)


def zeros(*shape):
    return np.zeros(shape)


def problems():
    """The loss, data and parameters of each."""
    labels = np.random.default_rng(0).integers(0, 10, 32)
    attention = [normal(64, 192), zeros(192), normal(64, 64), zeros(64), zeros(64) + 1, zeros(64)]
    dense = [normal(64, 256), zeros(256), normal(256, 64), zeros(64), zeros(64) + 1, zeros(64)]
    kernels = [normal(8, 1, 3, 3) / 3, zeros(8), normal(16, 8, 3, 3) / 9, zeros(16), normal(784, 10), zeros(10)]
    return {
        "20 elementwise on 10⁶": (elementwise, [normal(10**6)], [normal(10**6) + 0.5]),
        "LSTM, 50 steps": (lstm, [normal(50, 16, 32), normal(16, 64)], [normal(32, 256), normal(64, 256), zeros(256)]),
        "conv 28×28, batch 32": (convolutions, [normal(32, 1, 28, 28), labels], kernels),
        "transformer block": (
            block,
            [normal(8, 32, 64), normal(8, 32, 64) * 2, np.triu(np.full((32, 32), -1e9), 1)],
            [*attention, *dense],
        ),
    }


def in_microgradnn(loss, data, parameters):
    """The loss as a function of data, and the parameters, as Tensors."""
    import microgradnn as m

    of = SimpleNamespace(tanh=m.tanh, exp=m.exp, relu=m.relu, sigmoid=m.sigmoid, cross_entropy=m.nn.cross_entropy)
    of.softmax, of.transpose, of.mean_last = m.softmax, m.transpose, lambda x: x.mean(axis=-1, keepdims=True)
    of.conv2d, of.max_pool2d = lambda x, k, b: m.conv2d(x, k, b, padding=1), lambda x: m.max_pool2d(x, 2)
    tensors = [m.Tensor(p, requires_grad=True, name=f"p{i}") for i, p in enumerate(parameters)]
    return (lambda *data: loss(of, data, tensors)), tensors


def unrolled(loss, data, parameters):
    from microgradnn import unroll

    function, tensors = in_microgradnn(loss, data, parameters)
    by_hand = unroll(function, *data, wrt=tensors)
    arrays = [tensor.data for tensor in tensors]
    named = {tensor.name: tensor.data for tensor in tensors}
    given = {**by_hand.recorded, **named}  # the data have no name: they are as recorded
    run, arguments = by_hand.function(len(data[0])), [given[name] for name in by_hand.parameters]

    def step():
        for p, dp in zip(arrays, run(*arguments)[1], strict=True):
            np.subtract(p, RATE * dp, out=p)

    return step, lambda: arrays


def compiled_step(loss, data, parameters):
    from microgradnn import compiled, optim

    function, tensors = in_microgradnn(loss, data, parameters)
    step = compiled(function, tensors, optim.SGD(tensors, lr=RATE))
    return (lambda: step(*data)), lambda: [tensor.data for tensor in tensors]


def in_pytorch(loss, data, parameters):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)
    of = SimpleNamespace(tanh=torch.tanh, exp=torch.exp, relu=torch.relu, sigmoid=torch.sigmoid, cross_entropy=F.cross_entropy)
    of.softmax, of.transpose = lambda x: torch.softmax(x, -1), lambda x, axes: x.permute(axes)
    of.mean_last = lambda x: x.mean(-1, keepdim=True)
    of.conv2d, of.max_pool2d = lambda x, k, b: F.conv2d(x, k, b, padding=1), lambda x: F.max_pool2d(x, 2)
    data, tensors = [torch.tensor(x) for x in data], [torch.tensor(p, requires_grad=True) for p in parameters]

    def step():
        loss(of, data, tensors).backward()
        with torch.no_grad():
            for p in tensors:
                p.sub_(p.grad, alpha=RATE)
                p.grad = None

    return step, lambda: [p.detach().numpy() for p in tensors]


def scanned_lstm(of, data, parameters, hidden=64):
    """The same with JAX's loop, which it compiles in place of fifty steps."""
    import jax

    (X, t), (W, U, b) = data, parameters

    def cell(state, x):
        h, c = state
        g = x @ W + b + h @ U
        i, f, o = (of.sigmoid(g[:, k * hidden : (k + 1) * hidden]) for k in range(3))
        c = f * c + i * of.tanh(g[:, 3 * hidden :])
        return (o * of.tanh(c), c), None

    zero = jax.numpy.zeros(t.shape)
    (h, _), _ = jax.lax.scan(cell, (zero, zero), X)
    return ((h - t) ** 2).mean()


def in_jax(loss, data, parameters):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    pool, convolve = jax.lax.reduce_window, jax.lax.conv_general_dilated
    of = SimpleNamespace(tanh=jnp.tanh, exp=jnp.exp, relu=jax.nn.relu, sigmoid=jax.nn.sigmoid, transpose=jnp.transpose)
    of.softmax, of.mean_last = lambda x: jax.nn.softmax(x, -1), lambda x: x.mean(-1, keepdims=True)
    of.cross_entropy = lambda z, y: -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1))
    of.conv2d = lambda x, k, b: convolve(x, k, (1, 1), ((1, 1), (1, 1))) + b.reshape((-1, 1, 1))
    of.max_pool2d = lambda x: pool(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    data, state = [jnp.asarray(x) for x in data], [jnp.asarray(p) for p in parameters]
    written = scanned_lstm if loss is lstm else loss

    @jax.jit
    def update(parameters):
        _, gradients = jax.value_and_grad(lambda parameters: written(of, data, parameters))(parameters)
        return [p - RATE * dp for p, dp in zip(parameters, gradients, strict=True)]

    def step():
        state[:] = jax.block_until_ready(update(state))

    return step, lambda: [np.asarray(p) for p in state]


CONTENDERS = {"unrolled": unrolled, "compiled": compiled_step, "PyTorch": in_pytorch, "jax.jit": in_jax}


def prepared(problem):
    """The steps of all contenders that are installed, after three steps that agree with those of the first."""
    steps, expected = {}, None
    for name, make in CONTENDERS.items():
        try:
            step, parameters = make(*problem)
        except ImportError:
            continue
        for _ in range(3):
            step()
        received = parameters()
        expected = expected or [p.copy() for p in received]
        for ours, theirs in zip(received, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12 * np.abs(theirs).max(), err_msg=name)
        steps[name] = step
    return steps


def report():
    """The table."""
    found = {}
    for title, problem in problems().items():
        steps = prepared(problem)
        seconds = {name: [] for name in steps}
        gc.collect()
        for _ in range(ROUNDS):
            for name in random.sample(list(steps), len(steps)):
                steps[name]()
                start = process_time()
                for _ in range(3):
                    steps[name]()
                seconds[name].append((process_time() - start) / 3)
        base = seconds["unrolled"]
        ratios = {name: statistics.median(a / b for a, b in zip(taken, base)) for name, taken in seconds.items()}
        found[f"{title} ({statistics.median(base) * 1e3:.1f} ms)"] = ratios
    rows = [[name, *(f"{ratios[name]:.2f}" if name in ratios else "–" for ratios in found.values())] for name in CONTENDERS]
    return f"Larger programs, as ratios to the unrolled source, CPU time:\n{table(['training step', *found], rows)}"
