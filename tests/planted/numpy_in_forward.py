"""A module that normalises its hidden values with NumPy, by .numpy().

finding: no gradient
tensor: W1
way: .numpy()
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(26)
X = rng.normal(size=(64, 5))
y = np.cos(X[:, :1])


class Net(nn.Module):
    def __init__(self):
        self.W1 = Tensor(rng.normal(size=(5, 12)) * 0.4, requires_grad=True)
        self.W2 = Tensor(rng.normal(size=(12, 1)) * 0.4, requires_grad=True)

    def forward(self, x):
        h = np.tanh(x @ self.W1)
        a = h.numpy()  # planted
        a = (a - a.mean(axis=0)) / (a.std(axis=0) + 1e-5)
        return a @ self.W2


net = Net()
descent = optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    loss = nn.mse_loss(net(X), y)
    descent.zero_grad()
    loss.backward()
    descent.step()
