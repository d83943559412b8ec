"""A warm-up begins at 0, and schedule.step() is never called: the learning rate stays there.

finding: learning rate is 0
tensor: AdamW
way: step()
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(61)
X = rng.normal(size=(16, 5, 8))
y = rng.integers(0, 4, 16)


class Attending(nn.Module):
    def __init__(self):
        self.block = nn.TransformerBlock(8, heads=2, rng=rng)
        self.head = nn.Linear(8, 4, rng=rng)

    def forward(self, x):
        return self.head(self.block(x).mean(axis=1))


def warm_up(step):
    return min(1.0, step / 10)


net = Attending()
adam = optim.AdamW(net.parameters(), lr=0.01)
schedule = optim.LambdaLR(adam, warm_up)
for epoch in range(12):
    adam.zero_grad()
    loss = nn.cross_entropy(net(X), y)
    loss.backward()
    adam.step()  # planted
