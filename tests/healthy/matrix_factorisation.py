"""Two embeddings, most of whose rows get no gradient in a batch."""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(0)
true = rng.normal(size=(50, 3)) @ rng.normal(size=(3, 40))
users, items = nn.Embedding(50, 3, rng=rng), nn.Embedding(40, 3, rng=rng)
opt = optim.Adam(users.parameters() + items.parameters(), lr=0.05)
for step in range(400):
    u, i = rng.integers(0, 50, size=16), rng.integers(0, 40, size=16)
    loss = (((users(u) * items(i)).sum(axis=1) - true[u, i]) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
