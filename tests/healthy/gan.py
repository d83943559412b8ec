"""A generative adversarial network of one number: two optimisers, detach, leaky relu."""

import numpy as np

from microgradnn import leaky_relu, nn, optim

rng = np.random.default_rng(8)
G = nn.MLP([2, 16, 1], activation=leaky_relu, rng=rng)
D = nn.MLP([1, 16, 1], activation=leaky_relu, rng=rng)
for_G, for_D = optim.Adam(G.parameters(), lr=0.005, betas=(0.5, 0.999)), optim.Adam(D.parameters(), lr=0.01, betas=(0.5, 0.999))
judge = nn.binary_cross_entropy_with_logits
for step in range(150):
    real = 3 + 0.5 * rng.normal(size=(32, 1))
    fake = G(rng.normal(size=(32, 2)))
    for_D.zero_grad()
    loss_D = judge(D(real), np.ones((32, 1))) + judge(D(fake.detach()), np.zeros((32, 1)))
    loss_D.backward()
    for_D.step()
    for_G.zero_grad()
    loss_G = judge(D(fake), np.ones((32, 1)))
    loss_G.backward()
    for_G.step()
