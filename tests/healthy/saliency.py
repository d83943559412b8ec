"""Which pixels a trained network looks at: gradients with respect to images, in evaluation mode, with nothing trained."""

import numpy as np

from microgradnn import Tensor, fit, nn, optim

rng = np.random.default_rng(80)
images = rng.normal(size=(90, 1, 5, 5))
labels = (images[:, 0, 1:4, 1:4].mean(axis=(1, 2)) > 0).astype(int)
net = nn.Sequential(
    nn.Conv2d(1, 6, 3, padding=1, rng=rng), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2, rng=rng), nn.Linear(150, 2, rng=rng)
)
adam = optim.Adam(net.parameters(), lr=0.01)
fit(net, nn.cross_entropy, adam, images, labels, epochs=5, batch_size=30, rng=rng, progress=False)

total = np.zeros((5, 5))
for image, label in zip(images[:15], labels[:15], strict=True):
    x = Tensor(image[None], requires_grad=True)
    net.zero_grad()
    score = net(x)[0, label]
    score.backward()
    total += np.abs(x.grad[0, 0])
assert total[1:4, 1:4].mean() > total.mean()
