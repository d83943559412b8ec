"""A language model whose output takes the transpose of its embedding; the GRU's state carried on, detached; clipped."""

import numpy as np

from microgradnn import nn, optim

text = "she sells sea shells on the sea shore. " * 8
chars = sorted(set(text))
codes = np.array([chars.index(c) for c in text])
rng = np.random.default_rng(76)


class Model(nn.Module):
    def __init__(self, width=16):
        self.table = nn.Embedding(len(chars), width, rng=rng)
        self.gru = nn.GRU(width, width, rng=rng)

    def forward(self, x, state):
        outputs, state = self.gru(self.table(x), state)
        return outputs @ self.table.W.T, state


net, length = Model(), 12
adam = optim.Adam(net.parameters(), lr=0.02)
state = None
for start in range(0, 300, length):
    x, target = codes[start : start + length, None], codes[start + 1 : start + length + 1, None]
    scores, state = net(x, state)
    state = state.detach()
    loss = nn.cross_entropy(scores, target)
    adam.zero_grad()
    loss.backward()
    optim.clip_grad_norm_(net.parameters(), 1.0)
    adam.step()
assert loss.item() < 2.7, loss
