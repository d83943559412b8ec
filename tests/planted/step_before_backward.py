"""zero_grad, step, backward: the gradients are there when nobody asks for them.

finding: gradients forgotten
tensor: SGD
way: step() right after
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(19918)
X = rng.normal(size=(120, 5))
y = X[:, :1]
net = nn.MLP([5, 8, 1], rng=rng)
opt = optim.SGD(net.parameters(), lr=0.1)
for epoch in range(40):
    opt.zero_grad()
    loss = nn.mse_loss(net(X), y)
    opt.step()  # planted
    loss.backward()
print(loss.item())
