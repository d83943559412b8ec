"""A GRU that adds up what it reads; its first state is 0, so that its first reset gates decide nothing."""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(15)
X = rng.normal(size=(20, 12, 3))
y = X[:, :, 0].sum(axis=1, keepdims=True)
gru = nn.GRU(3, 12, batch_first=True, rng=rng)
head = nn.Linear(12, 1, rng=rng)
parameters = [*gru.parameters(), *head.parameters()]
adam = optim.Adam(parameters, lr=0.02)
losses = []
for epoch in range(40):
    outputs, _ = gru(X)
    loss = nn.mse_loss(head(outputs[:, -1]), y)
    adam.zero_grad()
    loss.backward()
    optim.clip_grad_norm_(parameters, 1.0)
    adam.step()
    losses.append(loss.item())
assert losses[-1] < 0.1 * losses[0], losses
