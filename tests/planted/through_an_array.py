"""Two embeddings are joined by np.array, which makes numbers of them.

finding: no gradient
tensor: a
way: stack
"""

import warnings

import numpy as np

from microgradnn import Tensor, optim

warnings.simplefilter("ignore")
a = Tensor(1.0, requires_grad=True, name="a")
b = Tensor(-1.0, requires_grad=True, name="b")
w = Tensor(np.array([0.5, 0.25]), requires_grad=True, name="w")
adam = optim.Adam([a, b, w], lr=0.05)

for step in range(25):
    adam.zero_grad()
    pair = np.array([a.item(), b.item()])  # planted
    loss = ((pair @ w - 3.0) ** 2).sum()
    loss.backward()
    adam.step()
