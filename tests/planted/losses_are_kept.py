"""The losses go into a list as Tensors, each with the graph of its step.

finding: graphs are kept
tensor: the losses
way: item()
"""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(35)
X = rng.normal(size=(100, 8))
Y = np.tanh(X[:, :2])
net = nn.MLP([8, 32, 2], rng=rng)
adam = optim.Adam(net.parameters(), lr=0.01)
losses = []

for epoch in range(10):
    for x, y in batches(X, Y, size=20, rng=rng):
        adam.zero_grad()
        loss = nn.mse_loss(net(x), y)
        loss.backward()
        adam.step()
        losses.append(loss)
