"""A variational autoencoder of 16 binary pixels: reparametrisation, cross-entropy plus divergence."""

import numpy as np

from microgradnn import exp, nn, optim, relu

rng = np.random.default_rng(6)
patterns = rng.integers(0, 2, size=(5, 16)).astype(float)
X = patterns[rng.integers(0, 5, 128)]
encoder, decoder = nn.MLP([16, 24, 4], activation=relu, rng=rng), nn.MLP([2, 24, 16], activation=relu, rng=rng)
adam = optim.Adam(encoder.parameters() + decoder.parameters(), lr=0.01)
first = None
for step in range(120):
    x = X[rng.integers(0, len(X), 32)]
    code = encoder(x)
    mu, log_var = code[:, :2], code[:, 2:]
    z = mu + exp(log_var / 2) * rng.normal(size=(32, 2))
    rebuilt = nn.binary_cross_entropy_with_logits(decoder(z), x, reduction="sum") / 32
    divergence = -0.5 * (1 + log_var - mu**2 - exp(log_var)).sum() / 32
    loss = rebuilt + divergence
    adam.zero_grad()
    loss.backward()
    adam.step()
    first = first or loss.item()
assert loss.item() < 0.8 * first
