"""The matrix is scaled after requires_grad: what the module keeps is the result of an operation, no parameter.

finding: no parameter
tensor: Wh
way: first
"""

import numpy as np

from microgradnn import Tensor, nn, optim, tanh

rng = np.random.default_rng(45)
X = rng.normal(size=(5, 20, 2))
y = X.sum(axis=(0, 2)).reshape(-1, 1)


class Recurrent(nn.Module):
    def __init__(self, units=7):
        self.Wx = nn.Linear(2, units, rng=rng)
        self.Wh = 0.3 * Tensor(rng.normal(size=(units, units)), requires_grad=True)  # planted
        self.out = nn.Linear(units, 1, rng=rng)

    def forward(self, x):
        h = np.zeros((x.shape[1], self.Wh.shape[0]))
        for step in x:
            h = tanh(self.Wx(step) + h @ self.Wh)
        return self.out(h)


net = Recurrent()
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(15):
    adam.zero_grad()
    loss = nn.mse_loss(net(X), y)
    loss.backward()
    adam.step()
