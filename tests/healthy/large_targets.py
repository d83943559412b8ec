"""Targets around 1,000, which a linear model reaches by steps that are large enough."""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(5)
X = rng.normal(size=(200, 3))
y = 1000 + 300 * X[:, :1]
net = nn.Sequential(nn.Linear(3, 1, rng=rng))
descent = optim.SGD(net.parameters(), lr=0.05)
for _ in range(150):
    loss = nn.mse_loss(net(X), y)
    descent.zero_grad()
    loss.backward()
    descent.step()
assert loss.item() < 1, loss
