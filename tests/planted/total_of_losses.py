"""The mean loss of an epoch is added up as a Tensor, and with it the graphs of all batches.

finding: graphs are kept
tensor: total
way: item()
"""

import numpy as np

from microgradnn import batches, nn, optim, relu

rng = np.random.default_rng(55)
images = rng.normal(size=(96, 1, 6, 6))
labels = rng.integers(0, 3, 96)
net = nn.Sequential(nn.Conv2d(1, 3, 3, rng=rng), relu, nn.Flatten(), nn.Linear(48, 3, rng=rng))
descent = optim.SGD(net.parameters(), lr=0.05)
total, count = 0.0, 0

for epoch in range(4):
    for x, y in batches(images, labels, size=12, rng=rng):
        loss = nn.cross_entropy(net(x), y)
        descent.zero_grad()
        loss.backward()
        descent.step()
        total = total + loss  # planted
        count += 1
print(f"mean loss {total.item() / count:.3f}")
