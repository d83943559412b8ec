"""watch: what it measures and when, what it costs the program (no value changes), and what it shows."""

import numpy as np
import pytest

from microgradnn import Tensor, fit, grad, nn, optim, value_and_grad, watch
from microgradnn.diagnosing.health import Health
from microgradnn.diagnosing.pace import ALL_NOTED
from microgradnn.graph import audience


def data(rng):
    X = rng.normal(size=(20, 3))
    return X, X[:, :1] * 2


def trained(observed, steps=12):
    """The parameters after some steps of a network with dropout, and the health; observed or not."""
    rng = np.random.default_rng(0)
    X, y = data(rng)
    net = nn.Sequential(nn.Linear(3, 5, rng=rng), nn.Dropout(0.3, rng=rng), nn.Tanh(), nn.Linear(5, 1, rng=rng))
    adam = optim.Adam(net.parameters(), lr=0.01)
    health = watch(net)
    if observed:
        health.__enter__()
    for _ in range(steps):
        adam.zero_grad()
        nn.mse_loss(net(X), y).backward()
        adam.step()
    health.remove()
    return net.state_dict(), health


def test_watching_changes_nothing():
    """Parameters after training are the same to the last bit, watched or not."""
    plain, seen = trained(False)[0], trained(True)[0]
    assert all(np.array_equal(plain[name], seen[name]) for name in plain)


def test_nobody_watches_afterwards():
    """All events are signed out, also when the program ends with an exception."""
    with pytest.raises(ZeroDivisionError), watch():
        1 / 0  # noqa: B018
    assert not any(getattr(audience, event) for event in audience.__slots__)


def test_looks_become_fewer():
    """The first passes are all looked at, later ones fewer and fewer; the last one is, if its graph is still there."""
    numbers = [look.number for look in trained(True, steps=40)[1].looks]
    assert numbers[:5] == [1, 2, 3, 4, 6]
    assert numbers == sorted(numbers) and len(numbers) < 15


def test_there_are_rests():
    """After the first passes only a few in each sixty are noted, and the last one; all are counted. With every=n none rests."""
    rests, noted = [], {}
    for every in (None, 50):
        w = Tensor([1.0], requires_grad=True)
        sgd = optim.SGD([w], lr=0.01)
        with watch([w], every=every) as health:
            for _ in range(1600):
                sgd.zero_grad()
                loss = (w * w).sum()
                loss.backward()
                sgd.step()
                rests += [health.passes] if every is None and health.update not in audience.update else []
        (series,), (record,) = health.series.values(), health.optimisers.values()
        noted[every] = series.numbers
        assert health.passes == 1600 and record.steps <= len(series.numbers) == len(series.losses)
        assert health.findings == []
    assert noted[None][:ALL_NOTED] == list(range(1, ALL_NOTED + 1))
    assert len(noted[None]) < ALL_NOTED + 600 / 6 and noted[None][-1] == 1600
    assert noted[50] == list(range(1, 1601))
    assert len(rests) > 400 and min(rests) >= ALL_NOTED


def test_what_is_not_finite_ends_a_rest():
    """A loss that overflows during a rest is looked at in the pass that it happened in."""
    w = Tensor([1.0], requires_grad=True)
    with watch([w]) as health, np.errstate(all="ignore"):
        for number in range(1, 1300):
            w.grad = None
            (w * (np.inf if number == 1100 else 1.0)).sum().backward()
    assert 1100 in [look.number for look in health.looks]
    assert "In pass 1100" in next(finding.evidence for finding in health.findings if finding.kind == "not finite")


def test_every():
    """With every=n the first passes and each n-th are looked at, whatever it costs."""
    w = Tensor([1.0], requires_grad=True)
    with watch([w], every=10) as health:
        for _ in range(40):
            w.grad = None
            (w * w).sum().backward()
            w.data -= 0.01 * w.grad
    assert [look.number for look in health.looks] == [1, 2, 3, 4, 10, 20, 30, 40]
    with pytest.raises(ValueError, match="every is 1 or more"):
        watch(every=0)


def test_what_is_measured():
    """Norms of gradients, histograms that count all numbers, and the share by which a parameter moved."""
    w, x = Tensor(np.array([[3.0, -4.0]]), requires_grad=True, name="w"), np.array([[2.0], [1.0]])
    with watch([w]) as health:
        for _ in range(2):
            h = np.tanh(x @ w)
            w.grad = None
            h.sum().backward()
            kept = w.grad.copy()
            w.data -= 0.5 * w.grad
    look = health.looks[0]
    (parameter,) = look.parameters.values()
    stage = next(stage for stage in look.stages.values() if stage.op == "tanh")
    assert stage.values.sum() == stage.gradients.sum() == 4
    first = np.array([[3.0, -4.0]])
    dw = (x * (1 - np.tanh(x @ first) ** 2)).sum(axis=0)
    assert np.isclose(parameter.own, np.linalg.norm(dw)) and kept.shape == (1, 2)
    assert np.isclose(parameter.ratio, 0.5 * np.linalg.norm(dw) / 5)
    assert np.isclose(look.cosine, -1)


def test_functions_are_seen_too():
    """Passes of grad and value_and_grad count; the arguments of a function are the same parameter from pass to pass."""
    W, x = np.ones((2, 2)), np.ones(2)

    def loss(W):
        return ((x @ W) ** 2).sum()

    with watch() as health:
        for _ in range(6):
            _, dW = value_and_grad(loss)(W)
            W = W + 0.3 * dW
    assert health.passes == 6
    t = Tensor(2.0, requires_grad=True)
    with watch() as health:
        grad(grad(t**3, t, create_graph=True), t)
    assert health.passes == 2


def test_it_is_a_callback_of_fit():
    """fit(callbacks=[health]) watches for as long as the training takes."""
    rng = np.random.default_rng(0)
    X, y = data(rng)
    net = nn.MLP([3, 4, 1], rng=rng)
    health = watch(net)
    fit(
        net,
        nn.mse_loss,
        optim.SGD(net.parameters(), lr=0.05),
        X,
        y,
        epochs=3,
        rng=rng,
        batch_size=10,
        callbacks=[health],
        progress=False,
    )
    assert health.passes == 6 and health.findings == []
    assert not audience.complete


def test_the_report():
    """It says how many passes there were and were looked at; of a finding sign, tensor, line, figures and the way out."""
    W = Tensor(np.ones((2, 2)), requires_grad=True, name="W")
    with watch({"W": W}) as health:
        for _ in range(5):
            h = np.ones((3, 2)) @ W
            h.data.sum()
            loss = ((h - 1) ** 2).mean()
            loss.backward()
            W.data -= 0.01 * W.grad
    text = str(health)
    assert text.startswith("Health of 5 backward passes, 5 of them looked at: ")
    assert "✗ gradients add up: W" in text and "→ Call optimiser.zero_grad()" in text and "test_health.py:" in text
    assert repr(health) == "<Health of 5 backward passes: 2 findings>"  # equal units, too
    assert str(watch()) == "Health of 0 backward passes, 0 of them looked at: nothing to say"


def test_what_cannot_be_watched():
    """The message says what can be."""
    with pytest.raises(TypeError, match=r"watch takes a network, or Tensors: watch\(network\), watch\(\[W, b\]\)"):
        watch(3)
    with pytest.raises(TypeError, match="'a' is in it"):
        Health(["a"])
