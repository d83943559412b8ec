"""W becomes a new Tensor in each step, computed from the old one.

finding: growing graph
tensor: W
way: W.data -=
"""

import numpy as np

from microgradnn import Tensor

rng = np.random.default_rng(8)
X = rng.normal(size=(30, 3))
y = X @ np.array([1.0, 2.0, -1.0])
W = Tensor(np.zeros(3), requires_grad=True, name="W")

for step in range(20):
    loss = ((X @ W - y) ** 2).mean()
    loss.backward()
    W = W - 0.1 * W.grad  # planted
    W.name = "W"
