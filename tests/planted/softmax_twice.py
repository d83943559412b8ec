"""The network ends in a softmax, and cross_entropy does it again.

finding: squashed twice
tensor: o
way: scores
"""

import numpy as np

from microgradnn import nn, optim, softmax

rng = np.random.default_rng(27)
X = rng.normal(size=(90, 4))
y = X[:, :3].argmax(axis=1)
net = nn.MLP([4, 16, 3], output_activation=softmax, rng=rng)
descent = optim.SGD(net.parameters(), lr=0.5)

for epoch in range(30):
    descent.zero_grad()
    loss = nn.cross_entropy(net(X), y)  # planted
    loss.backward()
    descent.step()
