"""The loss takes logits, and the network ends with a sigmoid.

finding: squashed twice
tensor: p
way: sigmoid
"""

import numpy as np

from microgradnn import nn, optim, relu, sigmoid

rng = np.random.default_rng(67)
images = rng.normal(size=(40, 1, 6, 6))
edge = (images[:, 0, :, 0].mean(axis=1) > 0).astype(float).reshape(-1, 1)
conv, head = nn.Conv2d(1, 4, 3, rng=rng), nn.Linear(64, 1, rng=rng)
adam = optim.Adam([*conv.parameters(), *head.parameters()], lr=0.01)

for epoch in range(15):
    maps = relu(conv(images))
    p = sigmoid(head(maps.reshape(len(images), -1)))
    loss = nn.binary_cross_entropy_with_logits(p, edge)  # planted
    adam.zero_grad()
    loss.backward()
    adam.step()
