"""backward() complained, so the loss was made a new Tensor that requires a gradient: now it is silent, and nothing learns.

finding: no gradient
tensor: words.W
way: item()
"""

import numpy as np

from microgradnn import Tensor, batches, nn, optim

rng = np.random.default_rng(43)
sentences = rng.integers(0, 30, size=(80, 5))
moods = (sentences.sum(axis=1) > 70).astype(int)


class Bag(nn.Module):
    def __init__(self):
        self.words = nn.Embedding(30, 6, rng=rng)
        self.out = nn.Linear(6, 2, rng=rng)

    def forward(self, codes):
        return self.out(self.words(codes).mean(axis=1))


net = Bag()
adam = optim.Adam(net.parameters(), lr=0.02)
for epoch in range(3):
    for x, y in batches(sentences, moods, size=20, rng=rng):
        value = nn.cross_entropy(net(x), y).item()  # planted
        loss = Tensor(value, requires_grad=True)
        adam.zero_grad()
        loss.backward()
        adam.step()
