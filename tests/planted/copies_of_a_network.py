"""Two hidden units of a network were copied from a third, to make it wider.

finding: equal units
tensor: W
way: random
"""

import numpy as np

from microgradnn import Tensor, optim

rng = np.random.default_rng(39)
X = rng.normal(size=(50, 3))
y = np.sin(2 * X[:, 0])
W = Tensor(np.tile(rng.normal(size=(3, 2)), 3), requires_grad=True)  # planted
b = Tensor(np.tile(rng.normal(size=2), 3), requires_grad=True)
V = Tensor(np.tile(rng.normal(size=2), 3) / 3, requires_grad=True)
adam = optim.Adam([W, b, V], lr=0.01)

for epoch in range(30):
    loss = ((np.tanh(X @ W + b) @ V - y) ** 2).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
