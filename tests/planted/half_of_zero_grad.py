"""Body and head have an optimiser each; only the head's forgets the gradients.

finding: gradients add up
tensor: body.W
way: zero_grad
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(53)
X = rng.normal(size=(40, 10))
Y = np.tanh(X[:, :3] + X[:, 3:6])


class Net(nn.Module):
    def __init__(self):
        self.body, self.norm, self.head = nn.Linear(10, 16, rng=rng), nn.LayerNorm(16), nn.Linear(16, 3, rng=rng)

    def forward(self, x):
        return self.head(np.tanh(self.norm(self.body(x))))


net = Net()
slow = optim.SGD([*net.body.parameters(), *net.norm.parameters()], lr=0.001)
fast = optim.Adam(net.head.parameters(), lr=0.01)
for epoch in range(25):
    fast.zero_grad()
    loss = nn.mse_loss(net(X), Y)
    loss.backward()  # planted
    slow.step()
    fast.step()
