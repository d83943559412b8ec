"""A transformer block, and a learning rate that rises from next to nothing for most of the run."""

import numpy as np

from microgradnn import nn, optim

rng = np.random.default_rng(5)
X = rng.normal(size=(16, 5, 12))
y = X[:, 0].argmax(axis=1)


class Classifier(nn.Module):
    def __init__(self):
        self.block = nn.TransformerBlock(12, 2, rng=rng)
        self.out = nn.Linear(12, 12, rng=rng)

    def forward(self, x):
        return self.out(self.block(x)[:, 0])


net = Classifier()
opt = optim.AdamW(net.parameters(), lr=3e-3)
warm = optim.LinearLR(opt, start_factor=1e-4, total_iters=60)
cool = optim.CosineAnnealingLR(opt, T_max=40)
schedule = optim.SequentialLR(opt, [warm, cool], [60])
for step in range(100):
    loss = nn.cross_entropy(net(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    schedule.step()
assert loss.item() < 0.5, loss
