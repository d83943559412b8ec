"""A recurrent network whose matrix is too large: going back in time, gradients grow without bound.

finding: exploding
tensor: matmul(Wh)
way: clip
"""

import numpy as np

from microgradnn import Tensor, optim

rng = np.random.default_rng(6)
T, n, units = 30, 8, 10
X = rng.normal(size=(T, n, 2))
y = X[0, :, :1]
Wx = Tensor(0.01 * rng.normal(size=(2, units)), requires_grad=True, name="Wx")
Wh = Tensor(1.7 * np.linalg.qr(rng.normal(size=(units, units)))[0], requires_grad=True, name="Wh")
Wo = Tensor(0.3 * rng.normal(size=(units, 1)), requires_grad=True, name="Wo")
descent = optim.SGD([Wx, Wh, Wo], lr=1e-14)

for step in range(12):
    h = Tensor(np.zeros((n, units)))
    for t in range(T):
        h = X[t] @ Wx + h @ Wh  # planted
    loss = ((h @ Wo - y) ** 2).mean()
    descent.zero_grad()
    loss.backward()
    descent.step()
