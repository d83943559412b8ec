"""All in float16: what comes back is below its smallest number.

finding: zero gradient
tensor: W
way: float32
"""

import numpy as np

from microgradnn import Tensor

rng = np.random.default_rng(29)
X = rng.normal(size=(512, 8)).astype(np.float16)
y = (0.01 * X[:, :1]).astype(np.float16)
W = Tensor((0.01 * rng.normal(size=(8, 16))).astype(np.float16), requires_grad=True, name="W")
V = Tensor((0.001 * rng.normal(size=(16, 1))).astype(np.float16), requires_grad=True, name="V")
for step in range(60):
    prediction = np.tanh(X @ W) @ V  # planted
    loss = ((prediction - y) ** 2).mean() * np.float16(0.01)
    W.grad = V.grad = None
    loss.backward()
    W.data -= np.float16(0.1) * W.grad
    V.data -= np.float16(0.1) * V.grad
print(loss.item())
