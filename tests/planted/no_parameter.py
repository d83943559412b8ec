"""One weight was made without requires_grad: nothing trains it.

finding: no parameter
tensor: W1
way: requires_grad=True
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(3)
X = rng.normal(size=(64, 2))
y = X[:, :1] * X[:, 1:]


class Net(nn.Module):
    def __init__(self):
        self.W1 = Tensor(rng.normal(size=(2, 16)))
        self.b1 = Tensor(np.zeros(16), requires_grad=True)
        self.W2 = Tensor(rng.normal(size=(16, 1)) * 0.2, requires_grad=True)

    def forward(self, x):
        h = np.tanh(x @ self.W1 + self.b1)  # planted
        return h @ self.W2


net = Net()
descent = optim.SGD(net.parameters(), lr=0.1)
for epoch in range(40):
    descent.zero_grad()
    loss = nn.mse_loss(net(X), y)
    loss.backward()
    descent.step()
