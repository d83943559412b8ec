"""All weights begin at the same number: the channels of the convolution are one and the same for ever.

finding: equal units
tensor: conv.W
way: random
"""

import numpy as np

from microgradnn import nn, optim, relu

rng = np.random.default_rng(58)
images = rng.normal(size=(40, 1, 6, 6))
labels = (images[:, 0, 2, 2] > 0).astype(int)


class Net(nn.Module):
    def __init__(self):
        self.conv = nn.Conv2d(1, 6, 3)  # planted
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        return self.head(relu(self.conv(x)).mean(axis=(2, 3)))


net = Net()
for p in net.parameters():
    p.data[...] = 0.05
net.head.W.data[:, 1] = -0.05
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(20):
    adam.zero_grad()
    loss = nn.cross_entropy(net(images), labels)
    loss.backward()
    adam.step()
