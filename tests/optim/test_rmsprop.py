"""RMSprop: how far a step goes, and a variance that stays one."""

import numpy as np

from microgradnn import Tensor, optim


def steps_of(gradients, **options):
    """How far each of several steps moves a weight."""
    W = Tensor([5.0], requires_grad=True)
    descent, places = optim.RMSprop([W], **options), [5.0]
    for g in gradients:
        W.grad = np.array([g])
        descent.step()
        places.append(W.item())
    return np.diff(places)


def test_how_large_gradients_are_does_not_matter():
    """A step is as long for gradients a million times larger; the first is lr / √(1 − ρ), and they come to lr."""
    small, large = (steps_of([scale] * 60, lr=0.01, alpha=0.75, eps=0) for scale in (1e-3, 1e3))
    np.testing.assert_allclose(small, large, rtol=1e-9)
    np.testing.assert_allclose(small[0], -0.02, rtol=1e-9)
    np.testing.assert_allclose(small[-1], -0.01, rtol=1e-6)


def test_momentum_adds_up_steps():
    """Of each step a share goes into the next; it is the divided gradients that add up, not the gradients."""
    np.testing.assert_allclose(steps_of([4.0, 100.0, -3.0], lr=1, alpha=0, eps=0, momentum=0.5), [-1, -1.5, 0.25])


def test_centred_steps_are_longer():
    """Gradients that hardly change have a small standard deviation: centred, the steps are longer, up to ε."""
    plain, centred = (steps_of([1.0] * 20, lr=1e-4, alpha=0.5, eps=0.1, centered=centered) for centered in (False, True))
    assert (centred < plain).all()  # both downwards
    np.testing.assert_allclose([plain[-1], centred[-1]], [-1e-4 / 1.1, -1e-4 / 0.1], rtol=0.02)


def test_a_variance_is_never_negative():
    """Centred RMSprop survives gradients that stay the same, whose variance would be a little below 0 by rounding."""
    W = Tensor(np.ones(100), requires_grad=True)
    descent = optim.RMSprop([W], alpha=0.5, centered=True)
    W.grad = np.linspace(1e3, 1e8, 100) / 3
    for _ in range(100):
        descent.step()
    assert np.isfinite(W.data).all()
