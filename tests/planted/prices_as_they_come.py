"""Square metres, years and prices in euros: the first step explodes, and all units are dead.

finding: learning rate too large
tensor: b⁽²⁾
way: smaller than 0.001
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(12)
area = rng.uniform(30, 250, size=200)
year = rng.integers(1900, 2020, size=200)
rooms = rng.integers(1, 8, size=200)
price = 3000 * area + 500 * (year - 1900) + 10_000 * rooms + rng.normal(size=200) * 20_000
X = np.stack([area, year, rooms], axis=1)
y = price[:, None]
model = nn.Sequential(nn.Linear(3, 16, rng=rng), nn.ReLU(), nn.Linear(16, 1, rng=rng))
opt = optim.SGD(model.parameters(), lr=1e-3)
for epoch in range(50):
    loss = nn.mse_loss(model(X), y)
    opt.zero_grad()
    loss.backward()  # planted
    opt.step()
    if epoch < 5:
        print(epoch, loss.item())
