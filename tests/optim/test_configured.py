"""Settings: attributes that are shown, may change, and come back out of files."""

import numpy as np

from microgradnn import Tensor, optim


def test_settings_may_change():
    """Momentum that is switched on between two steps begins then, and switched off it ends."""
    W = Tensor([8.0], requires_grad=True)
    descent = optim.SGD([W], lr=1)
    for momentum, expected in ((0, 7), (0.5, 6), (0.5, 4.5), (0, 3.5)):
        descent.momentum = momentum
        W.grad = np.ones(1)
        descent.step()
        assert W.data.tolist() == [expected]


def test_repr():
    """An optimiser shows its settings."""
    descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.1)
    assert repr(descent) == "SGD(lr=0.1, momentum=0, dampening=0, weight_decay=0, nesterov=False)"
