"""The body is computed within no_grad, "since it is only inference", and nothing before the head learns.

finding: no gradient
tensor: body.W
way: no_grad()
"""

import numpy as np

from microgradnn import nn, no_grad, optim, relu

rng = np.random.default_rng(90)
images = rng.normal(size=(24, 1, 5, 5))
y = rng.integers(0, 2, 24)


class Net(nn.Module):
    def __init__(self):
        self.body, self.norm, self.head = nn.Conv2d(1, 3, 3, rng=rng), nn.BatchNorm(3), nn.Linear(27, 2, rng=rng)

    @no_grad()
    def features(self, x):
        return relu(self.norm(self.body(x))).reshape(len(x), -1)  # planted

    def forward(self, x):
        return self.head(self.features(x))


net = Net()
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(12):
    adam.zero_grad()
    loss = nn.cross_entropy(net(images), y)
    loss.backward()
    adam.step()
