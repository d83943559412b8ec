"""The maps of a convolution are flattened as an array and wrapped in a new Tensor.

finding: no gradient
tensor: conv.W
way: .data
"""

import numpy as np

from microgradnn import Tensor, nn, optim, relu

rng = np.random.default_rng(42)
images = rng.normal(size=(32, 1, 6, 6))
labels = (images.mean(axis=(1, 2, 3)) > 0).astype(int)


class Net(nn.Module):
    def __init__(self):
        self.conv = nn.Conv2d(1, 4, 3, rng=rng)
        self.norm = nn.BatchNorm(4)
        self.head = nn.Linear(64, 2, rng=rng)

    def forward(self, x):
        maps = relu(self.norm(self.conv(x)))
        flat = Tensor(maps.data.reshape(len(x), -1), requires_grad=True)  # planted
        return self.head(flat)


net = Net()
descent = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(10):
    loss = nn.cross_entropy(net(images), labels)
    descent.zero_grad()
    loss.backward()
    descent.step()
