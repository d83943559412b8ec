"""An LSTM's state is carried from piece to piece of a text with all its history.

finding: growing graph
tensor: stack of shape (1, 1, 6)
way: detach
"""

import numpy as np

from microgradnn import nn

rng = np.random.default_rng(83)
codes = rng.integers(0, 8, size=200)
table, lstm, out = nn.Embedding(8, 5, rng=rng), nn.LSTM(5, 6, rng=rng), nn.Linear(6, 8, rng=rng)
parameters = [p for part in (table, lstm, out) for p in part.parameters()]
state = None

for start in range(0, 120, 10):
    piece, following = codes[start : start + 10], codes[start + 1 : start + 11]
    outputs, state = lstm(table(piece)[:, None], state)  # planted
    loss = nn.cross_entropy(out(outputs[:, 0]), following)
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data -= 0.1 * p.grad
