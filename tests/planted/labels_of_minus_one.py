"""Binary cross-entropy by hand, of labels -1 and 1.

finding: out of reach
tensor: add of shape (120, 1)
way: (y + 1) / 2
"""

import numpy as np

from microgradnn import nn, optim, sigmoid

rng = np.random.default_rng(20442)
X = rng.normal(size=(120, 5))
y = np.sign(X[:, :1])
net = nn.MLP([5, 8, 1], rng=rng)
opt = optim.SGD(net.parameters(), lr=0.1)
for epoch in range(100):
    p = sigmoid(net(X))
    loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()  # planted
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
