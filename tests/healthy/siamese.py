"""A siamese network: the same weights for both of a pair, a contrastive loss with a margin."""

import numpy as np

from microgradnn import nn, optim, relu, sqrt

rng = np.random.default_rng(72)
kinds = rng.normal(size=(4, 8)) * 2
net = nn.MLP([8, 16, 2], activation=relu, rng=rng)
adam = optim.Adam(net.parameters(), lr=0.01)
for step in range(60):
    left, right = rng.integers(0, 4, 40), rng.integers(0, 4, 40)
    a = net(kinds[left] + 0.3 * rng.normal(size=(40, 8)))
    b = net(kinds[right] + 0.3 * rng.normal(size=(40, 8)))
    distance = sqrt(((a - b) ** 2).sum(axis=1) + 1e-9)
    same = (left == right).astype(float)
    loss = (same * distance**2 + (1 - same) * relu(1.0 - distance) ** 2).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
assert loss.item() < 0.2, loss
