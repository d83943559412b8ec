"""A relu after the last layer of a classifier: no score is below 0.

finding: squashed twice
tensor: relu(relu(x W⁽¹⁾ + b⁽¹⁾) W⁽²⁾ + b⁽²⁾)
way: leave the first one out
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(26956)
X = rng.normal(size=(120, 5))
y = rng.integers(0, 3, 120)
X[np.arange(120), y] += 2
net = nn.Sequential(nn.Linear(5, 16, rng=rng), nn.ReLU(), nn.Linear(16, 3, rng=rng), nn.ReLU())
opt = optim.SGD(net.parameters(), lr=0.1)
for epoch in range(100):
    loss = nn.cross_entropy(net(X), y)  # planted
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
