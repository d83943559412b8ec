"""The loss before training is printed in evaluation mode, and nobody goes back: dropout never drops.

finding: evaluation mode
tensor: Dropout(p=0.3)
way: train()
"""

import numpy as np

from microgradnn import batches, nn, no_grad, optim

rng = np.random.default_rng(65)
words = rng.integers(0, 25, size=(90, 6))
labels = rng.integers(0, 2, 90)


class Net(nn.Module):
    def __init__(self):
        self.words, self.drop = nn.Embedding(25, 8, rng=rng), nn.Dropout(0.3, rng=rng)
        self.out = nn.Linear(8, 2, rng=rng)

    def forward(self, codes):
        return self.out(self.drop(self.words(codes).mean(axis=1)))  # planted


net = Net()
adam = optim.Adam(net.parameters(), lr=0.01)
net.eval()
with no_grad():
    print("before", nn.cross_entropy(net(words), labels).item())

for epoch in range(5):
    for x, y in batches(words, labels, size=30, rng=rng):
        adam.zero_grad()
        loss = nn.cross_entropy(net(x), y)
        loss.backward()
        adam.step()
