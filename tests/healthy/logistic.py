"""Logistic regression from zeros, of softmax and two classes; the whole data in each step."""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(13)
X = rng.normal(size=(100, 6))
X[:, 5] = 0.0  # a column that is empty
y = (X @ np.array([1, -1, 0.5, 0, 0, 0]) > 0).astype(int)
W, b = Tensor(np.zeros((6, 2)), requires_grad=True), Tensor(np.zeros(2), requires_grad=True)
descent = optim.SGD([W, b], lr=0.5, momentum=0.9)
for step in range(60):
    descent.zero_grad()
    loss = nn.cross_entropy(X @ W + b, y)
    loss.backward()
    descent.step()
assert loss.item() < 0.3
