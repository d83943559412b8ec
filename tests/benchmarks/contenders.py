"""The contenders: for each a function from a workload to its training step, and the parameters this begins with.

A workload is a module with a `problem()`, its `loss` in the terms of any library, and `loss_and_gradients` by hand, also
`with_buffers`. A step takes the parameters and gives the loss and
the new parameters.
"""

import itertools
import math
from types import SimpleNamespace

import numpy as np

from microgradnn.compiling.compiler import find_compiler


def by_hand(workload):
    data, parameters = workload.problem()
    return workload.descending(workload.loss_and_gradients, data), scalars(parameters)


def by_hand_with_buffers(workload):
    data, parameters = workload.problem()
    return workload.descending_in_buffers(workload.with_buffers(), data), scalars(parameters)


def scalars(parameters):
    """One-number parameters as NumPy's scalars, with which it computes many times faster than with arrays without axes."""
    return [p[()] for p in parameters]


def microgradnn_library():
    """What a workload's loss is written with."""
    from microgradnn import mean, nn, tanh

    return SimpleNamespace(tanh=tanh, mean=mean, cross_entropy=nn.cross_entropy)


def recorded(workload):
    """The workload's problem and loss, in microgradnn's Tensors."""
    from microgradnn import Tensor

    library = microgradnn_library()
    data, parameters = workload.problem()
    data = [Tensor(x, name=name) if x.dtype.kind == "f" else x for x, name in zip(data, "xt")]
    parameters = [Tensor(p, requires_grad=True, name=name) for p, name in zip(parameters, workload.NAMES)]
    return (lambda: workload.loss(library, data, parameters)), data, parameters


def in_microgradnn(workload):
    loss, _, parameters = recorded(workload)

    def step(*parameters):
        L = loss()
        L.backward()
        for p in parameters:
            p.data -= workload.RATE * p.grad
            p.grad = None
        return L, parameters

    return step, parameters


def in_layers(workload):
    """Through microgradnn's layers, losses and optimiser."""
    from microgradnn import Tensor, nn, optim

    data, parameters = workload.problem()
    x, t = (Tensor(np.atleast_1d(x)) if x.dtype.kind == "f" else x for x in data)
    network = nn.MLP([*map(len, parameters[::2]), parameters[-1].size], rng=np.random.default_rng(0))
    for p, value in zip(network.parameters(), parameters, strict=True):
        p.data[...] = value.reshape(p.shape)
    loss = getattr(nn, workload.LOSS)
    descent = optim.SGD(network.parameters(), lr=workload.RATE)

    def step(*parameters):
        L = loss(network(x), t)
        descent.zero_grad()
        L.backward()
        descent.step()
        return L, parameters

    return step, network.parameters()


def unrolled(workload, buffers=False):
    """What unroll makes of the loss, and the problem. It takes the same arguments as the functions by hand."""
    from microgradnn import unroll

    loss, _, parameters = recorded(workload)
    function = unroll(loss(), parameters, buffers)
    assert tuple(function.parameters)[1 : 1 + len(parameters)] == workload.NAMES, list(function.parameters)
    data, parameters = workload.problem()
    return function, data, scalars(parameters)


def in_unrolled(workload):
    function, data, parameters = unrolled(workload)
    return workload.descending(function.function(), data), parameters


def in_unrolled_call(workload):
    """The object itself is called, which checks the shapes each time."""
    function, data, parameters = unrolled(workload)
    return workload.descending(function, data), parameters


def in_unrolled_with_buffers(workload):
    function, data, parameters = unrolled(workload, buffers=True)
    return workload.descending_in_buffers(function.function(), data), parameters


def compiled_step(workload):
    """A training step of compiled, which has taken its first step, the eager one; its data; parameters as they were before."""
    from microgradnn import compiled, optim

    _, _, parameters = recorded(workload)
    data, values = workload.problem()
    data = [np.asarray(x) for x in data]
    step = compiled(
        lambda *data: workload.loss(microgradnn_library(), data, parameters), parameters, optim.SGD(parameters, workload.RATE)
    )
    step(*data)
    for p, value in zip(parameters, values, strict=True):
        p.data[...] = value
    return step, data, parameters


def in_compiled(workload):
    """Called with all its checks."""
    compiled, data, parameters = compiled_step(workload)

    def step(*parameters):
        return compiled(*data), parameters

    return step, parameters


def in_compiled_of_batches(workload):
    """The same, of data that lie in other arrays than in the call before, as batches do."""
    compiled, data, parameters = compiled_step(workload)
    batches = itertools.cycle([data, [x.copy() for x in data]])

    def step(*parameters):
        return compiled(*next(batches)), parameters

    return step, parameters


