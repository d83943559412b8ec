"""The optimiser is given two of three weight matrices.

finding: never changed
tensor: W2
way: optimiser
"""

import numpy as np

from microgradnn import Tensor, optim, relu

rng = np.random.default_rng(22)
X = rng.normal(size=(64, 5))
Y = np.sin(X[:, :2])


def weight(inputs, outputs):
    return Tensor(rng.normal(size=(inputs, outputs)) / np.sqrt(inputs), requires_grad=True)


W1 = weight(5, 16)
W2 = weight(16, 16)  # planted
W3 = weight(16, 2)
descent = optim.SGD([W1, W3], lr=0.05, momentum=0.9)


def forward(x):
    return relu(relu(x @ W1) @ W2) @ W3


for epoch in range(40):
    loss = ((forward(X) - Y) ** 2).mean()
    for W in (W1, W2, W3):
        W.grad = None
    loss.backward()
    descent.step()
