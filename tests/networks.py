"""Tensors and networks that tests share."""

import numpy as np

from microgradnn import Tensor, nn, relu


def leaf(x, **parameters):
    return Tensor(x, requires_grad=True, **parameters)


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
