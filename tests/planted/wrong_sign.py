"""Up the hill: W += in place of W -=.

finding: wrong sign
tensor: W
way: -=
"""

import numpy as np

from microgradnn import Tensor

rng = np.random.default_rng(11)
X = rng.normal(size=(50, 2))
y = X @ np.array([1.5, -0.7]) + 0.3
W = Tensor(np.zeros(2), requires_grad=True, name="W")
b = Tensor(0.0, requires_grad=True, name="b")

for step in range(30):
    loss = ((X @ W + b - y) ** 2).mean()
    W.grad = b.grad = None
    loss.backward()  # planted
    W.data += 0.02 * W.grad
    b.data += 0.02 * b.grad
