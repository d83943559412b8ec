"""A GAN whose generator is trained on samples that left its graph.

finding: no gradient
tensor: G.hidden.W
way: .detach()
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(23)
G = nn.MLP([4, 16, 1], rng=rng)
D = nn.MLP([1, 16, 1], rng=rng)
opt_g = optim.Adam(G.parameters(), lr=1e-3)
opt_d = optim.Adam(D.parameters(), lr=1e-3)
bce = nn.binary_cross_entropy_with_logits
for step in range(60):
    real = rng.normal(3, 0.5, size=(32, 1))
    fake = Tensor(G(rng.normal(size=(32, 4))).detach())  # planted
    loss_d = bce(D(real), np.ones((32, 1))) + bce(D(fake), np.zeros((32, 1)))
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()
    loss_g = bce(D(fake), np.ones((32, 1)))
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
    if step % 20 == 0:
        print(step, loss_d.item(), loss_g.item())
