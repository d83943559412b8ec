"""Momentum by hand, with the sign of the paper's velocity and the plus of another: up the hill.

finding: wrong sign
tensor: W⁽¹⁾
way: -=
"""

import numpy as np

from microgradnn import nn, relu

rng = np.random.default_rng(57)
images = rng.normal(size=(30, 2, 5, 5))
target = images.mean(axis=(1, 2, 3)).reshape(-1, 1)
net = nn.Sequential(nn.Conv2d(2, 4, 3, rng=rng), relu, nn.Flatten(), nn.Linear(36, 1, rng=rng))
velocity = [np.zeros(p.shape) for p in net.parameters()]

for epoch in range(12):
    loss = nn.mse_loss(net(images), target)
    net.zero_grad()
    loss.backward()  # planted
    for p, v in zip(net.parameters(), velocity, strict=True):
        v[...] = 0.8 * v + p.grad
        p.data += 0.003 * v
