"""A learning rate with three zeros too many, in mini-batches, whose losses go up and down.

finding: steps too small
tensor: the loss
way: learning rate larger
"""

import numpy as np

from microgradnn import fit, nn, optim

rng = np.random.default_rng(11)
X = rng.normal(size=(400, 5))
y = np.tanh(X @ rng.normal(size=(5, 1)))
net = nn.MLP([5, 16, 1], rng=rng)
opt = optim.SGD(net.parameters(), lr=1e-7)
history = fit(net, nn.mse_loss, opt, X, y, epochs=15, rng=rng, progress=False)  # planted
