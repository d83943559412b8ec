"""The gradients of all steps add up.

finding: gradients add up
tensor: W
way: zero_grad
"""

import numpy as np

from microgradnn import Tensor, optim

rng = np.random.default_rng(7)
X = rng.normal(size=(30, 4))
y = X @ np.array([1.0, -2.0, 0.5, 3.0])
W = Tensor(np.zeros(4), requires_grad=True, name="W")
b = Tensor(0.0, requires_grad=True, name="b")
descent = optim.SGD([W, b], lr=0.05)

for step in range(50):
    loss = ((X @ W + b - y) ** 2).mean()
    loss.backward()  # planted
    descent.step()
