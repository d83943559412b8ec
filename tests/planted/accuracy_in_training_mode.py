"""The accuracy on unseen images is measured with the statistics of their own batch: BatchNorm was left in training mode.

finding: training mode
tensor: BatchNorm(4)
way: eval()
"""

import numpy as np

from microgradnn import batches, nn, no_grad, optim, relu

rng = np.random.default_rng(64)
images = rng.normal(size=(80, 1, 6, 6))
labels = (images[:, 0, 1:4, 1:4].mean(axis=(1, 2)) > 0).astype(int)
net = nn.Sequential(
    nn.Conv2d(1, 4, 3, rng=rng), nn.BatchNorm(4), relu, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 2, rng=rng)
)
adam = optim.Adam(net.parameters(), lr=0.01)


@no_grad()
def accuracy(x, y):
    return float(np.mean(np.argmax(net(x).numpy(), axis=1) == y))  # planted


for epoch in range(4):
    for x, y in batches(images[:60], labels[:60], size=20, rng=rng):
        adam.zero_grad()
        loss = nn.cross_entropy(net(x), y)
        loss.backward()
        adam.step()
    print(epoch, accuracy(images[60:], labels[60:]))
