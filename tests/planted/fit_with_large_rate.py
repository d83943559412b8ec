"""`fit` with a learning rate that is many times too large.

finding: learning rate too large
tensor: W⁽¹⁾
way: smaller
"""

import numpy as np

from microgradnn import fit, nn, optim

rng = np.random.default_rng(88)
X = rng.normal(size=(60, 5))
Y = X @ rng.normal(size=(5, 2))
net = nn.Sequential(nn.Linear(5, 8, rng=rng), nn.Linear(8, 2, rng=rng))
descent = optim.SGD(net.parameters(), lr=2.0)
fit(net, nn.mse_loss, descent, X, Y, epochs=3, batch_size=30, rng=rng, progress=False)  # planted
