"""The second bias is made, given to the optimiser, and forgotten in the forward pass.

finding: no gradient
tensor: b2
way: never used
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(2)
X = rng.normal(size=(50, 4))
y = (X[:, 0] > 0).astype(int)


class Net(nn.Module):
    def __init__(self):
        self.W1 = Tensor(rng.normal(size=(4, 6)) * 0.5, requires_grad=True)
        self.b1 = Tensor(np.zeros(6), requires_grad=True)
        self.W2 = Tensor(rng.normal(size=(6, 2)) * 0.5, requires_grad=True)
        self.b2 = Tensor(np.zeros(2), requires_grad=True)  # planted

    def forward(self, x):
        h = (x @ self.W1 + self.b1).tanh()
        return h @ self.W2


net = Net()
descent = optim.SGD(net.parameters(), lr=0.3)
for epoch in range(30):
    descent.zero_grad()
    loss = nn.cross_entropy(net(X), y)
    loss.backward()
    descent.step()
