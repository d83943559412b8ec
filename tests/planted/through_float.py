"""A temperature that is made a number before it is used.

finding: no gradient
tensor: temperature
way: float()
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(1)
X, y = rng.normal(size=(40, 5)), rng.integers(0, 3, 40)
W = Tensor(0.1 * rng.normal(size=(5, 3)), requires_grad=True, name="W")
temperature = Tensor(2.0, requires_grad=True, name="temperature")
descent = optim.SGD([W, temperature], lr=0.2)

for epoch in range(20):
    descent.zero_grad()
    scores = X @ W / float(temperature)  # planted
    loss = nn.cross_entropy(scores, y)
    loss.backward()
    descent.step()
