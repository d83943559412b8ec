"""The predictions are flattened, the targets are a column: each is compared with each.

finding: broadcast in the loss
tensor: prediction
way: reshape
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(81)
series = np.sin(0.4 * np.arange(60))[:, None]
X = np.stack([series[i : i + 8] for i in range(50)])
Y = np.stack([series[i + 8] for i in range(50)])
rnn, out = nn.RNN(1, 6, batch_first=True, rng=rng), nn.Linear(6, 1, rng=rng)
adam = optim.Adam([*rnn.parameters(), *out.parameters()], lr=0.01)

for epoch in range(12):
    outputs, _ = rnn(X)
    prediction = out(outputs[:, -1]).reshape(-1)
    loss = abs(prediction - Y).mean()  # planted
    adam.zero_grad()
    loss.backward()
    adam.step()
