"""All weights of both layers begin at 0: nothing ever moves but the last bias.

finding: zero gradient
tensor: W1
way: random
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(21)
X = rng.normal(size=(50, 4))
y = rng.integers(0, 3, 50)
W1 = Tensor(np.zeros((4, 8)), requires_grad=True)
b1 = Tensor(np.zeros(8), requires_grad=True)
W2 = Tensor(np.zeros((8, 3)), requires_grad=True)
b2 = Tensor(np.zeros(3), requires_grad=True)
adam = optim.Adam([W1, b1, W2, b2], lr=0.01)

for epoch in range(30):
    h = (X @ W1 + b1).tanh()
    loss = nn.cross_entropy(h @ W2 + b2, y)  # planted
    adam.zero_grad()
    loss.backward()
    adam.step()
