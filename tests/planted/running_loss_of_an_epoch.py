"""The running loss of each epoch keeps the graphs of its batches; each epoch begins anew.

finding: graphs are kept
tensor: running_loss
way: item()
"""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(4)
X = rng.normal(size=(256, 6))
y = (X @ rng.normal(size=(6, 1))) + 0.1 * rng.normal(size=(256, 1))
net = nn.MLP([6, 12, 1], rng=rng)
opt = optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(6):
    running_loss = 0.0
    for xb, yb in batches(X, y, size=16, rng=rng):
        loss = nn.mse_loss(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running_loss += loss  # planted
    print(epoch, float(running_loss.numpy()) / 16)
