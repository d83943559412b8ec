"""RMSprop: how far a step goes, and a variance that stays one."""

import numpy as np

from microgradnn import Tensor, optim


def test_a_variance_is_never_negative():
    """Centred RMSprop survives gradients that stay the same, whose variance would be a little below 0 by rounding."""
    W = Tensor(np.ones(100), requires_grad=True)
    descent = optim.RMSprop([W], alpha=0.5, centered=True)
    W.grad = np.linspace(1e3, 1e8, 100) / 3
    for _ in range(100):
        descent.step()
    assert np.isfinite(W.data).all()
