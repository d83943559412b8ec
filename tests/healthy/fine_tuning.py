"""Fine-tuning: the body is frozen and in evaluation mode, meant so; only a new head is trained."""

import numpy as np

from microgradnn import batches, nn, optim, relu

rng = np.random.default_rng(71)
images = rng.normal(size=(80, 1, 6, 6))
side = (images[:, 0, :3].mean(axis=(1, 2)) > 0).astype(int)
corner = (images[:, 0, :2, :2].mean(axis=(1, 2)) > 0).astype(int)
body = nn.Sequential(nn.Conv2d(1, 6, 3, rng=rng), nn.BatchNorm(6), relu, nn.Flatten())


def train(head, parameters, labels, epochs):
    adam = optim.Adam(parameters, lr=0.01)
    for _ in range(epochs):
        for x, y in batches(images, labels, size=20, rng=rng):
            adam.zero_grad()
            loss = nn.cross_entropy(head(body(x)), y)
            loss.backward()
            adam.step()
    return loss


first = nn.Linear(96, 2, rng=rng)
train(first, [*body.parameters(), *first.parameters()], side, epochs=6)
for p in body.parameters():
    p.requires_grad = False
body.eval()
second = nn.Linear(96, 2, rng=rng)
loss = train(second, second.parameters(), corner, epochs=8)
assert loss.item() < 0.6, loss
