"""A small network computes the weights of another from a task's description: those weights are no leaves, and need not be."""

import numpy as np

from microgradnn import nn, optim, tanh

rng = np.random.default_rng(78)
hyper = nn.MLP([2, 16, 10], activation=tanh, rng=rng)
adam = optim.Adam(hyper.parameters(), lr=0.02)
for step in range(50):
    adam.zero_grad()
    loss = 0.0
    for task in rng.normal(size=(6, 2)):
        x = rng.normal(size=(12, 2))
        weights = hyper(task[None])[0]
        W, b, v = weights[:6].reshape(2, 3), weights[6:9], weights[9]
        o = tanh(x @ W + b).sum(axis=1) * v
        loss = loss + nn.mse_loss(o, x @ task) / 6
    loss.backward()
    adam.step()
assert loss.item() < 1.5, loss
