"""A copy of the network is trained, by the optimiser of the original.

finding: other parameters
tensor: RMSprop
way: after the network
"""

import copy

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(62)
X = rng.normal(size=(7, 20, 2))
Y = X.cumsum(axis=0)


class Tracker(nn.Module):
    def __init__(self):
        self.rnn, self.out = nn.RNN(2, 8, rng=rng), nn.Linear(8, 2, rng=rng)

    def forward(self, x):
        outputs, _ = self.rnn(x)
        return self.out(outputs)


teacher = Tracker()
descent = optim.RMSprop(teacher.parameters(), lr=0.01)
student = copy.deepcopy(teacher)
for epoch in range(10):
    student.zero_grad()
    loss = nn.mse_loss(student(X), Y)
    loss.backward()
    descent.step()  # planted
