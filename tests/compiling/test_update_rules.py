"""Optimisers' rules as steps of a program: every optimiser there is, beside itself."""

import numpy as np
import pytest
from compilers import needs_compiler

from microgradnn import Tensor, compiled, nn, optim

OPTIMISERS = {
    "SGD": lambda ps: optim.SGD(ps, lr=0.1),
    "momentum": lambda ps: optim.SGD(ps, lr=0.05, momentum=0.9),
    "Nesterov": lambda ps: optim.SGD(ps, lr=0.05, momentum=0.9, nesterov=True),
    "dampening": lambda ps: optim.SGD(ps, lr=0.05, momentum=0.9, dampening=0.2, weight_decay=0.01),
    "Adam": lambda ps: optim.Adam(ps, lr=0.01),
    "AMSGrad": lambda ps: optim.Adam(ps, lr=0.01, amsgrad=True, weight_decay=0.1),
    "AdamW": lambda ps: optim.AdamW(ps, lr=0.01),
    "RMSprop": lambda ps: optim.RMSprop(ps, lr=0.003, momentum=0.5),
}


class SignDescent(optim.Optimiser):
    """An optimiser of a user's."""

    def __init__(self, params, lr):
        super().__init__(params, lr=lr)

    def remembered(self):
        return ("last",)

    def update(self, W, g, t, lr, last):
        return W - lr / t * np.sign(g + last), {"last": g}


def networks(make, dtype=np.float64):
    """Two equal networks, each with its optimiser."""
    for _ in range(2):
        network = nn.MLP([3, 6, 2], rng=np.random.default_rng(3))
        for p in network.parameters():
            p.data = p.data.astype(dtype)
        yield network, make(network.parameters())


def trained_beside(make, steps, dtype=np.float64):
    """The largest differences between parameters, and between what is remembered, of an eager and a compiled training."""
    (network, optimiser), (other, its_optimiser) = networks(make, dtype)
    rng = np.random.default_rng(4)
    data = [(rng.normal(size=(8, 3)).astype(dtype), rng.integers(0, 2, 8)) for _ in range(4)]
    step = compiled(lambda x, t: nn.cross_entropy(other(x), t), other.parameters(), its_optimiser)
    for i in range(steps):
        x, t = data[i % 4]
        L = nn.cross_entropy(network(Tensor(x)), t)
        optimiser.zero_grad()
        L.backward()
        optimiser.step()
        received = step(x, t)
        assert step.reason == ""
        np.testing.assert_allclose(received, L.data, rtol=1e-9 if dtype == np.float64 else 1e-3)
    pairs = [(p.data, q.data) for p, q in zip(network.parameters(), other.parameters(), strict=True)]
    ours, theirs = optimiser.state_dict(), its_optimiser.state_dict()
    assert ours.keys() == theirs.keys()
    pairs += [(ours[name], theirs[name]) for name in ours]
    return max(np.max(np.abs(np.asarray(a, float) - b)) for a, b in pairs)


@needs_compiler
@pytest.mark.parametrize("make", [*OPTIMISERS.values(), lambda ps: SignDescent(ps, lr=0.1)], ids=[*OPTIMISERS, "of a user"])
def test_trained_beside_eager(make):
    """After 100 steps parameters, and what optimisers remember, are those of the eager training, but for rounding."""
    assert trained_beside(make, 100) < 1e-10


@needs_compiler
def test_single_precision():
    """Parameters stay float32, and follow the eager ones as closely as these let them."""
    assert trained_beside(OPTIMISERS["Adam"], 50, np.float32) < 1e-4


@needs_compiler
def test_a_thousand_steps():
    """Rounding does not grow where a training settles."""
    assert trained_beside(OPTIMISERS["momentum"], 1000) < 1e-9
