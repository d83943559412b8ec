"""XOR with three layers and nothing between them.

finding: nothing between
tensor: b.W
way: activation
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(0)
X = rng.integers(0, 2, size=(256, 2)).astype(float)
y = np.logical_xor(X[:, 0], X[:, 1]).astype(float)[:, None]


class XorNet(nn.Module):
    def __init__(self):
        self.a = nn.Linear(2, 8, rng=rng)
        self.b = nn.Linear(8, 8, rng=rng)
        self.c = nn.Linear(8, 1, rng=rng)

    def forward(self, x):
        x = self.a(x)
        x = self.b(x)  # planted
        return self.c(x)


net = XorNet()
opt = optim.Adam(net.parameters(), lr=0.02)
for epoch in range(100):
    loss = nn.binary_cross_entropy_with_logits(net(Tensor(X)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
