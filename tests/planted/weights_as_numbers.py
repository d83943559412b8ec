"""Weights of an attention over words are made numbers, to print them, and the numbers are used.

finding: no gradient
tensor: query
way: float()
"""

import numpy as np

from microgradnn import Tensor, nn, optim, softmax

rng = np.random.default_rng(82)
words = rng.normal(size=(4, 6, 5))
labels = rng.integers(0, 2, 4)
query = Tensor(rng.normal(size=5), requires_grad=True)
head = nn.Linear(5, 2, rng=rng)
adam = optim.Adam([query, *head.parameters()], lr=0.01)

for epoch in range(12):
    rows = []
    for sentence in words:
        share = softmax(sentence @ query)
        rows.append(sum(float(share[i]) * sentence[i] for i in range(6)))  # planted
    loss = nn.cross_entropy(head(np.stack(rows)), labels)
    adam.zero_grad()
    loss.backward()
    adam.step()
