"""Twelve sigmoid layers: the first ones hardly get a gradient.

finding: vanishing
tensor: hidden1.W
way: relu
"""

import numpy as np

from microgradnn import nn, optim, sigmoid

rng = np.random.default_rng(5)
X = rng.normal(size=(48, 6))
y = (X.sum(axis=1) > 0).astype(int)

net = nn.MLP([6, *[12] * 12, 2], activation=sigmoid, rng=rng)
descent = optim.SGD(net.parameters(), lr=0.5)
for epoch in range(25):
    descent.zero_grad()
    loss = nn.cross_entropy(net(X), y)  # planted
    loss.backward()
    descent.step()
