"""A GAN of functions: a linear layer ends the generator, and one begins the discriminator; data come to that, too."""

import numpy as np

from microgradnn import Tensor, leaky_relu, nn, optim

rng = np.random.default_rng(1)


def weights(*shape):
    return Tensor(rng.normal(size=shape) / np.sqrt(shape[0]), requires_grad=True)


A, B = weights(4, 16), weights(16, 24)
C, D = weights(24, 16), weights(16, 1)
pattern = rng.normal(size=(3, 24))
logistic = nn.binary_cross_entropy_with_logits


def generator(z):
    return leaky_relu(z @ A) @ B


def discriminator(x):
    return leaky_relu(x @ C) @ D


g, d = optim.Adam([A, B], lr=2e-3), optim.Adam([C, D], lr=2e-3)
for step in range(100):
    real = rng.normal(size=(32, 3)) @ pattern
    d.zero_grad()
    made = generator(rng.normal(size=(32, 4))).detach()
    loss = logistic(discriminator(real), np.ones((32, 1))) + logistic(discriminator(made), np.zeros((32, 1)))
    loss.backward()
    d.step()
    g.zero_grad()
    logistic(discriminator(generator(rng.normal(size=(32, 4)))), np.ones((32, 1))).backward()
    g.step()
