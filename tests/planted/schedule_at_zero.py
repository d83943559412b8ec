"""A cosine over 10 epochs that is stepped after each batch.

finding: learning rate is 0
tensor: SGD
way: T_max
"""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(16)
X = rng.normal(size=(60, 3))
y = np.sin(X[:, :1])
net = nn.MLP([3, 10, 1], rng=rng)
descent = optim.SGD(net.parameters(), lr=0.1)
schedule = optim.LinearLR(descent, start_factor=1.0, end_factor=0.0, total_iters=10)

for epoch in range(10):
    for x, t in batches(X, y, size=20, rng=rng):
        descent.zero_grad()
        loss = nn.mse_loss(net(x), t)
        loss.backward()
        descent.step()  # planted
        schedule.step()
