"""What happens between passes: too little, or too much of something else."""

import numpy as np

from microgradnn import Tensor, nn, optim, watch


def findings(lr=0.05, decay=0.0, steps=40, batch=None, start=None):
    """Those of a small network, in mini-batches or not."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 1))
    net = nn.MLP([3, 4, 1], rng=rng)
    if start is not None:
        net.hidden.W.data *= start
    descent = optim.SGD(net.parameters(), lr=lr, weight_decay=decay)
    with watch(net) as health:
        for _ in range(steps):
            rows = slice(None) if batch is None else rng.integers(0, 40, size=batch)
            descent.zero_grad()
            nn.mse_loss(net(X[rows]), y[rows]).backward()
            descent.step()
    return health.findings


def test_steps_that_are_too_small():
    """Whether or not the losses of mini-batches jump: what counts is how far all steps lead."""
    for batch in (None, 5):
        (found,) = findings(lr=1e-7, batch=batch)
        assert found.kind == "steps too small" and "all 40 together\nby less than" in found.evidence
        assert findings(lr=0.02, batch=batch) == []


def test_weights_that_decay():
    """A decay that leaves nothing is found, and says what the length was; a usual one is not, nor one that shrinks nothing."""
    (found,) = findings(decay=8.0)
    assert (found.kind, found.tensor) == ("weights decay", "out.W") or found.tensor == "hidden.W"
    assert "smaller than 8" in found.way and "went from" in found.evidence
    assert findings(decay=1e-3) == []


def test_a_loss_that_left_the_graph_is_told_once():
    """Where no gradient comes to any parameter, that nothing changes is no further finding."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    with watch([w]) as health:
        for _ in range(6):
            loss = Tensor(float((w * w).sum()), requires_grad=True)
            w.grad = None
            loss.backward()
    assert [finding.kind for finding in health.findings] == ["no gradient"]
