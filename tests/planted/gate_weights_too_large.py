"""The weights of a gate begin far too large: the sigmoid is at 0 or 1.

finding: saturated
tensor: gate
way: smaller
"""

import numpy as np

from microgradnn import nn, optim, sigmoid

rng = np.random.default_rng(86)
X = rng.normal(size=(60, 8))
Y = np.maximum(X[:, :2], X[:, 2:4])


class Gated(nn.Module):
    def __init__(self, units=12):
        self.gate, self.value, self.out = (nn.Linear(a, b, rng=rng) for a, b in ((8, units), (8, units), (units, 2)))
        self.gate.W.data *= 60.0

    def forward(self, x):
        gate = sigmoid(self.gate(x)).named("gate")  # planted
        return self.out(gate * self.value(x))


net = Gated()
adam = optim.Adam(net.parameters(), lr=0.005)
for epoch in range(15):
    adam.zero_grad()
    loss = nn.mse_loss(net(X), Y)
    loss.backward()
    adam.step()
