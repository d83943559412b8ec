"""The loss is computed from the number of the class that was chosen.

finding: no gradient
tensor: W⁽¹⁾
way: without .numpy()
"""

import numpy as np

from microgradnn import Tensor, nn, optim

rng = np.random.default_rng(5)
X = rng.normal(size=(90, 5))
y = rng.integers(0, 3, size=90)
X[np.arange(90), y] += 2.0
model = nn.Sequential(nn.Linear(5, 20, rng=rng), nn.ReLU(), nn.Linear(20, 3, rng=rng))
scale = Tensor(1.0, requires_grad=True, name="scale")
opt = optim.SGD([*model.parameters(), scale], lr=0.05)
for epoch in range(60):
    logits = model(X)
    predicted = Tensor(np.argmax(logits.numpy(), axis=1).astype(float))  # planted
    loss = ((scale * predicted - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 20 == 0:
        print("epoch", epoch, "loss", loss.item())
