"""A small convolutional network with a shortcut, evaluated after each epoch."""

import numpy as np

from microgradnn import batches, nn, no_grad, optim

rng = np.random.default_rng(14)
y = rng.integers(0, 2, size=96)
X = 0.5 * rng.normal(size=(96, 1, 8, 8))
X[y == 1, 0, 3:5, :] += 1.0
X[y == 0, 0, :, 3:5] += 1.0


class Net(nn.Module):
    def __init__(self):
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1, rng=rng)
        self.norm = nn.BatchNorm(8)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, rng=rng)
        self.out = nn.Linear(8, 2, rng=rng)

    def forward(self, x):
        h = self.norm(self.conv1(x)).relu()
        h = (h + self.conv2(h)).relu()
        return self.out(h.mean(axis=(2, 3)))


net = Net()
opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
schedule = optim.StepLR(opt, step_size=4, gamma=0.3)
for epoch in range(6):
    net.train()
    for xb, yb in batches(X[:64], y[:64], size=16, rng=rng):
        loss = nn.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    schedule.step()
    net.eval()
    with no_grad():
        accuracy = (net(X[64:]).numpy().argmax(1) == y[64:]).mean()
assert accuracy > 0.9, accuracy
