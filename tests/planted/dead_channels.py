"""The bias of a convolution begins at −6 in most channels, a constant that was meant for a last layer: their relus are off.

finding: dead units
tensor: maps
way: bias
"""

import numpy as np

from microgradnn import nn, optim, relu

rng = np.random.default_rng(47)
images = rng.normal(size=(40, 1, 8, 8))
labels = (images[:, 0, :4].mean(axis=(1, 2)) > 0).astype(int)


class Net(nn.Module):
    def __init__(self):
        self.conv = nn.Conv2d(1, 8, 3, rng=rng)
        self.conv.b.data[1:] = -6.0
        self.head = nn.Linear(8, 2, rng=rng)

    def forward(self, x):
        maps = relu(self.conv(x)).named("maps")  # planted
        return self.head(maps.mean(axis=(2, 3)))


net = Net()
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(15):
    adam.zero_grad()
    loss = nn.cross_entropy(net(images), labels)
    loss.backward()
    adam.step()
