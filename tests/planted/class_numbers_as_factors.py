"""Log-probabilities are multiplied by class numbers, (n, 1), where one-hot rows were meant.

finding: class numbers
tensor: log_p
way: cross_entropy
"""

import numpy as np

from microgradnn import Tensor, log_softmax, nn, optim

rng = np.random.default_rng(8)
y = rng.integers(0, 3, size=(120, 1))
X = rng.normal(size=(120, 4)) + 2 * y
net = nn.MLP([4, 12, 3], rng=rng)
opt = optim.SGD(net.parameters(), lr=0.1)
for epoch in range(50):
    log_p = log_softmax(net(Tensor(X)), axis=1)
    loss = -(log_p * y).sum(axis=1).mean()  # planted
    opt.zero_grad()
    loss.backward()
    opt.step()
