"""zero_grad() stands before the loop over the batches: within an epoch each step is taken with the sum of all before.

finding: gradients add up
tensor: cells.0.Wx
way: zero_grad
"""

import numpy as np

from microgradnn import batches, nn, optim

rng = np.random.default_rng(52)
X = rng.normal(size=(90, 6, 2))
y = (X[:, :, 0].sum(axis=1) > 0).astype(int)
lstm, head = nn.LSTM(2, 6, batch_first=True, rng=rng), nn.Linear(6, 2, rng=rng)
descent = optim.SGD([*lstm.parameters(), *head.parameters()], lr=0.1)

for epoch in range(4):
    descent.zero_grad()
    for sequences, labels in batches(X, y, size=15, rng=rng):
        outputs, _ = lstm(sequences)
        loss = nn.cross_entropy(head(outputs[:, -1]), labels)
        loss.backward()  # planted
        descent.step()
