"""A recurrent network with small weights that should remember the first of forty inputs.

finding: vanishing
tensor: h
way: LSTM
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(31)
T, n, units = 40, 16, 8
X = rng.normal(size=(T, n, 1))
y = (X[0, :, 0] > 0).astype(int)
Wx = Tensor(0.5 * rng.normal(size=(1, units)), requires_grad=True)
Wh = Tensor(0.15 * rng.normal(size=(units, units)), requires_grad=True)
b = Tensor(np.zeros(units), requires_grad=True)
out = nn.Linear(units, 2, rng=rng)
adam = optim.Adam([Wx, Wh, b, *out.parameters()], lr=0.005)

for step in range(15):
    h = Tensor(np.zeros((n, units)))
    for t in range(T):
        h = np.tanh(X[t] @ Wx + h @ Wh + b)  # planted
    loss = nn.cross_entropy(out(h), y)
    adam.zero_grad()
    loss.backward()
    adam.step()
