"""A learning rate that begins at 0, and rises to what it is to be."""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 6))
y = (X[:, 0] * X[:, 1] > 0).astype(int)
net = nn.MLP([6, 32, 32, 2], rng=rng)
opt = optim.AdamW(net.parameters(), lr=0.01)
schedule = optim.LambdaLR(opt, lambda step: min(1.0, step / 20))
for epoch in range(120):
    loss = nn.cross_entropy(net(Tensor(X)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    schedule.step()
