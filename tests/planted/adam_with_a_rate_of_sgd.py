"""Adam with a learning rate of 1: the first step drives the units to their ends.

finding: saturated
tensor: h2
way: learning rate smaller
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(8)
X = rng.uniform(-1, 1, size=(150, 2))
y = (np.hypot(X[:, 0], X[:, 1]) < 0.6).astype(int)
net = nn.MLP([2, 24, 24, 2], rng=rng)
opt = optim.Adam(net.parameters(), lr=1.0)
for epoch in range(80):
    loss = nn.cross_entropy(net(X), y)  # planted
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 10 == 0:
        print(epoch, round(loss.item(), 3))
