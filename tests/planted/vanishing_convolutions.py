"""Eight convolutions with sigmoids: almost nothing of the gradient comes to the first.

finding: vanishing
tensor: W⁽¹⁾
way: relu
"""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(49)
waves = rng.normal(size=(24, 1, 10))
labels = (waves[:, 0, 3] > 0).astype(int)

layers = [nn.Conv1d(1, 4, 3, padding=1, rng=rng), nn.Sigmoid()]
for _ in range(7):
    layers += [nn.Conv1d(4, 4, 3, padding=1, rng=rng), nn.Sigmoid()]
net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(40, 2, rng=rng))
adam = optim.Adam(net.parameters(), lr=0.005)

for epoch in range(12):
    adam.zero_grad()
    loss = nn.cross_entropy(net(waves), labels)  # planted
    loss.backward()
    adam.step()
