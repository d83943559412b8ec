"""The last layer is made anew in each call of forward: no optimiser knows it, and each step begins with other weights.

finding: no parameter
tensor: Linear(5, 3)
way: __init__
"""

import numpy as np

from microgradnn import nn, optim, relu

rng = np.random.default_rng(46)
X = rng.normal(size=(50, 1, 12))
y = rng.integers(0, 3, 50)


class Net(nn.Module):
    def __init__(self):
        self.conv = nn.Conv1d(1, 5, 3, rng=rng)

    def forward(self, x):
        features = relu(self.conv(x)).mean(axis=-1)
        head = nn.Linear(features.shape[1], 3, rng=rng)
        return head(features)  # planted


net = Net()
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(15):
    adam.zero_grad()
    loss = nn.cross_entropy(net(X), y)
    loss.backward()
    adam.step()
