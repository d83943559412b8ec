"""p = p - lr * p.grad gives the loop variable another value, and leaves the parameter alone.

finding: never changed
tensor: all parameters
way: makes another one
"""

import numpy as np

from microgradnn import Tensor, tanh

rng = np.random.default_rng(0)
x = np.linspace(-2, 2, 50)[:, None]
t = np.sin(x)
W1 = Tensor(rng.normal(size=(1, 10)), requires_grad=True, name="W1")
b1 = Tensor(np.zeros(10), requires_grad=True, name="b1")
W2 = Tensor(rng.normal(size=(10, 1)) * 0.3, requires_grad=True, name="W2")
b2 = Tensor(np.zeros(1), requires_grad=True, name="b2")
params = [W1, b1, W2, b2]
for step in range(100):
    out = tanh(x @ W1 + b1) @ W2 + b2
    loss = ((out - t) ** 2).mean()
    for p in params:
        p.grad = None
    loss.backward()  # planted
    for p in params:
        p = p - 0.05 * p.grad  # noqa: PLW2901
    if step % 20 == 0:
        print(step, loss.item())
