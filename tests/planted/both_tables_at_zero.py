"""Factors of a table of ratings: both begin at 0, so each gets a gradient of 0 from the other, for ever.

finding: zero gradient
tensor: users.W
way: random
"""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(48)
user, film = rng.integers(0, 12, 200), rng.integers(0, 15, 200)
rating = rng.normal(size=12)[user] * rng.normal(size=15)[film]


class Factors(nn.Module):
    def __init__(self, width=4):
        self.users = nn.Embedding(12, width)
        self.films = nn.Embedding(15, width)
        for table in (self.users, self.films):
            table.W.data[...] = 0.0

    def forward(self, user, film):
        return (self.users(user) * self.films(film)).sum(axis=1)  # planted


net = Factors()
descent = optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for u, f, r in batches(user, film, rating, size=50, rng=rng):
        descent.zero_grad()
        loss = nn.mse_loss(net(u, f), r)
        loss.backward()
        descent.step()
