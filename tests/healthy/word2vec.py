"""Skip-grams with negative sampling: two embeddings, of which few rows get a gradient in each step."""

import numpy as np

from microgradnn import nn, optim

words = ("the king rules the land . the queen rules the land . the dog eats the bone . the cat eats the fish . " * 4).split()
vocabulary = sorted(set(words))
ids = np.array([vocabulary.index(w) for w in words])
rng = np.random.default_rng(7)
inner, outer = (nn.Embedding(len(vocabulary), 8, rng=rng) for _ in range(2))
adam = optim.Adam(inner.parameters() + outer.parameters(), lr=0.03)
pairs = np.array([(ids[i], ids[j]) for i in range(len(ids)) for j in (i - 2, i - 1, i + 1, i + 2) if 0 <= j < len(ids)])
losses = []
for step in range(150):
    batch = pairs[rng.integers(0, len(pairs), 32)]
    wrong = rng.integers(0, len(vocabulary), (32, 4))
    v = inner(batch[:, 0])
    right = (v * outer(batch[:, 1])).sum(axis=-1)
    others = (outer(wrong) @ v.reshape(32, 8, 1)).reshape(32, 4)
    loss = nn.binary_cross_entropy_with_logits(right, np.ones(32))
    loss = loss + nn.binary_cross_entropy_with_logits(others, np.zeros((32, 4)))
    adam.zero_grad()
    loss.backward()
    adam.step()
    losses.append(loss.item())
assert np.mean(losses[-20:]) < 0.95 * np.mean(losses[:20])
