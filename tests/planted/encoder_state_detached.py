"""A sequence is encoded and another decoded from its last state; the state is detached, so the encoder never learns.

finding: no gradient
tensor: encoder.Wx
way: detach
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(41)
X = rng.normal(size=(6, 24, 3))
Y = np.cumsum(X, axis=0)[::-1, :, :1].copy()


class Translator(nn.Module):
    def __init__(self, units=8):
        self.encoder = nn.GRUCell(3, units, rng=rng)
        self.decoder = nn.GRUCell(1, units, rng=rng)
        self.out = nn.Linear(units, 1, rng=rng)

    def forward(self, x, y):
        h = None
        for step in x:
            h = self.encoder(step, h)
        h = h.detach()  # planted
        loss = 0.0
        before = np.zeros_like(y[0])
        for step in y:
            h = self.decoder(before, h)
            loss = loss + nn.mse_loss(self.out(h), step)
            before = step
        return loss / len(y)


net = Translator()
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(12):
    adam.zero_grad()
    loss = net(X, Y)
    loss.backward()
    adam.step()
