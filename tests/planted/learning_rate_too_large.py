"""A learning rate beyond what the curvature allows.

finding: learning rate too large
tensor: w
way: smaller
"""

import numpy as np

from microgradnn import Tensor, optim

rng = np.random.default_rng(12)
X = rng.normal(size=(80, 3)) * np.array([1.0, 1.0, 6.0])
y = X @ np.array([1.0, 1.0, 1.0])
w = Tensor(np.zeros(3), requires_grad=True, name="w")
descent = optim.SGD([w], lr=0.05)

for epoch in range(25):
    loss = ((X @ w - y) ** 2).mean()
    descent.zero_grad()
    loss.backward()  # planted
    descent.step()
    print(f"{epoch:3} {loss.item():.4g}")
