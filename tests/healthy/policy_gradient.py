"""REINFORCE on a bandit with contexts: sampled actions, a running baseline, a loss that says nothing by itself."""

import numpy as np

from microgradnn import log_softmax, nn, no_grad, optim, softmax, tanh

rng = np.random.default_rng(74)
good = rng.normal(size=(5, 3))
net = nn.MLP([5, 16, 3], activation=tanh, rng=rng)
adam = optim.Adam(net.parameters(), lr=0.02)
baseline, rewards = 0.0, []
for episode in range(60):
    contexts = rng.normal(size=(32, 5))
    with no_grad():
        chances = softmax(net(contexts)).numpy()
    actions = np.array([rng.choice(3, p=c) for c in chances])
    reward = (actions == np.argmax(contexts @ good, axis=1)).astype(float)
    scores = log_softmax(net(contexts))[np.arange(32), actions]
    loss = -(scores * (reward - baseline)).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
    baseline = 0.9 * baseline + 0.1 * reward.mean()
    rewards.append(reward.mean())
assert np.mean(rewards[-10:]) > 0.55, rewards[-10:]
