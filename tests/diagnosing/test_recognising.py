"""Planted bugs, each with its finding, tensor, line and way out; and programs that learn, of which nothing is said."""

import numpy as np
import pytest
from runs import HEALTHY, PLANTED, expected, watched

from microgradnn import Tensor, nn, optim, relu, watch


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:.* is no parameter:UserWarning")
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(name):
    """The finding is there, about the right tensor, at the marked line, and its way out says what to do."""
    bug, findings = expected(name), watched("planted", name).findings
    (found,) = [finding for finding in findings if (finding.kind, finding.tensor) == (bug.finding, bug.tensor)]
    assert bug.way.lower() in f"{found.way} {found.evidence}".lower()
    assert bug.line is None or found.line[1] == bug.line
    assert any(character.isdigit() for character in found.evidence) or found.kind in ("zero gradient", "squashed twice")


@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_is_said_of_a_healthy_program(name):
    """No error, no warning, no hint."""
    health = watched("healthy", name)
    assert health.passes >= 24
    assert health.findings == []


def test_there_are_enough():
    """A hundred bugs of every kind that is recognised, and forty healthy programs."""
    kinds = {expected(name).finding for name in PLANTED}
    assert len(PLANTED) >= 100 and len(HEALTHY) >= 40
    assert len(kinds) >= 20


def train(steps=8, **options):
    """A small network, trained; `options` are handed to the loop."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(16, 3)), rng.normal(size=(16, 1))
    net = nn.MLP([3, 4, 1], rng=rng)
    held = options.get("held", lambda net: net.parameters())(net)
    descent = optim.SGD(held, lr=options.get("lr", 0.05))
    with watch(net) as health:
        for _ in range(steps):
            descent.zero_grad()
            nn.mse_loss(net(X), y).backward()
            descent.step()
    return health


def test_a_bug_that_is_mended_is_no_finding():
    """The same program without the bug: a learning rate of 5 is found, one of 0.05 is not."""
    assert [finding.kind for finding in train(lr=5.0).findings] == ["learning rate too large"]
    assert train().findings == []


def test_the_safe_learning_rate_is_safe():
    """What the finding gives as the limit is 2 over the curvature: of a parabola, below it the loss falls, above it rises."""
    curvature = 6.0

    def losses(lr):
        w = Tensor([1.0, 0.5], requires_grad=True)
        seen = []
        with watch([w]) as health:
            for _ in range(8):
                loss = (0.5 * curvature * w * w).sum()
                w.grad = None
                loss.backward()
                w.data -= lr * w.grad
                seen.append(loss.item())
        return seen, health.findings

    falling, nothing = losses(0.99 * 2 / curvature)
    rising, (found,) = losses(1.01 * 2 / curvature)
    assert falling[-1] < falling[0] and nothing == []
    assert rising[-1] > rising[0] and found.kind == "learning rate too large"
    assert f"2/{curvature:.3g} = {2 / curvature:.2g}" in found.evidence


def test_one_parameter_that_is_not_given_to_the_optimiser():
    """A network's parameter that the optimiser does not hold: named, and only that one."""
    health = train(held=lambda net: net.parameters()[:-1])
    assert [(finding.kind, finding.tensor) for finding in health.findings] == [("never changed", "out.b")]


def test_what_is_meant_to_grow_may():
    """Ascent of a log-likelihood, which begins below 0, is no wrong sign; that of a squared error is."""
    data = np.random.default_rng(0).normal(3, 1, 50)

    def kinds(sign):
        mu = Tensor(0.0, requires_grad=True)
        with watch([mu]) as health:
            for _ in range(12):
                value = sign * ((data - mu) ** 2).mean() / 2
                mu.grad = None
                value.backward()
                mu.data += 0.1 * mu.grad
        return [finding.kind for finding in health.findings]

    assert kinds(-1.0) == []
    assert kinds(1.0) == ["wrong sign"]


def test_an_input_may_go_up_the_hill():
    """An image is changed so that a network, frozen or not, is wrong: no finding; a weight beside a network is one."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(8, 3)), np.array([0, 1] * 4)

    def kinds(frozen, weight):
        net = nn.MLP([3, 6, 2], rng=rng)
        for p in net.parameters():
            p.requires_grad = not frozen
        x = Tensor(X.copy(), requires_grad=True)
        W = Tensor(np.eye(3), requires_grad=True)
        with watch() as health:
            for _ in range(12):
                loss = nn.cross_entropy(net(X @ W if weight else x), y)
                x.grad = W.grad = None
                net.zero_grad()
                loss.backward()
                moved = W if weight else x
                moved.data += 0.2 * moved.grad
        return [finding.kind for finding in health.findings]

    assert "wrong sign" not in kinds(frozen=True, weight=False)
    assert "wrong sign" not in kinds(frozen=False, weight=False)
    assert "wrong sign" in kinds(frozen=True, weight=True)


def test_a_hinge_is_no_dead_unit():
    """A relu with nothing after it that is trained belongs to the loss: to be 0 there is to be right."""
    X = np.random.default_rng(0).normal(size=(40, 2))
    t, w = np.sign(X[:, 0]), Tensor([2.0, 0.0], requires_grad=True)
    with watch([w]) as health:
        for _ in range(8):
            w.grad = None
            relu(1 - t * (X @ w)).mean().backward()
            w.data -= 0.2 * w.grad
    assert health.findings == []
