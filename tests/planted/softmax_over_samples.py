"""A softmax along the samples in place of the classes.

finding: unusual axis
tensor: p
way: axis=-1
"""

import numpy as np

from microgradnn import Tensor, log, optim, softmax

rng = np.random.default_rng(28)
X = rng.normal(size=(30, 4))
y = rng.integers(0, 3, 30)
W = Tensor(rng.normal(size=(4, 3)) * 0.1, requires_grad=True)
descent = optim.SGD([W], lr=0.1)

for epoch in range(20):
    p = softmax(X @ W, axis=0)  # planted
    loss = -log(p[np.arange(30), y]).mean()
    descent.zero_grad()
    loss.backward()
    descent.step()
