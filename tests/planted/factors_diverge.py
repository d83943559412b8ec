"""Ratings by factors, with a learning rate that is too large for them: each step goes across the valley and up.

finding: learning rate too large
tensor: A
way: smaller
"""

import numpy as np

from microgradnn import Tensor, optim

rng = np.random.default_rng(68)
table = rng.normal(size=(12, 3)) @ rng.normal(size=(3, 10))
A = Tensor(0.5 * rng.normal(size=(12, 3)), requires_grad=True)
B = Tensor(0.5 * rng.normal(size=(3, 10)), requires_grad=True)
bias = Tensor(np.zeros(10), requires_grad=True)
descent = optim.SGD([A, B, bias], lr=1.3)

for epoch in range(6):
    loss = ((A @ B + bias - table) ** 2).sum() / 12
    descent.zero_grad()
    loss.backward()  # planted
    descent.step()
    print(loss.item())
