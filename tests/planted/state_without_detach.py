"""The hidden state is carried from batch to batch with all its history.

finding: growing graph
tensor: h
way: detach
"""

import numpy as np

from microgradnn import Tensor

rng = np.random.default_rng(9)
series = np.sin(np.arange(400) * 0.3)
units, length = 6, 10
Wx = Tensor(0.3 * rng.normal(size=(1, units)), requires_grad=True, name="Wx")
Wh = Tensor(0.3 * rng.normal(size=(units, units)), requires_grad=True, name="Wh")
Wo = Tensor(0.3 * rng.normal(size=(units, 1)), requires_grad=True, name="Wo")
h = Tensor(np.zeros((1, units)))

for start in range(0, 150, length):
    loss = 0.0
    for t in range(start, start + length):
        h = np.tanh(np.array([[series[t]]]) @ Wx + h @ Wh)  # planted
        loss = loss + ((h @ Wo - series[t + 1]) ** 2).sum()
    for p in (Wx, Wh, Wo):
        p.grad = None
    loss.backward()
    for p in (Wx, Wh, Wo):
        p.data -= 0.01 * p.grad
