"""All hidden units begin alike, and stay so.

finding: equal units
tensor: W
way: random
"""

import numpy as np

from microgradnn import Tensor, optim

rng = np.random.default_rng(13)
X = rng.normal(size=(40, 3))
y = np.abs(X[:, 0]) - X[:, 1]
W = Tensor(np.full((3, 5), 0.1), requires_grad=True, name="W")  # planted
b = Tensor(np.zeros(5), requires_grad=True, name="b")
V = Tensor(np.full(5, 0.1), requires_grad=True, name="V")
descent = optim.SGD([W, b, V], lr=0.05)

for epoch in range(40):
    h = np.tanh(X @ W + b)
    loss = ((h @ V - y) ** 2).mean()
    descent.zero_grad()
    loss.backward()
    descent.step()
