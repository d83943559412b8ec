"""Softplus by hand in single precision: exp of numbers near 80, and 88.7 is the end of float32.

finding: overflow ahead
tensor: rate
way: softplus
"""

import numpy as np

from microgradnn import exp, log, nn, optim

rng = np.random.default_rng(60)
hours = rng.uniform(1, 80, size=(50, 1)).astype(np.float32)
counts = np.round(hours).astype(np.float32)
layer = nn.Linear(1, 1, rng=rng)
layer.W.data = np.ones((1, 1), np.float32)
layer.b.data = np.zeros(1, np.float32)
adam = optim.Adam(layer.parameters(), lr=0.0005)

for epoch in range(15):
    rate = layer(hours)
    positive = log(1 + exp(rate))  # planted
    loss = ((positive - counts) ** 2).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
