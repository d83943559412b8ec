"""zero_grad() stands between backward() and step().

finding: gradients forgotten
tensor: Adam
way: before backward()
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(24)
X = rng.normal(size=(60, 3))
y = X @ np.array([[1.0], [0.5], [-1.0]])
net = nn.MLP([3, 12, 1], rng=rng)
adam = optim.Adam(net.parameters(), lr=0.01)

for epoch in range(25):
    loss = nn.mse_loss(net(X), y)
    loss.backward()
    adam.zero_grad()
    adam.step()  # planted
