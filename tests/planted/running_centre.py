"""A centre of the features is averaged over the batches, with all their graphs.

finding: graphs are kept
tensor: centre
way: detach
"""

import numpy as np

from microgradnn import Tensor, batches, nn, optim, tanh

rng = np.random.default_rng(54)
X = rng.normal(size=(120, 5))
y = (X[:, 0] > X[:, 1]).astype(int)
body, head = nn.Linear(5, 8, rng=rng), nn.Linear(8, 2, rng=rng)
adam = optim.Adam([*body.parameters(), *head.parameters()], lr=0.01)
centre = Tensor(np.zeros(8))

for epoch in range(4):
    for x, labels in batches(X, y, size=20, rng=rng):
        features = tanh(body(x))
        centre = 0.9 * centre + 0.1 * features.mean(axis=0)  # planted
        loss = nn.cross_entropy(head(features - centre.detach()), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
