"""Pixels from 0 to 255 go into a convolution and a tanh: it is at ±1 almost everywhere.

finding: saturated
tensor: h
way: standardise
"""

import numpy as np

from microgradnn import nn, optim, tanh

rng = np.random.default_rng(59)
images = rng.integers(0, 256, size=(40, 1, 6, 6)).astype(float)
labels = (images[:, 0, :3].mean(axis=(1, 2)) > 127).astype(int)
conv, head = nn.Conv2d(1, 5, 3, rng=rng), nn.Linear(80, 2, rng=rng)
adam = optim.Adam([*conv.parameters(), *head.parameters()], lr=0.001)

for epoch in range(15):
    h = tanh(conv(images))  # planted
    loss = nn.cross_entropy(head(h.reshape(40, -1)), labels)
    adam.zero_grad()
    loss.backward()
    adam.step()
