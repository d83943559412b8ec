"""A bias far below 0: no unit of the hidden layer is ever on.

finding: zero gradient
tensor: hidden.W
way: relu
"""

import numpy as np

from microgradnn import nn, optim, relu

rng = np.random.default_rng(4)
X = rng.normal(size=(60, 5))
y = np.sin(X[:, :1])

net = nn.MLP([5, 20, 1], activation=relu, rng=rng)
net.hidden.b.data -= 20.0
adam = optim.Adam(net.parameters(), lr=0.01)

for epoch in range(30):
    adam.zero_grad()
    loss = nn.mse_loss(net(X), y)  # planted
    loss.backward()
    adam.step()
print(loss.item())
