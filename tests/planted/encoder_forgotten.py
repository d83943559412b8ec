"""Three parts, and the list that the optimiser is given forgets the first.

finding: never changed
tensor: Wx
way: optimiser
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(91)
X = rng.normal(size=(5, 16, 3))
y = X.sum(axis=(0, 2))[:, None]
encoder = nn.GRUCell(3, 6, rng=rng)  # planted
middle = nn.Linear(6, 6, rng=rng)
decoder = nn.Linear(6, 1, rng=rng)
adam = optim.Adam([*middle.parameters(), *decoder.parameters()], lr=0.01)

for epoch in range(15):
    h = None
    for x in X:
        h = encoder(x, h)
    loss = nn.mse_loss(decoder(np.tanh(middle(h))), y)
    for part in (encoder, middle, decoder):
        part.zero_grad()
    loss.backward()
    adam.step()
