"""Network and optimiser are made in the loop over the epochs.

finding: made anew
tensor: model
way: before the loop
"""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(22)
X = rng.normal(size=(128, 4))
y = (X[:, 0] * X[:, 1] > 0).astype(int)
for epoch in range(20):
    model = nn.MLP([4, 16, 2], rng=0)  # planted
    opt = optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for xb, yb in batches(X, y, size=32, rng=rng):
        loss = nn.cross_entropy(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    if epoch % 5 == 0:
        print(epoch, np.mean(losses))
