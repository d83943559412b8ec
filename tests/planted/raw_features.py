"""House data as it comes: years, square feet, rooms.

finding: not standardised
tensor: x
way: Standardise
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(29)
year = rng.uniform(1950, 2020, 80)
area = rng.uniform(500, 4000, 80)
rooms = rng.integers(1, 8, 80)
X = np.stack([year, area, rooms], axis=1).astype(float)
price = (area / 1000 + 0.1 * rooms)[:, None]
net = nn.Linear(3, 1, rng=rng)
descent = optim.SGD(net.parameters(), lr=1e-8)

for epoch in range(30):
    descent.zero_grad()
    loss = nn.mse_loss(net(X), price)  # planted
    loss.backward()
    descent.step()
