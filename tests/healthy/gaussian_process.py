"""A Gaussian process: its length scale and noise, by the marginal likelihood."""

import numpy as np

from microgradnn import Tensor, exp, log, optim

rng = np.random.default_rng(11)
x = np.linspace(0, 5, 25)
y = np.sin(2 * x) + 0.1 * rng.normal(size=25)
log_length = Tensor(0.5, requires_grad=True)
log_scale = Tensor(0.0, requires_grad=True)
log_noise = Tensor(-1.0, requires_grad=True)
adam = optim.Adam([log_length, log_scale, log_noise], lr=0.05)
for step in range(60):
    squared = (x[:, None] - x) ** 2
    K = exp(log_scale) * exp(-squared / (2 * exp(2 * log_length))) + exp(2 * log_noise) * np.eye(25)
    L = np.linalg.cholesky(K)
    a = np.linalg.solve(L, y)
    loss = 0.5 * (a * a).sum() + log(np.diagonal(L)).sum() + 12.5 * np.log(2 * np.pi)
    adam.zero_grad()
    loss.backward()
    adam.step()
