"""The weights of an attention are normalised over the queries, not over the keys.

finding: unusual axis
tensor: softmax of shape (12, 9, 9)
way: axis=-1
"""

import numpy as np

from microgradnn import nn, optim, softmax, tanh

rng = np.random.default_rng(66)
X = rng.normal(size=(12, 9, 8))
y = X[:, :, 0].argmax(axis=1)


class Attention(nn.Module):
    def __init__(self, width=8):
        self.q, self.k = nn.Linear(width, width, rng=rng), nn.Linear(width, width, rng=rng)
        self.v, self.out = nn.Linear(width, width, rng=rng), nn.Linear(width, 9, rng=rng)

    def forward(self, x):
        scores = self.q(x) @ self.k(x).swapaxes(-1, -2) / np.sqrt(x.shape[-1])
        attention = softmax(scores, axis=-2)  # planted
        return self.out(tanh(attention @ self.v(x)).mean(axis=1))


net = Attention()
adam = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(12):
    adam.zero_grad()
    loss = nn.cross_entropy(net(X), y)
    loss.backward()
    adam.step()
