"""log_softmax over the samples in a cross-entropy by hand.

finding: unusual axis
tensor: logp
way: axis=-1
"""

import numpy as np

from microgradnn import log_softmax, nn, optim

rng = np.random.default_rng(89)
codes = rng.integers(0, 9, size=(20, 4))
y = codes[:, 1] % 3
table, out = nn.Embedding(9, 4, rng=rng), nn.Linear(16, 3, rng=rng)
adam = optim.Adam([*table.parameters(), *out.parameters()], lr=0.01)
for epoch in range(12):
    scores = out(table(codes).reshape(20, 16))
    logp = log_softmax(scores, axis=0)  # planted
    loss = -logp[np.arange(20), y].mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
