"""Adam and AdamW: how far a step goes, weight decay on its own, and the largest v. Ten steps of each: test_optimiser.py."""

import numpy as np
import pytest

from microgradnn import Tensor, optim


def moved_by(kind, *gradients, W=(1.0, -2.0, 3.0), **options):
    """How far the last of several steps moves some weights, for gradients that are given."""
    W = Tensor(np.array(W), requires_grad=True)
    optimiser = kind([W], **options)
    for g in gradients:
        before = W.data.copy()
        W.grad = np.broadcast_to(np.array(g, float), W.shape).copy()
        optimiser.step()
    return W.data - before


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.1), (0, 0)])
def test_the_first_step_is_as_long_as_the_learning_rate(betas):
    """However large a gradient is, the first step moves its weight by lr against it: the beginning at 0 is undone."""
    moved = moved_by(optim.Adam, [200.0, -0.5, 1e-4], lr=0.125, betas=betas, eps=0)
    np.testing.assert_allclose(moved, [-0.125, 0.125, -0.125], rtol=1e-12)


@pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW])
def test_no_slope_no_step(kind):
    """Where all gradients were 0, ε keeps 0 / 0 away, and the weight stays."""
    assert moved_by(kind, 0, 0, weight_decay=0).tolist() == [0, 0, 0]


def test_amsgrad_remembers_the_largest():
    """After a large gradient a small one is divided by what the large one left, not by what has faded of it."""
    options = {"lr": 1, "betas": (0, 0.5), "eps": 0}
    correction = 1 - 0.5**2  # v = 50 after the gradient 10, and then 50 / 2 + 1 / 2
    np.testing.assert_allclose(moved_by(optim.Adam, 10, 1, **options), -1 / np.sqrt(25.5 / correction))
    np.testing.assert_allclose(moved_by(optim.Adam, 10, 1, amsgrad=True, **options), -1 / np.sqrt(50 / correction))


@pytest.mark.parametrize("g", [0.01, -300.0])
def test_decay_on_its_own(g):
    """AdamW draws all weights to 0 by one share, whatever their gradients; in Adam decay is a part of g, which is divided."""
    without = moved_by(optim.Adam, g, lr=0.1)
    decay = moved_by(optim.AdamW, g, lr=0.1, weight_decay=0.5) - without
    np.testing.assert_allclose(decay, -0.1 * 0.5 * np.array([1.0, -2.0, 3.0]), rtol=1e-9)
    g = np.array([1, -1, 1]) * abs(g)  # towards 0, as the decay
    with_decay = moved_by(optim.Adam, g, lr=0.1, weight_decay=0.5)
    np.testing.assert_allclose(with_decay, moved_by(optim.Adam, g, lr=0.1), rtol=1e-5)
