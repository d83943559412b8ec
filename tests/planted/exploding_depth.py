"""Ten linear layers with relu, and weights from a standard normal distribution.

finding: exploding
tensor: W⁽¹⁾
way: Smaller weights
"""

import numpy as np

from microgradnn import nn, optim, relu

rng = np.random.default_rng(32)
X = rng.normal(size=(40, 16))
y = rng.integers(0, 2, 40)


def standard_normal(shape, *, rng):
    return rng.normal(size=shape)


layers = []
for i in range(9):
    layers += [nn.Linear(16, 16, rng=rng, init=standard_normal), relu]
net = nn.Sequential(*layers, nn.Linear(16, 2, rng=rng, init=standard_normal))
descent = optim.SGD(net.parameters(), lr=1e-12)

for step in range(10):
    descent.zero_grad()
    loss = nn.cross_entropy(net(X), y)  # planted
    loss.backward()
    descent.step()
