"""A learning rate of 1e-9, left over from another experiment.

finding: steps too small
tensor: loss
way: larger
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(37)
X = rng.normal(size=(60, 3))
y = np.sin(X[:, :1])
net = nn.MLP([3, 10, 1], rng=rng)
descent = optim.SGD(net.parameters(), lr=1e-9)

for epoch in range(30):
    descent.zero_grad()
    loss = nn.mse_loss(net(X), y)
    loss.backward()  # planted
    descent.step()
