"""A transformer of the layers in nn, several modules trained by one optimiser."""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(21)
tokens, positions, block = nn.Embedding(10, 16, rng=rng), nn.PositionalEncoding(16), nn.TransformerBlock(16, 2, rng=rng)
head = nn.Linear(16, 10, rng=rng)
adam = optim.AdamW([p for module in (tokens, block, head) for p in module.parameters()], lr=0.01)
data = np.tile(np.arange(10), 40)
for step in range(30):
    starts = rng.integers(0, 300, 8)
    x, y = (np.stack([data[i + shift : i + shift + 12] for i in starts]) for shift in (0, 1))
    loss = nn.cross_entropy(head(block(positions(tokens(x)), is_causal=True)), y)
    adam.zero_grad()
    loss.backward()
    adam.step()
assert loss.item() < 1.0
