"""Matching by two embeddings, half of one never asked for, and a temperature."""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(12)
users, items = nn.Embedding(50, 8, rng=rng), nn.Embedding(100, 8, rng=rng)
temperature = Tensor(0.0, requires_grad=True, name="temperature")
opt = optim.Adam([*users.parameters(), *items.parameters(), temperature], lr=0.02)
for step in range(120):
    u = rng.choice(50, size=16, replace=False)
    scores = users(u) @ items(u).T * np.exp(temperature) / np.sqrt(8)
    loss = nn.cross_entropy(scores, np.arange(16))
    opt.zero_grad()
    loss.backward()
    opt.step()
assert loss.item() < 0.2, loss
