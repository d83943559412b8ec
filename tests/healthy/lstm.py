"""An LSTM by hand that adds up the marked numbers of a sequence."""

import numpy as np

from microgradnn import Tensor, nn, optim, sigmoid, tanh

rng = np.random.default_rng(5)
units, T, n = 12, 10, 16


class LSTM(nn.Module):
    def __init__(self):
        self.Wx, self.Wh = nn.Linear(2, 4 * units, rng=rng), nn.Linear(units, 4 * units, bias=False, rng=rng)
        self.out = nn.Linear(units, 1, rng=rng)
        self.Wx.b.data[units : 2 * units] = 1.0  # the forget gate begins open

    def forward(self, x):
        h = c = Tensor(np.zeros((len(x), units)))
        for t in range(x.shape[1]):
            z = self.Wx(x[:, t]) + self.Wh(h)
            i, f, o, g = (z[:, k * units : (k + 1) * units] for k in range(4))
            c = sigmoid(f) * c + sigmoid(i) * tanh(g)
            h = sigmoid(o) * tanh(c)
        return self.out(h)


net = LSTM()
adam = optim.Adam(net.parameters(), lr=0.02)
for step in range(60):
    values = rng.uniform(size=(n, T))
    marks = np.zeros((n, T))
    marks[np.arange(n), rng.integers(0, 5, n)] = marks[np.arange(n), rng.integers(5, 10, n)] = 1.0
    target = (values * marks).sum(axis=1, keepdims=True)
    loss = nn.mse_loss(net(np.stack([values, marks], axis=-1)), target)
    adam.zero_grad()
    loss.backward()
    adam.step()
assert loss.item() < 0.4
