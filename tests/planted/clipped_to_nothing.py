"""Gradients are clipped to a norm of 1e-5.

finding: steps too small
tensor: loss
way: clipped to
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(15)
X = rng.normal(size=(20, 12, 3))
y = X[:, :, 0].sum(axis=1, keepdims=True)
rnn = nn.GRU(3, 12, batch_first=True, rng=rng)
head = nn.Linear(12, 1, rng=rng)
params = [*rnn.parameters(), *head.parameters()]
opt = optim.SGD(params, lr=0.05)
for epoch in range(20):
    outputs, _ = rnn(X)
    loss = nn.mse_loss(head(outputs[:, -1]), y)
    opt.zero_grad()
    loss.backward()  # planted
    optim.clip_grad_norm_(params, 1e-5)
    opt.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())
