"""After CS231n: a spiral of three classes, two layers, relu, an L2 penalty, plain descent."""

import numpy as np

from microgradnn import Tensor, nn, relu

rng = np.random.default_rng(3)
n = 60
angle = np.linspace(0, 4, n) + 0.2 * rng.normal(size=(3, n)) + 4 * np.arange(3)[:, None]
radius = np.linspace(0, 1, n)
X = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=-1).reshape(-1, 2)
y = np.repeat(np.arange(3), n)
W = Tensor(0.01 * rng.normal(size=(2, 100)), requires_grad=True)
b = Tensor(np.zeros((1, 100)), requires_grad=True)
W2 = Tensor(0.01 * rng.normal(size=(100, 3)), requires_grad=True)
b2 = Tensor(np.zeros((1, 3)), requires_grad=True)
for i in range(200):
    scores = relu(X @ W + b) @ W2 + b2
    loss = nn.cross_entropy(scores, y) + 0.5e-3 * ((W * W).sum() + (W2 * W2).sum())
    for p in (W, b, W2, b2):
        p.grad = None
    loss.backward()
    for p in (W, b, W2, b2):
        p.data -= 1.0 * p.grad
assert loss.item() < 0.9