def in_compiled_bare(workload):
    """What is left if nothing is checked: the call of C."""
    compiled, data, parameters = compiled_step(workload)
    compiled(*data)
    for p, value in zip(parameters, workload.problem()[1], strict=True):
        p.data[...] = value
    (run,) = compiled.runs.values()
    native = run.native
    function, argument, (loss, *_) = native.function, native.argument, native.results

    def step(*parameters):
        function(argument)
        return loss, parameters

    step.keeps = native  # the memory that the addresses point to
    return step, parameters


def in_unrolled_compiled(workload):
    """The gradients come back to NumPy, which changes the parameters."""
    from microgradnn import unroll

    loss, _, tensors = recorded(workload)
    function = unroll(loss(), tensors, buffers=True, compile=True)
    data, parameters = workload.problem()
    return workload.descending_in_buffers(function.function(), [np.asarray(x) for x in data]), scalars(parameters)


def in_pytorch(workload):
    import torch

    torch.set_num_threads(1)
    library = SimpleNamespace(tanh=torch.tanh, mean=torch.mean, cross_entropy=torch.nn.functional.cross_entropy)
    data, parameters = workload.problem()
    data = [torch.tensor(x) for x in data]

    def step(*parameters):
        L = workload.loss(library, data, parameters)
        L.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=workload.RATE)
                p.grad = None
        return L, parameters

    return step, [torch.tensor(p, requires_grad=True) for p in parameters]


def in_mygrad(workload):
    import mygrad
    from mygrad.nnet.losses import softmax_crossentropy

    library = SimpleNamespace(tanh=mygrad.tanh, mean=mygrad.mean, cross_entropy=softmax_crossentropy)
    data, parameters = workload.problem()

    def step(*parameters):
        L = workload.loss(library, data, parameters)
        L.backward()
        for p in parameters:
            p.data -= workload.RATE * p.grad
            p.null_grad()
        return L, parameters

    return step, [mygrad.tensor(p) for p in parameters]


def in_autograd(workload):
    import autograd.numpy as np
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp

    def cross_entropy(y, labels):
        return np.mean(logsumexp(y, axis=1) - y[np.arange(len(labels)), labels])

    library = SimpleNamespace(tanh=np.tanh, mean=np.mean, cross_entropy=cross_entropy)
    data, parameters = workload.problem()
    loss_and_gradients = value_and_grad(lambda parameters: workload.loss(library, data, parameters))

    def step(*parameters):
        L, gradients = loss_and_gradients(parameters)
        return L, [p - workload.RATE * dp for p, dp in zip(parameters, gradients)]

    return step, parameters


def in_micrograd(workload):
    from micrograd.engine import Value

    library = SimpleNamespace(tanh=np.vectorize(micrograd_tanh, otypes=[object]), mean=lambda x: x.sum() / x.size)
    data, parameters = workload.problem()
    data = [np.asarray(x, dtype=object)[()] for x in data]

    def step(*parameters):
        L = workload.loss(library, data, [p[()] for p in parameters])  # [()]: a Value itself, where there are no axes
        L.backward()
        for p in parameters:
            for value in p.flat:
                value.data -= workload.RATE * value.grad
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


def in_jax(workload):
    import jax

    jax.config.update("jax_enable_x64", True)

    def cross_entropy(y, labels):
        return -jax.nn.log_softmax(y)[np.arange(len(labels)), labels].mean()

    library = SimpleNamespace(tanh=jax.numpy.tanh, mean=jax.numpy.mean, cross_entropy=cross_entropy)
    data, parameters = workload.problem()
    data = [jax.numpy.asarray(x) for x in data]

    @jax.jit
    def update(parameters, data):
        L, gradients = jax.value_and_grad(lambda parameters: workload.loss(library, data, parameters))(parameters)
        return L, [p - workload.RATE * dp for p, dp in zip(parameters, gradients)]

    def step(*parameters):
        return jax.block_until_ready(update(list(parameters), data))

    return step, [jax.numpy.asarray(p) for p in parameters]


OURS = {
    "by hand": by_hand,
    "by hand, out=": by_hand_with_buffers,
    "unrolled": in_unrolled,
    "unrolled, checked call": in_unrolled_call,
    "unrolled, buffers": in_unrolled_with_buffers,
    "compiled": in_compiled,
    "compiled, batches": in_compiled_of_batches,
    "compiled, bare": in_compiled_bare,
    "compiled, gradients": in_unrolled_compiled,
    "microgradnn": in_microgradnn,
    "microgradnn, nn": in_layers,
}
CONTENDERS = {
    **OURS,
    "PyTorch": in_pytorch,
    "MyGrad": in_mygrad,
    "autograd": in_autograd,
    "micrograd": in_micrograd,
    "jax.jit": in_jax,
}


def prepare(workload, name):
    """A contender's step and first parameters; None if what it needs is missing, or it is too slow."""
    if name in getattr(workload, "LEFT_OUT", ()) or (name.startswith("compiled") and find_compiler() is None):
        return None
    try:
        return CONTENDERS[name](workload)
    except ImportError:
        if name in OURS:
            raise
        return None
