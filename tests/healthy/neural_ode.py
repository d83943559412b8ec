"""A neural ODE by Euler's steps: the same small network, forty times."""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(10)
A = np.array([[-0.1, 1.0], [-1.0, -0.1]])
truth = [np.array([[2.0, 0.0]])]
for _ in range(40):
    truth.append(truth[-1] + 0.1 * truth[-1] @ A)
truth = np.stack(truth[1:])
f = nn.MLP([2, 16, 2], rng=rng)
adam = optim.Adam(f.parameters(), lr=0.02)
first = None
for step in range(40):
    y, loss = Tensor(np.array([[2.0, 0.0]])), 0.0
    for k in range(40):
        y = y + 0.1 * f(y)
        loss = loss + ((y - truth[k]) ** 2).mean() / 40
    adam.zero_grad()
    loss.backward()
    adam.step()
    first = first or loss.item()
assert loss.item() < first
