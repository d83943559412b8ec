"""The blocks are called, and what they return is not used.

finding: no gradient
tensor: blocks.0.0.W
way: leave it out
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(30)


class Net(nn.Module):
    def __init__(self):
        self.inner = nn.Linear(6, 6, rng=rng)
        self.blocks = [(nn.Linear(6, 6, rng=rng), nn.ReLU()) for _ in range(2)]
        self.out = nn.Linear(6, 1, rng=rng)

    def forward(self, x):
        x = self.inner(x).relu()
        for linear, relu in self.blocks:
            linear(x)  # planted
            x = relu(x)
        return self.out(x)


X = rng.normal(size=(80, 6))
y = X[:, :1] * X[:, 1:2]
net = Net()
opt = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(60):
    loss = nn.mse_loss(net(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
