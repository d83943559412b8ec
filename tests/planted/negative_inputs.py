"""Logarithms of probabilities, all below 0, meet weights that all are above 0: no relu is ever on.

finding: zero gradient
tensor: W⁽¹⁾
way: relu
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(84)
X = np.log(rng.uniform(0.01, 0.9, size=(50, 6)))
y = rng.integers(0, 3, 50)
net = nn.Sequential(nn.Linear(6, 12, rng=rng), nn.ReLU(), nn.LayerNorm(12), nn.Linear(12, 3, rng=rng))
net[0].W.data[...] = rng.uniform(0.1, 0.5, size=(6, 12))
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(12):
    adam.zero_grad()
    loss = nn.cross_entropy(net(X), y)  # planted
    loss.backward()
    adam.step()
