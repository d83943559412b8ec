"""Q-learning with a target network, copied now and then."""

import copy

import numpy as np

from microgradnn import Tensor, nn, no_grad, optim

rng = np.random.default_rng(0)
q = nn.MLP([2, 24, 2], rng=rng)
target = copy.deepcopy(q)
opt = optim.Adam(q.parameters(), lr=0.01)
for step in range(200):
    s, a = rng.normal(size=(32, 2)), rng.integers(0, 2, size=32)
    reward, s2 = np.where(a == (s[:, 0] > 0), 1.0, 0.0), rng.normal(size=(32, 2))
    with no_grad():
        best = target(Tensor(s2)).numpy().max(axis=1)
    wanted = reward + 0.5 * best
    loss = nn.huber_loss(q(Tensor(s))[np.arange(32), a], wanted)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        target = copy.deepcopy(q)
