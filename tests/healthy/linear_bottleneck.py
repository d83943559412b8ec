"""A linear autoencoder: two layers with nothing between them but a narrow code, which finds principal components."""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(0)
X = rng.normal(size=(120, 2)) @ rng.normal(size=(2, 8)) + 0.1 * rng.normal(size=(120, 8))
encoder, decoder = nn.Linear(8, 2, rng=rng), nn.Linear(2, 8, rng=rng)
adam = optim.Adam(encoder.parameters() + decoder.parameters(), lr=0.02)
for epoch in range(120):
    loss = nn.mse_loss(decoder(encoder(Tensor(X))), X)
    adam.zero_grad()
    loss.backward()
    adam.step()
