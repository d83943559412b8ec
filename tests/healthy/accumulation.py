"""Gradients of four small batches add up before a step: meant, and no forgotten zero_grad. A warm-up of the learning rate."""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(15)
X = rng.normal(size=(64, 5))
Y = np.sin(X[:, :1]) + 0.5 * X[:, 1:2]
net = nn.MLP([5, 20, 1], rng=rng)
adam = optim.Adam(net.parameters(), lr=0.01)
schedule = optim.LambdaLR(adam, lambda epoch: min(1.0, epoch / 3))
for epoch in range(25):
    adam.zero_grad()
    for x, y in batches(X, Y, size=16, rng=rng):
        (nn.mse_loss(net(x), y) / 4).backward()
    adam.step()
    schedule.step()
    net.eval()
    judged = nn.mse_loss(net(X), Y).item()
    net.train()
