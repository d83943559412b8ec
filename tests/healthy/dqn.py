"""Deep Q-learning: a target network that no gradient comes to, values of the next state within no_grad."""

import copy

import numpy as np

from microgradnn import nn, no_grad, optim, relu

rng = np.random.default_rng(20)
network = nn.MLP([4, 16, 2], activation=relu, rng=rng)
target = copy.deepcopy(network)
adam = optim.Adam(network.parameters(), lr=0.005)
for i in range(100):
    s, a = rng.normal(size=(16, 4)), rng.integers(0, 2, 16)
    following, reward = s + 0.1 * rng.normal(size=s.shape), s[np.arange(16), a]
    with no_grad():
        best = target(following).max(axis=1)
    loss = nn.huber_loss(network(s)[np.arange(16), a], reward + 0.5 * best.data)
    adam.zero_grad()
    loss.backward()
    adam.step()
    if i % 20 == 0:
        target.load_state_dict(network.state_dict())
