"""Random features that stay as they are, on purpose, and a trained layer on top."""

import numpy as np

from microgradnn import fit, nn, optim

rng = np.random.default_rng(2)
X = rng.normal(size=(200, 10))
y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)
model = nn.Sequential(features=nn.Linear(10, 64, rng=rng), relu=nn.ReLU(), head=nn.Linear(64, 2, rng=rng))
for p in model.features.parameters():
    p.requires_grad = False
opt = optim.Adam(model.head.parameters(), lr=0.01)
losses = fit(model, nn.cross_entropy, opt, X, y, epochs=15, rng=rng, progress=False)["loss"]
assert losses[-1] < 0.7 * losses[0], losses
