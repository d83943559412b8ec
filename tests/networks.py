"""Tensors and networks that tests share."""

import numpy as np

from microgradnn import Tensor, nn, relu


def leaf(x, name=None, **parameters):
    return Tensor(x, requires_grad=True, name=name, **parameters)


class Network(nn.Module):
    """A bit of everything: layers by name and in a list, one of them twice, a parameter, a constant, a function."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.hidden = nn.Linear(2, 1000, rng=rng)
        self.norm = nn.BatchNorm(1000)
        self.activation = relu
        self.more = [nn.Sequential(nn.Dropout(0.5, rng=rng), nn.LeakyReLU(0.2)), nn.Linear(1000, 3, bias=False, rng=rng)]
        self.again = self.more[1]
        self.scale = Tensor(2.0, requires_grad=True)
        self.shift = Tensor([0.5])

    def forward(self, x):
        x = self.activation(self.norm(self.hidden(x)))
        for layer in self.more:
            x = layer(x)
        return x * self.scale + self.shift


def source_network(hidden=3, seed=0):
    """h = tanh(x W + b_h), o = h V + b_o, L = (t − o)², after a backward pass."""
    rng = np.random.default_rng(seed)
    x, t = Tensor(rng.normal(size=3), name="x"), Tensor(rng.normal(), name="t")
    W = Tensor(rng.normal(size=(3, hidden)), requires_grad=True, name="W")
    b_h = Tensor(rng.normal(size=hidden), requires_grad=True, name="b_h")
    V = Tensor(rng.normal(size=hidden), requires_grad=True, name="V")
    b_o = Tensor(rng.normal(), requires_grad=True, name="b_o")
    h = (x @ W + b_h).tanh().named("h")
    o = (h @ V + b_o).named("o")
    L = ((t - o) ** 2).named("L")
    L.backward()
    return L, W, {"x": x, "t": t, "b_h": b_h, "V": V, "b_o": b_o, "h": h, "o": o}


def textbook_network():
    """The source's network with figures that can be checked by hand: h = (0, 0), o = 0.5."""
    x, t = Tensor([2.0, 4.0], name="x"), Tensor(1.0, name="t")
    W = Tensor(np.zeros((2, 2)), requires_grad=True, name="W")
    V = Tensor([3.0, -5.0], requires_grad=True, name="V")
    h = (x @ W).tanh().named("h")
    o = (h @ V + 0.5).named("o")
    return ((t - o) ** 2).named("L"), W


def small_network():
    """o = tanh(x W + b) V for two samples, L = Σ (t − o)²: b is broadcast, h is used twice."""
    x, t = Tensor([[0.5, -1.0], [1.0, 2.0]], name="x"), Tensor([1.0, 0.0], name="t")
    W = Tensor([[0.1, 0.2], [0.3, -0.4]], requires_grad=True, name="W")
    b = Tensor([0.1, -0.1], requires_grad=True, name="b")
    V = Tensor([1.0, -1.0], requires_grad=True, name="V")
    h = (x @ W + b).tanh().named("h")
    o = (h @ V + h.sum(axis=1)).named("o")
    return ((t - o) ** 2).sum().named("L"), {"W": W, "b": b, "V": V, "h": h}
