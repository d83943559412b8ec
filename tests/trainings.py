"""Small trainings that tests share: points in a circle, and losses that are told beforehand."""

import numpy as np

from microgradnn import EarlyStopping, Tensor, fit, nn, optim


class TwoLayers(nn.Module):
    """A small classifier of points."""

    def __init__(self, rng):
        self.hidden, self.out = nn.Linear(2, 8, rng=rng), nn.Linear(8, 2, rng=rng)

    def forward(self, x):
        return self.out(self.hidden(x).tanh())


def points(samples=60, seed=0):
    """Points, and whether they lie in a circle."""
    X = np.random.default_rng(seed).normal(size=(samples, 2))
    return X, (np.hypot(*X.T) < 1.2).astype(int)


def trained(seed=0, **options):
    """A network trained on points, its optimiser, and the history."""
    rng = np.random.default_rng(seed)
    network = TwoLayers(rng)
    optimiser = optim.Adam(network.parameters(), lr=0.05)
    options = {"epochs": 4, "batch_size": 16, "progress": False, **options}
    return network, optimiser, fit(network, nn.cross_entropy, optimiser, *points(), rng=rng, **options)


class Falling:
    """A loss whose values are told beforehand; its gradient is −1."""

    def __init__(self, values):
        self.values = iter(values)

    def __call__(self, prediction, target):
        return (prediction.data - prediction).sum() + next(self.values)


def stopped(values, **options):
    """A training on these losses, where w becomes 1, 2, 3, ... from epoch to epoch."""
    w = Tensor([0.0], requires_grad=True)
    stop = EarlyStopping(**options)
    X = np.ones((1, 1))
    fitted = {"epochs": len(values), "rng": None, "stop": stop, "progress": False}
    history = fit(lambda x: x * w, Falling(values), optim.SGD([w], lr=1), X, X, **fitted)
    return history, stop, w.item()
