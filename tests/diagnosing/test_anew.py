"""Layers that are made anew for each pass, and those that are new for a reason."""

import copy

import numpy as np

from microgradnn import nn, optim, watch

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))


def findings(head_for):
    body = nn.Linear(3, 4, rng=rng)
    head = nn.Linear(4, 1, rng=rng)
    descent = optim.SGD([*body.parameters(), *head.parameters()], lr=0.05)
    with watch([*body.parameters(), *head.parameters()]) as health:
        for number in range(5):
            descent.zero_grad()
            used = head_for(number, head)
            (nn.mse_loss(used(body(X).tanh()), Y) + nn.mse_loss(head(body(X).tanh()), Y)).backward()
            descent.step()
    return [(finding.kind, finding.tensor) for finding in health.findings]


def made_each_time(number, head):
    return nn.Linear(4, 1, rng=rng)


def made_once_more(number, head):
    return made_each_time(number, head) if number == 1 else head


def copied_each_time(number, head):
    return copy.deepcopy(head)


def test_layers_made_anew():
    """A layer made in each pass is found; one that is made once, or is a copy of one that learns, is not."""
    assert findings(made_each_time) == [("no parameter", "Linear(4, 1)")]
    assert findings(made_once_more) == []
    assert findings(copied_each_time) == []
