"""The sign of the loss is wrong: descent makes the error larger and larger.

finding: wrong sign
tensor: loss
way: minus
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(36)
X = rng.normal(size=(60, 3))
y = X @ np.array([[1.0], [2.0], [-1.0]])
net = nn.Linear(3, 1, rng=rng)
descent = optim.SGD(net.parameters(), lr=0.05)

for epoch in range(40):
    loss = -nn.mse_loss(net(X), y)
    descent.zero_grad()
    loss.backward()  # planted
    descent.step()
