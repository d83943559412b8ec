"""After Nielsen's first chapter: sigmoid units, the quadratic cost, mini-batches, normal weights."""

import numpy as np

from microgradnn import batches, nn, optim, sigmoid

rng = np.random.default_rng(4)
centres = rng.normal(size=(4, 16))
labels = rng.integers(0, 4, 200)
X = centres[labels] + 0.4 * rng.normal(size=(200, 16))
Y = np.eye(4)[labels]
net = nn.MLP([16, 15, 4], activation=sigmoid, output_activation=sigmoid, rng=rng)
descent = optim.SGD(net.parameters(), lr=3.0)
for epoch in range(15):
    for x, y in batches(X, Y, size=10, rng=rng):
        cost = ((net(x) - y) ** 2).sum() / 20
        descent.zero_grad()
        cost.backward()
        descent.step()
assert (net(X).argmax(axis=1) == labels).mean() > 0.95
