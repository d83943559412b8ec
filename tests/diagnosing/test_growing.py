"""Graphs that are kept, and what was computed once for all: the variable that keeps them, the tensor that never changes."""

import numpy as np
import pytest

from microgradnn import Tensor, optim, watch
from microgradnn.diagnosing.growing import Kept


def passes(W, keep, count=12):
    """Passes of which something may be kept."""
    kept, total = Kept(), Tensor(0.0)
    for _ in range(count):
        h = W * 2
        kept.note([W, h])
        total = total + h.sum() if keep else (total + h.sum()).detach()
    kept.ask({"W": W, "h": h, "total": total})
    kept.close()
    return kept


def test_the_variable_that_keeps_graphs():
    """It is named where it leads to all of them; nothing is kept where each is let go."""
    W = Tensor(np.ones(3), requires_grad=True)
    kept = passes(W, keep=True)
    assert (kept.alive, kept.keeper[0], kept.keeper[1]) == (12, "total", ())
    kept = passes(W, keep=False)
    assert (kept.alive, kept.keeper) == (0, None)


@pytest.mark.parametrize(("scale", "kinds"), [(1.0, []), (0.5, ["no parameter"])])
def test_what_was_computed_once(scale, kinds):
    """A weight that is the result of an operation is a finding; one that is a leaf is not."""
    leaf = Tensor(np.array([[1.0], [2.0]]), requires_grad=True)
    W = leaf if scale == 1.0 else scale * leaf
    b = Tensor(0.0, requires_grad=True)
    descent = optim.SGD([b, W] if W is leaf else [b], lr=0.1)
    with watch() as health:
        for _ in range(6):
            descent.zero_grad()
            ((np.eye(2) @ W + b - 3) ** 2).mean().backward()
            descent.step()
    assert [finding.kind for finding in health.findings] == kinds
