"""The schedule was meant for epochs, and is stepped after each batch: soon nothing moves.

finding: learning rate is 0
tensor: SGD
way: once an epoch
"""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(85)
X = rng.normal(size=(120, 1, 8))
y = (X.mean(axis=(1, 2)) > 0).astype(int)
net = nn.Sequential(nn.Conv1d(1, 3, 3, rng=rng), nn.ReLU(), nn.Flatten(), nn.Linear(18, 2, rng=rng))
descent = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
schedule = optim.StepLR(descent, step_size=2, gamma=0.1)

for epoch in range(4):
    for images, labels in batches(X, y, size=10, rng=rng):
        descent.zero_grad()
        loss = nn.cross_entropy(net(images), labels)
        loss.backward()
        descent.step()  # planted
        schedule.step()
