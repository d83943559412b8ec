"""A small convolutional network with dropout, by `fit`, with a validation, a schedule and clipping."""

import numpy as np

from microgradnn import fit, nn, optim, relu

rng = np.random.default_rng(14)
X = rng.normal(size=(120, 1, 8, 8)) * 0.5
y = rng.integers(0, 2, 120)
X[y == 1, :, 2:5, 2:5] += 1.0
net = nn.Sequential(
    nn.Conv2d(1, 4, 3, rng=rng), relu, nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.2, rng=rng), nn.Linear(36, 2, rng=rng)
)
adam = optim.Adam(net.parameters(), lr=0.01)
history = fit(
    net, nn.cross_entropy, adam, X[:100], y[:100], epochs=6, rng=rng, batch_size=20, validation=(X[100:], y[100:]),
    schedule=optim.CosineAnnealingLR(adam, T_max=6), clip=5.0, progress=False,
)  # fmt: skip
assert history["loss"][-1] < 0.6
