"""Thirty labels, each of which is rarely on."""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(7)
X = rng.normal(size=(400, 20))
scores = X @ rng.normal(size=(20, 30))
Y = (scores > np.quantile(scores, 0.97, axis=0)).astype(float)
net = nn.Sequential(nn.Linear(20, 64, rng=rng), nn.ReLU(), nn.Linear(64, 30, rng=rng))
opt = optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    for xb, yb in batches(X, Y, size=40, rng=rng):
        loss = nn.binary_cross_entropy_with_logits(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
assert loss.item() < 0.15, loss
