"""tanh at the output, and targets between 0 and 40.

finding: out of reach
tensor: o
way: scale the targets
"""

import numpy as np

from microgradnn import Tensor, nn, optim, tanh

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 3))
y = 20 + 5 * X[:, :1] + 3 * X[:, 1:2]
net = nn.MLP([3, 16, 1], output_activation=tanh, rng=rng)
opt = optim.Adam(net.parameters(), lr=0.02)
for epoch in range(150):
    loss = nn.mse_loss(net(Tensor(X)), y)  # planted
    opt.zero_grad()
    loss.backward()
    opt.step()
