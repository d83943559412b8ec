"""Everything begins well; then one step with a much too large learning rate turns most relus off.

finding: dead units
tensor: h
way: learning rate
"""

import numpy as np

from microgradnn import Tensor, relu

rng = np.random.default_rng(33)
X = rng.normal(size=(64, 4)) + 1.0
y = X.sum(axis=1) + 5.0
W = Tensor(rng.normal(size=(4, 20)) * 0.5, requires_grad=True)
b = Tensor(np.zeros(20), requires_grad=True)
v = Tensor(rng.normal(size=20) * 0.3, requires_grad=True)
c = Tensor(0.0, requires_grad=True)

for step in range(120):
    h = relu(X @ W + b)  # planted
    loss = ((h @ v + c - y) ** 2).mean()
    for p in (W, b, v, c):
        p.grad = None
    loss.backward()
    lr = 0.005 if step != 2 else 0.5
    for p in (W, b, v, c):
        p.data -= lr * p.grad
