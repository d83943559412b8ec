"""The network's own step assigns the weights anew: each is a result of all the steps before.

finding: growing graph
tensor: b
way: .data
"""

import numpy as np

from microgradnn import Tensor, nn

rng = np.random.default_rng(87)
X, y = rng.normal(size=(30, 4)), rng.normal(size=(30, 1))


class Net(nn.Module):
    def __init__(self):
        self.W = Tensor(rng.normal(size=(4, 1)), requires_grad=True)
        self.b = Tensor(np.zeros(1), requires_grad=True)

    def forward(self, x):
        return np.tanh(x @ self.W + self.b)

    def step(self, lr):
        self.W = self.W - lr * self.W.grad
        self.b = self.b - lr * self.b.grad  # planted


net = Net()
for epoch in range(10):
    loss = nn.mse_loss(net(X), y)
    loss.backward()
    net.step(0.1)
