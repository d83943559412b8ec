"""How networks are put together: each hint and error, and what is like it and is meant."""

import numpy as np
import pytest

from microgradnn import Tensor, log_softmax, nn, relu, sigmoid, tanh, watch

rng = np.random.default_rng(0)


def kinds(loss_of, *parameters):
    """What is found in some steps of descent."""
    with watch(list(parameters)) as health:
        for _ in range(6):
            for W in parameters:
                W.grad = None
            loss_of().backward()
            for W in parameters:
                W.data -= 0.01 * W.grad
    return [finding.kind for finding in health.findings]


def weight(*shape):
    return Tensor(rng.normal(size=shape), requires_grad=True)


@pytest.mark.parametrize(
    ("end", "low", "high", "found"),
    [
        (tanh, -3.0, 3.0, True),
        (tanh, -0.9, 1.05, False),
        (sigmoid, -1.0, 1.0, True),
        (sigmoid, 0.0, 1.0, False),
        (relu, -2.0, 2.0, True),
        (relu, 0.0, 50.0, False),
        (lambda o: o, -50.0, 50.0, False),
    ],
)
@pytest.mark.parametrize("loss", [nn.mse_loss, lambda o, t: ((t - o) ** 2).mean(), nn.l1_loss])
def test_targets_out_of_reach(end, low, high, found, loss):
    """A function that ends a network, and targets beyond it; a little beyond, as smoothed or noisy ones, is near enough."""
    X, W, t = rng.normal(size=(20, 3)), weight(3, 1), np.linspace(low, high, 20)[:, None]
    assert ("out of reach" in kinds(lambda: loss(end(X @ W), t), W)) is found


def test_class_numbers():
    """Log-probabilities times class numbers; times a weight of each sample, or one-hot rows, nothing is said."""
    X, W, labels = rng.normal(size=(12, 3)), weight(3, 4), np.arange(12) % 4
    rows = {
        "numbers": labels[:, None],
        "weights": rng.random((12, 1)),
        "mask": labels[:, None] % 2,
        "one-hot": np.eye(4)[labels],
    }
    found = {name: kinds(lambda y=y: -(log_softmax(X @ W) * y).sum(axis=1).mean(), W) for name, y in rows.items()}
    assert found == {"numbers": ["class numbers"], "weights": [], "mask": [], "one-hot": []}


def test_nothing_between():
    """Two layers in a row; not with an activation in between, a narrow code, or where the second gets something else, too."""
    X, t = rng.normal(size=(12, 3)), rng.normal(size=(12, 1))
    V, W, b, narrow, wide = weight(3, 4), weight(4, 1), Tensor(np.zeros(4), requires_grad=True), weight(3, 1), weight(1, 2)
    other = rng.normal(size=(12, 4))

    def error(o):
        return ((o - t) ** 2).mean()

    assert kinds(lambda: error(X @ V @ W), V, W) == ["nothing between"]
    assert kinds(lambda: error((X @ V + b) @ W), V, W, b) == ["nothing between"]
    assert kinds(lambda: error(tanh(X @ V) @ W), V, W) == []
    assert kinds(lambda: (X @ narrow @ wide).sum(axis=1).var(), narrow, wide) == []
    assert kinds(lambda: error(X @ V @ W) + error(other @ W), V, W) == []
