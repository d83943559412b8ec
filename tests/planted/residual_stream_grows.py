"""Twenty residual blocks of wide weights without a normalisation: each multiplies the gradient.

finding: exploding
tensor: embed.W
way: normalis
"""

import numpy as np

from microgradnn import nn, optim, relu

rng = np.random.default_rng(50)
X = rng.normal(size=(32, 6))
y = rng.integers(0, 2, 32)


class Residual(nn.Module):
    def __init__(self, width=16, depth=14):
        self.embed = nn.Linear(6, width, rng=rng)
        self.blocks = [nn.Linear(width, width, rng=rng) for _ in range(depth)]
        for block in self.blocks:
            block.W.data[...] = rng.normal(size=(width, width))
        self.head = nn.Linear(width, 2, rng=rng)

    def forward(self, x):
        h = self.embed(x)  # planted
        for block in self.blocks:
            h = h + relu(block(h))
        return self.head(h)


net = Residual()
adam = optim.Adam(net.parameters(), lr=0.001)
for epoch in range(10):
    adam.zero_grad()
    loss = nn.cross_entropy(net(X), y)
    loss.backward()
    adam.step()
