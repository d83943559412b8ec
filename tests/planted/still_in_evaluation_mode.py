"""After the first validation nobody calls train() again.

finding: evaluation mode
tensor: BatchNorm(16)
way: train()
"""

import numpy as np

from microgradnn import nn, no_grad, optim, relu

rng = np.random.default_rng(30)
X, y = rng.normal(size=(80, 5)), rng.integers(0, 2, 80)
net = nn.Sequential(nn.Linear(5, 16, rng=rng), nn.BatchNorm(16), relu, nn.Linear(16, 2, rng=rng))
adam = optim.Adam(net.parameters(), lr=0.01)

for epoch in range(12):
    for start in range(0, 60, 20):
        adam.zero_grad()
        loss = nn.cross_entropy(net(X[start : start + 20]), y[start : start + 20])  # planted
        loss.backward()
        adam.step()
    net.eval()
    with no_grad():
        validation = nn.cross_entropy(net(X[60:]), y[60:]).item()
