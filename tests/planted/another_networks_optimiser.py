"""The network is made again after the optimiser was.

finding: other parameters
tensor: SGD
way: after the network
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(17)
X = rng.normal(size=(60, 4))
y = (X[:, 0] * X[:, 1] > 0).astype(int)

net = nn.MLP([4, 12, 2], rng=rng)
descent = optim.SGD(net.parameters(), lr=0.2)
net = nn.MLP([4, 12, 2], rng=rng)

for epoch in range(15):
    descent.zero_grad()
    loss = nn.cross_entropy(net(X), y)
    loss.backward()
    descent.step()  # planted
