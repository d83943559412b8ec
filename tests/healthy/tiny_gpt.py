"""After nanoGPT: one transformer block by hand, causal attention, layer normalisation, AdamW."""

import numpy as np

from microgradnn import Tensor, gelu, nn, optim, softmax, where

text = "the quick brown fox jumps over the lazy dog. " * 6
chars = sorted(set(text))
codes = np.array([chars.index(c) for c in text])
rng = np.random.default_rng(2)
length, width, heads = 12, 16, 2


class Block(nn.Module):
    def __init__(self):
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False, rng=rng)
        self.out = nn.Linear(width, width, rng=rng)
        self.up, self.down = nn.Linear(width, 4 * width, rng=rng), nn.Linear(4 * width, width, rng=rng)

    def forward(self, x):
        n, t, _ = x.shape
        parts = self.qkv(self.before(x)).reshape(n, t, 3, heads, width // heads).transpose(2, 0, 3, 1, 4)
        q, k, v = parts[0], parts[1], parts[2]
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(width // heads)
        scores = where(np.tril(np.ones((t, t), bool)), scores, -np.inf)
        mixed = (softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(n, t, width)
        x = x + self.out(mixed)
        return x + self.down(gelu(self.up(self.after(x))))


class GPT(nn.Module):
    def __init__(self):
        self.tokens, self.block, self.norm = nn.Embedding(len(chars), width, rng=rng), Block(), nn.LayerNorm(width)
        self.positions = Tensor(0.02 * rng.normal(size=(length, width)), requires_grad=True)
        self.head = nn.Linear(width, len(chars), rng=rng)

    def forward(self, codes):
        return self.head(self.norm(self.block(self.tokens(codes) + self.positions)))


model = GPT()
adam = optim.AdamW(model.parameters(), lr=0.01)
for step in range(40):
    starts = rng.integers(0, len(codes) - length - 1, 8)
    x = np.stack([codes[i : i + length] for i in starts])
    y = np.stack([codes[i + 1 : i + length + 1] for i in starts])
    adam.zero_grad()
    loss = nn.cross_entropy(model(x), y)
    loss.backward()
    adam.step()
assert loss.item() < 2.5, loss
