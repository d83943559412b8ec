"""Three folds, a network and an optimiser for each; early stopping; each judged in evaluation mode."""

import numpy as np

from microgradnn import EarlyStopping, fit, nn, optim
from microgradnn.training import evaluate

rng = np.random.default_rng(77)
X = rng.normal(size=(75, 4))
Y = np.sin(X[:, :1]) + 0.5 * X[:, 1:2]
errors = []
for fold in range(3):
    held = np.arange(75) % 3 == fold
    net = nn.Sequential(nn.Linear(4, 12, rng=rng), nn.Tanh(), nn.Dropout(0.1, rng=rng), nn.Linear(12, 1, rng=rng))
    adam = optim.Adam(net.parameters(), lr=0.02)
    fit(
        net, nn.mse_loss, adam, X[~held], Y[~held], epochs=12, batch_size=10, rng=rng, validation=(X[held], Y[held]),
        stop=EarlyStopping(patience=4), progress=False,
    )  # fmt: skip
    errors.append(evaluate(net, nn.mse_loss, X[held], Y[held])["loss"])
assert np.mean(errors) < 0.5, errors
