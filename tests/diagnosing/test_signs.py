"""Signs of single graphs: what is one, and what looks like one and is none."""

import functools

import numpy as np
import pytest

from microgradnn import Tensor, exp, log_softmax, nn, sigmoid, softmax, watch
from microgradnn.diagnosing.signs import is_likelihood

rng = np.random.default_rng(0)
n = 6
p, t = rng.normal(size=(n, 1)), rng.normal(size=n)
labels, rewards = rng.integers(0, 3, size=n), rng.normal(size=(n, 3))
one_hot = np.eye(3)[labels]


def kinds(loss, *leaves):
    """The kinds of findings of one pass."""
    with watch(list(leaves)) as health:
        loss().backward()
    return [finding.kind for finding in health.findings]


@pytest.mark.parametrize(
    ("loss", "is_one"),
    [
        (lambda w: ((p * w - t) ** 2).mean(), True),
        (lambda w: abs(t - p * w).sum() / n, True),
        (lambda w: -(t * np.log(exp(p * w))).mean(), True),
        (lambda w: ((p * w - t[:, None]) ** 2).mean(), False),  # of one shape
        (lambda w: ((p * w - 3.0) ** 2).mean(), False),
        (lambda w: (exp(-((p - (p * w)[:, 0]) ** 2)) @ t).sum(), False),  # a kernel: distances of all pairs are meant
        (lambda w: ((p[:1] * w - t) ** 2).mean(), False),
    ],
)
def test_broadcasts_in_a_loss(loss, is_one):
    """(n, 1) against (n,), of a prediction and a target, all the way to one number."""
    w = Tensor(1.5, requires_grad=True)
    assert kinds(functools.partial(loss, w), w) == ["broadcast in the loss"] * is_one


@pytest.mark.parametrize(
    ("loss", "is_one"),
    [
        (lambda z: log_softmax(z)[np.arange(n), labels].mean(), True),
        (lambda z: (one_hot * np.log(softmax(z) + 1e-9)).sum(axis=1).mean(), True),
        (lambda z: (one_hot * np.log(sigmoid(z)) + (1 - one_hot) * np.log(1 - sigmoid(z))).mean(), True),
        (lambda z: -log_softmax(z)[np.arange(n), labels].mean(), False),
        (lambda z: np.log(1 - sigmoid(z)).mean(), False),  # a generator's, in the first paper about them
        (lambda z: (rewards * log_softmax(z)).mean(), False),  # a policy's, with advantages of both signs
        (lambda z: (softmax(z) * log_softmax(z)).sum(), False),  # minus an entropy
    ],
)
def test_log_likelihoods(loss, is_one):
    """Log-probabilities, weighed by what is never negative, are what is to grow."""
    assert is_likelihood(loss(Tensor(rng.normal(size=(n, 3)), requires_grad=True))) == is_one


def test_softmax_of_a_softmax():
    """Twice is one too often, also a sigmoid before the loss of logits; once is fine, and a log_softmax twice."""
    w = Tensor(rng.normal(size=(4, 3)), requires_grad=True)
    y = np.array([0, 1, 2, 0])
    assert kinds(lambda: nn.cross_entropy(softmax(w), y), w) == ["squashed twice"]
    assert kinds(functools.partial(nn.cross_entropy, w, y), w) == []
    assert kinds(functools.partial(nn.nll_loss, log_softmax(w), y), w) == []
    assert kinds(lambda: nn.binary_cross_entropy_with_logits(nn.Sigmoid()(w), np.ones((4, 3))), w) == ["squashed twice"]
    assert kinds((softmax(w, axis=0) ** 2).sum, w) == ["unusual axis"]


@pytest.mark.parametrize(
    ("x", "dtype", "is_one"), [(80, "float32", True), (80, "float64", False), (600, "float64", True), (20, "float32", False)]
)
def test_overflow_ahead(x, dtype, is_one):
    """exp near the largest number that its type takes."""
    w = Tensor(np.array([x], dtype), requires_grad=True)
    assert kinds(exp(w).sum, w) == ["overflow ahead"] * is_one


def test_a_mask_of_inf_is_no_overflow():
    """−inf before a softmax is usual; a loss that is not finite is a finding, at the operation that made it."""
    w = Tensor(np.ones((2, 2)), requires_grad=True, name="w")
    mask = np.array([[0, -np.inf], [0, 0]])
    assert kinds((softmax(w + mask) ** 2).sum, w) == []
    with watch([w]) as health, np.errstate(all="ignore"):
        np.log(w - 1).sum().backward()
    (found,) = health.findings
    assert (found.kind, found.tensor) == ("not finite", "log(w − 1)")
