"""A physics-informed network: u' = −u, u(0) = 1, by derivatives of the network with respect to its input."""

import numpy as np

from microgradnn import Tensor, grad, nn, optim

rng = np.random.default_rng(9)
net = nn.MLP([1, 16, 16, 1], rng=rng)
adam = optim.Adam(net.parameters(), lr=0.01)
t = Tensor(np.linspace(0, 2, 20)[:, None], requires_grad=True)
for step in range(150):
    u = net(t)
    slope = grad(u.sum(), t, create_graph=True)
    loss = ((slope + u) ** 2).mean() + ((net(np.zeros((1, 1))) - 1) ** 2).sum()
    adam.zero_grad()
    loss.backward()
    t.grad = None
    adam.step()
assert loss.item() < 0.05, loss
