"""Targets of 200,000, and steps of a usual size: the predictions hardly move.

finding: targets far away
tensor: relu(x W⁽¹⁾ + b⁽¹⁾) W⁽²⁾ + b⁽²⁾
way: standardise the targets
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(19344)
X = rng.normal(size=(200, 4))
y = 200_000 + 30_000 * X[:, :1]
net = nn.Sequential(nn.Linear(4, 16, rng=rng), nn.ReLU(), nn.Linear(16, 1, rng=rng))
opt = optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(200):
    loss = nn.mse_loss(net(X), y)  # planted
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
