"""A teacher whose weights are a running mean of the student's: no gradient comes to it, by design."""

import copy

import numpy as np

from microgradnn import nn, no_grad, optim, softmax

rng = np.random.default_rng(75)
X = rng.normal(size=(100, 6))
y = (X[:, 0] + X[:, 1] > 0).astype(int)
student = nn.Sequential(nn.Linear(6, 16, rng=rng), nn.ReLU(), nn.Dropout(0.2, rng=rng), nn.Linear(16, 2, rng=rng))
teacher = copy.deepcopy(student).eval()
descent = optim.SGD(student.parameters(), lr=0.1, momentum=0.9)
for step in range(40):
    noisy = X + 0.1 * rng.normal(size=X.shape)
    with no_grad():
        wanted = softmax(teacher(X)).numpy()
    scores = student(noisy)
    loss = nn.cross_entropy(scores[:20], y[:20]) + ((softmax(scores) - wanted) ** 2).mean()
    descent.zero_grad()
    loss.backward()
    descent.step()
    mean, new = teacher.state_dict(), student.state_dict()
    teacher.load_state_dict({name: 0.9 * mean[name] + 0.1 * new[name] for name in mean})
assert np.mean(np.argmax(teacher(X).numpy(), axis=1) == y) > 0.75
