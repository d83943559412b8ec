"""The hidden layer goes on as a plain array.

finding: no gradient
tensor: W1
way: .data
"""

import numpy as np

from microgradnn import Tensor

rng = np.random.default_rng(0)
X, y = rng.normal(size=(32, 3)), rng.normal(size=(32, 1))
W1 = Tensor(rng.normal(size=(3, 8)) * 0.5, requires_grad=True, name="W1")
W2 = Tensor(rng.normal(size=(8, 1)) * 0.5, requires_grad=True, name="W2")

for step in range(30):
    h = np.tanh(X @ W1)
    o = h.data @ W2  # planted
    loss = ((o - y) ** 2).mean()
    W1.grad = W2.grad = None
    loss.backward()
    W2.data -= 0.1 * W2.grad
