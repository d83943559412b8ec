"""A linear support vector machine: a hinge, which is 0 where all is right, and a penalty."""

import numpy as np

from microgradnn import Tensor, relu

rng = np.random.default_rng(22)
X = rng.normal(size=(64, 4))
t = np.where(X[:, 0] + 0.2 * X[:, 1] > 0, 1.0, -1.0)
w, b = Tensor(np.zeros(4), requires_grad=True), Tensor(0.0, requires_grad=True)
for step in range(150):
    loss = relu(1 - t * (X @ w + b)).mean() + 1e-3 * (w * w).sum()
    w.grad = b.grad = None
    loss.backward()
    w.data -= 0.1 * w.grad
    b.data -= 0.1 * b.grad
assert loss.item() < 0.5
