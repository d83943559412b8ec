"""Some targets are missing; they are filled, and a mask leaves them out of the loss."""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(5)
X = rng.normal(size=(100, 4))
y = X[:, :1] * 2
y[::7] = np.nan
known = ~np.isnan(y)
filled = np.where(known, y, 0)
net = nn.MLP([4, 8, 1], rng=rng)
adam = optim.Adam(net.parameters(), lr=0.02)
for _ in range(80):
    loss = (known * (net(X) - filled) ** 2).sum() / known.sum()
    adam.zero_grad()
    loss.backward()
    adam.step()
assert loss.item() < 0.3, loss
