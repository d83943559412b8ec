"""weight_decay=1: the loss falls, and rises again, with the weights becoming small.

finding: weights decay
tensor: hidden.W
way: weight_decay smaller than 1
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(20)
X = rng.normal(size=(120, 5))
y = np.tanh(X[:, :1] + X[:, 1:2])
net = nn.MLP([5, 24, 1], rng=rng)  # planted
opt = optim.SGD(net.parameters(), lr=0.05, weight_decay=1.0)
for epoch in range(150):
    loss = nn.mse_loss(net(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())
