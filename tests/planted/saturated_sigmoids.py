"""Weights of a hidden sigmoid layer that are ten times too large.

finding: saturated
tensor: h
way: smaller weights
"""

import numpy as np

from microgradnn import nn, optim, sigmoid

rng = np.random.default_rng(38)
X = rng.normal(size=(70, 12))
y = (X[:, 0] * X[:, 1] > 0).astype(int)
net = nn.MLP([12, 20, 2], activation=sigmoid, rng=rng)
net.hidden.W.data *= 12
descent = optim.SGD(net.parameters(), lr=0.1)

for epoch in range(20):
    descent.zero_grad()
    loss = nn.cross_entropy(net(X), y)  # planted
    loss.backward()
    descent.step()
