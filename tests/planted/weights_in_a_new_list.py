"""A step in a functional style, without no_grad: each new list of weights hangs on the one before.

finding: growing graph
tensor: Wo
way: .data
"""

import numpy as np

from microgradnn import Tensor, tanh

rng = np.random.default_rng(69)
X = rng.normal(size=(5, 10, 2))
y = X.mean(axis=(0, 2)).reshape(-1, 1)
shapes = {"Wx": (2, 6), "Wh": (6, 6), "Wo": (6, 1)}
weights = [Tensor(0.4 * rng.normal(size=shape), requires_grad=True, name=name) for name, shape in shapes.items()]


def loss_of(weights):
    Wx, Wh, Wo = weights
    h = np.zeros((10, 6))
    for x in X:
        h = tanh(x @ Wx + h @ Wh)
    return ((h @ Wo - y) ** 2).mean()


for epoch in range(10):
    loss = loss_of(weights)
    loss.backward()
    weights = [W - 0.05 * W.grad for W in weights]  # planted
