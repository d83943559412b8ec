"""backward(), but no step().

finding: never changed
tensor: all parameters
way: step()
"""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(23)
X = rng.normal(size=(80, 3))
y = (X.sum(axis=1) > 0).astype(int)
net = nn.MLP([3, 8, 2], rng=rng)
adam = optim.Adam(net.parameters(), lr=0.01)

for epoch in range(8):
    total = 0.0
    for x, t in batches(X, y, size=16, rng=rng):
        adam.zero_grad()
        loss = nn.cross_entropy(net(x), t)
        loss.backward()
        total += loss.item()
    print(epoch, round(total / 5, 4))
