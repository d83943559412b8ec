"""PyTorch's first example: a third-degree polynomial fitted to sin, with a very small learning rate."""

import numpy as np

from microgradnn import Tensor

rng = np.random.default_rng(12)
x = np.linspace(-np.pi, np.pi, 2000)
y = np.sin(x)
a, b, c, d = (Tensor(rng.normal(), requires_grad=True) for _ in range(4))
learning_rate = 1e-6
for t in range(300):
    y_pred = a + b * x + c * x**2 + d * x**3
    loss = ((y_pred - y) ** 2).sum()
    loss.backward()
    for p in (a, b, c, d):
        p.data -= learning_rate * p.grad
        p.grad = None
