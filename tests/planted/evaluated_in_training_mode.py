"""The validation loss is computed with dropout on.

finding: training mode
tensor: Dropout(p=0.5)
way: eval()
"""

import numpy as np

from microgradnn import nn, no_grad, optim, relu

rng = np.random.default_rng(18)
X, y = rng.normal(size=(60, 4)), rng.integers(0, 2, 60)
net = nn.Sequential(nn.Linear(4, 20, rng=rng), relu, nn.Dropout(0.5, rng=rng), nn.Linear(20, 2, rng=rng))
adam = optim.Adam(net.parameters(), lr=0.01)

for epoch in range(10):
    adam.zero_grad()
    loss = nn.cross_entropy(net(X[:40]), y[:40])
    loss.backward()
    adam.step()
    with no_grad():
        validation = nn.cross_entropy(net(X[40:]), y[40:])  # planted
