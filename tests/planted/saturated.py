"""Inputs of hundreds and weights of 1: every tanh is at −1 or 1.

finding: saturated
tensor: h
way: standardise
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(14)
X = rng.uniform(100, 900, size=(64, 4))
y = ((X[:, 0] - X[:, 1]) > 0).astype(float)
W1 = Tensor(rng.normal(size=(4, 10)), requires_grad=True, name="W1")
W2 = Tensor(rng.normal(size=(10,)) * 0.3, requires_grad=True, name="W2")
descent = optim.SGD([W1, W2], lr=0.05)

for epoch in range(20):
    h = np.tanh(X @ W1).named("h")  # planted
    loss = nn.binary_cross_entropy_with_logits(h @ W2, y)
    descent.zero_grad()
    loss.backward()
    descent.step()
