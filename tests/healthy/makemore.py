"""After makemore, part 3: embedding, a hidden layer with batch normalisation, cross-entropy; learning rate decayed by hand."""

import numpy as np

from microgradnn import nn, no_grad, optim, tanh

names = [
    "emma",
    "olivia",
    "ava",
    "isabella",
    "sophia",
    "mia",
    "charlotte",
    "amelia",
    "harper",
    "evelyn",
    "luna",
    "grace",
    "chloe",
    "ella",
]
letters = ".abcdefghijklmnopqrstuvwxyz"
pairs = [(f"...{name}."[i : i + 3], f"...{name}."[i + 3]) for name in names for i in range(len(name) + 1)]
X = np.array([[letters.index(c) for c in context] for context, _ in pairs])
y = np.array([letters.index(c) for _, c in pairs])
rng = np.random.default_rng(0)
C = nn.Embedding(27, 6, rng=rng)
net = nn.Sequential(
    nn.Flatten(),
    nn.Linear(18, 40, bias=False, rng=rng),
    nn.BatchNorm(40),
    tanh,
    nn.Linear(40, 27, rng=rng, init=nn.init.normal),
)
net[-1].W.data *= 0.1
descent = optim.SGD(C.parameters() + net.parameters(), lr=0.3)
for step in range(150):
    batch = rng.integers(0, len(X), 32)
    loss = nn.cross_entropy(net(C(X[batch])), y[batch])
    descent.zero_grad()
    loss.backward()
    descent.lr = 0.3 if step < 100 else 0.03
    descent.step()
net.eval()
with no_grad():
    final = nn.cross_entropy(net(C(X)), y).item()
assert final < 2.6, final
