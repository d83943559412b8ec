"""Grey values between 0 and 1 are made integers: every image is black.

finding: zero gradient
tensor: hidden.W
way: astype(int)
"""

import numpy as np

from microgradnn import fit, nn, optim

rng = np.random.default_rng(21)
y = rng.integers(0, 4, size=160)
images = rng.uniform(0, 0.3, size=(160, 8, 8))
for i, label in enumerate(y):
    images[i, 2 * label : 2 * label + 2] += 0.6
X = images.reshape(160, 64).astype("int64")
net = nn.MLP([64, 32, 4], rng=rng)
adam = optim.Adam(net.parameters(), lr=0.01)
history = fit(net, nn.cross_entropy, adam, X, y, epochs=12, rng=rng, progress=False)  # planted
