"""Predictions of shape (n, 1) minus targets of shape (n,).

finding: broadcast in the loss
tensor: o
way: reshape
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(10)
X = rng.normal(size=(40, 3))
y = X @ np.array([2.0, -1.0, 0.5])
net = nn.MLP([3, 8, 1], rng=rng)
adam = optim.Adam(net.parameters(), lr=0.02)

for epoch in range(40):
    prediction = net(X)
    error = prediction - y  # planted
    loss = (error**2).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
