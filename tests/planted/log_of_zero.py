"""A cross-entropy by hand, of probabilities that reach 0.

finding: not finite
tensor: log(p)
way: checked()
"""

import warnings

import numpy as np

from microgradnn import Tensor, log, optim, sigmoid

warnings.simplefilter("ignore")
rng = np.random.default_rng(34)
X = rng.normal(size=(50, 2)) * 40
y = (X[:, 0] + 0.3 * X[:, 1] > 0).astype(float)
w = Tensor(np.array([0.1, 0.1]), requires_grad=True)
descent = optim.SGD([w], lr=2.0)

for step in range(20):
    p = sigmoid(X @ w)
    loss = -(y * log(p) + (1 - y) * log(1 - p)).mean()  # planted
    descent.zero_grad()
    loss.backward()
    descent.step()
