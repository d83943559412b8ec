"""Weight decay of 10 where 1e-4 was meant.

finding: weights decay
tensor: hidden.W
way: weight_decay smaller
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(0)
X = rng.normal(size=(100, 4))
y = np.sin(X[:, :1]) + X[:, 1:2]
net = nn.MLP([4, 16, 1], rng=rng)  # planted
opt = optim.SGD(net.parameters(), lr=0.05, weight_decay=10.0)
for epoch in range(60):
    loss = nn.mse_loss(net(Tensor(X)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
