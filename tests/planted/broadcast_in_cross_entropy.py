"""A cross-entropy by hand: probabilities of shape (n, 1), labels of shape (n,).

finding: broadcast in the loss
tensor: log(p)
way: reshape
"""

import numpy as np

from microgradnn import log, nn, optim, sigmoid

rng = np.random.default_rng(56)
texts = rng.integers(0, 20, size=(30, 6))
funny = (texts == 3).any(axis=1).astype(float)


class Classifier(nn.Module):
    def __init__(self):
        self.words, self.gru = nn.Embedding(20, 4, rng=rng), nn.GRU(4, 6, batch_first=True, rng=rng)
        self.out = nn.Linear(6, 1, rng=rng)

    def forward(self, codes):
        outputs, _ = self.gru(self.words(codes))
        return sigmoid(self.out(outputs[:, -1]))


net = Classifier()
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(10):
    p = net(texts)
    loss = -(funny * log(p) + (1 - funny) * log(1 - p)).mean()  # planted
    adam.zero_grad()
    loss.backward()
    adam.step()
