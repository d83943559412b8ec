"""A network is trained; then an image is changed, up the hill of the loss on purpose, until the network is wrong."""

import numpy as np

from microgradnn import Tensor, nn, optim, relu

rng = np.random.default_rng(73)
images = rng.normal(size=(60, 1, 5, 5))
labels = (images[:, 0, 2].mean(axis=1) > 0).astype(int)
net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, rng=rng), relu, nn.Flatten(), nn.Linear(100, 2, rng=rng))
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(25):
    adam.zero_grad()
    loss = nn.cross_entropy(net(images), labels)
    loss.backward()
    adam.step()

net.eval()
for p in net.parameters():
    p.requires_grad = False
image = Tensor(images[:1].copy(), requires_grad=True)
for step in range(12):
    image.grad = None
    loss = nn.cross_entropy(net(image), labels[:1])
    loss.backward()
    image.data += 0.1 * np.sign(image.grad)
assert np.argmax(net(image).numpy()) != labels[0]
