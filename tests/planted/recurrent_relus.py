"""A recurrent layer with relus whose matrix begins at 1.3 times the identity: forty steps multiply the gradient.

finding: exploding
tensor: relu of shape (16, 6)
way: clip
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(51)
X = rng.uniform(size=(40, 16, 1))
y = X.sum(axis=0)


class Adder(nn.Module):
    def __init__(self, units=6):
        self.cell = nn.RNNCell(1, units, nonlinearity="relu", rng=rng)
        self.cell.Wh.data[...] = 1.3 * np.eye(units)
        self.out = nn.Linear(units, 1, rng=rng)

    def forward(self, x):
        h = None
        for step in x:
            h = self.cell(step, h)  # planted
        return self.out(h)


net = Adder()
adam = optim.Adam(net.parameters(), lr=0.001)
for epoch in range(8):
    adam.zero_grad()
    loss = nn.mse_loss(net(X), y)
    loss.backward()
    adam.step()
