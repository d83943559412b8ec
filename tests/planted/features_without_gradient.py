"""The encoder runs within no_grad(), as it did when it was frozen; now it should be trained, too.

finding: no gradient
tensor: hidden.W
way: no_grad()
"""

import numpy as np

from microgradnn import nn, no_grad, optim

rng = np.random.default_rng(25)
X = rng.normal(size=(60, 6))
y = rng.integers(0, 2, 60)
encoder = nn.MLP([6, 10, 4], rng=rng)
head = nn.Linear(4, 2, rng=rng)
adam = optim.Adam(encoder.parameters() + head.parameters(), lr=0.01)

for epoch in range(15):
    with no_grad():
        features = encoder(X)  # planted
    loss = nn.cross_entropy(head(features), y)
    adam.zero_grad()
    loss.backward()
    adam.step()
