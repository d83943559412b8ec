"""Probabilities by exp of scores in float32, which grow from step to step.

finding: overflow ahead
tensor: scores
way: softmax
"""

import numpy as np

from microgradnn import Tensor

rng = np.random.default_rng(15)
X = rng.normal(size=(20, 4)).astype(np.float32) * 9
y = rng.integers(0, 3, 20)
W = Tensor((rng.normal(size=(4, 3)) * 1.9).astype(np.float32), requires_grad=True, name="W")
one_hot = np.eye(3, dtype=np.float32)[y]

for step in range(12):
    scores = (X @ W).named("scores")
    e = np.exp(scores)  # planted
    p = e / e.sum(axis=1, keepdims=True)
    loss = ((p - one_hot) ** 2).mean()
    W.grad = None
    loss.backward()
    W.data -= np.float32(0.1) * W.grad
