"""One value of the data is missing, and is NaN.

finding: not finite
tensor: x
way: np.isnan
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(23389)
X = rng.normal(size=(200, 5))
X[3, 2] = np.nan
y = X[:, :1]
net = nn.MLP([5, 16, 1], rng=rng)
opt = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(30):
    loss = nn.mse_loss(net(X), y)  # planted
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
