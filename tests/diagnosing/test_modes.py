"""Modes of dropout and batch normalisation: what is judged in training mode, and what is trained in evaluation mode."""

import re

import numpy as np

from microgradnn import nn, no_grad, optim, watch
from microgradnn.diagnosing.pace import NOTED, REST

rng = np.random.default_rng(0)
X, y = rng.normal(size=(8, 3)), np.array([0, 1] * 4)


def findings(judge, before=None):
    net = nn.Sequential(nn.Linear(3, 4, rng=rng), nn.BatchNorm(4), nn.Linear(4, 2, rng=rng))
    descent = optim.SGD(net.parameters(), lr=0.05)
    with watch(net) as health:
        if before is not None:
            before(net)
        for _ in range(5):
            descent.zero_grad()
            nn.cross_entropy(net(X), y).backward()
            descent.step()
            judge(net)
    return [finding.kind for finding in health.findings]


def in_evaluation_mode(net):
    net.eval()
    with no_grad():
        net(X)
    net.train()


def without_a_graph(net):
    with no_grad():
        net(X)


def with_a_graph(net):
    nn.cross_entropy(net(X), y).item()


def and_stays(net):
    net.eval()


def judged_with_gradients(net):
    net.eval()
    for _ in range(5):
        net(X)[0, 1].backward()
        net.zero_grad()
    net.train()


def test_gradients_in_evaluation_mode():
    """Before any training it is a finding only if the network is then trained in it; a saliency between steps is none."""
    assert findings(lambda net: None, before=and_stays) == ["evaluation mode"]
    assert findings(lambda net: None, before=judged_with_gradients) == []
    net = nn.Sequential(nn.Linear(3, 4, rng=rng), nn.BatchNorm(4), nn.Linear(4, 2, rng=rng))
    with watch(net) as health:
        judged_with_gradients(net)
    assert "evaluation mode" not in [finding.kind for finding in health.findings]


def test_modes():
    """Judged in training mode is a finding, with a graph or without; so is training in evaluation mode; a trial is not."""
    assert findings(in_evaluation_mode) == []
    assert findings(lambda net: None, before=without_a_graph) == []
    assert findings(without_a_graph) == ["training mode"]
    assert findings(with_a_graph) == ["training mode"]
    assert findings(and_stays) == ["evaluation mode"]


def test_a_mode_that_changes_late():
    """After the first passes not all calls are noted: a network that stays in evaluation mode is found soon, and so it says."""
    rng = np.random.default_rng(0)
    net = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Dropout(0.5, rng=rng), nn.Linear(3, 1, rng=rng))
    descent, X = optim.SGD(net.parameters(), lr=0.01), rng.normal(size=(4, 2))
    with watch(net) as health:
        for number in range(1500):
            if number == 1200:
                net.eval()
            descent.zero_grad()
            nn.mse_loss(net(X), X[:, :1]).backward()
            descent.step()
    (found,) = [finding for finding in health.findings if finding.kind == "evaluation mode"]
    since = int(re.search(r"since pass (\d+) or before", found.evidence)[1])
    assert found.evidence.startswith("At least ") and 1200 < since <= 1201 + NOTED + REST
