"""Cross-entropy by hand, without its minus.

finding: wrong sign
tensor: loss
way: nn.cross_entropy has it
"""

import numpy as np

from microgradnn import nn, optim, softmax

rng = np.random.default_rng(9)
X = rng.normal(size=(80, 6))
y = rng.integers(0, 4, size=80)
X[np.arange(80), y] += 1.5
onehot = np.eye(4)[y]
net = nn.MLP([6, 16, 4], rng=rng)
opt = optim.SGD(net.parameters(), lr=0.05)
for epoch in range(60):
    p = softmax(net(X), axis=1)
    loss = (onehot * np.log(p + 1e-9)).sum(axis=1).mean()
    opt.zero_grad()
    loss.backward()  # planted
    opt.step()
    if epoch % 15 == 0:
        print(epoch, loss.item(), (p.numpy().argmax(1) == y).mean())
