"""Every loss against PyTorch's: values and gradients, for each reduction, in both precisions."""

import numpy as np
import pytest

from microgradnn import Tensor, log_softmax, nn

torch = pytest.importorskip("torch")
F = torch.nn.functional

REDUCTIONS = "mean", "sum", "none"
PRECISION = {"float64": 1e-12, "float32": 2e-6}
rng = np.random.default_rng(0)
REAL, OTHER = 3 * rng.normal(size=(2, 4, 5))
PROBABILITIES = rng.uniform(0.01, 0.99, (4, 5))
BITS = rng.integers(0, 2, (4, 5)).astype(float)
CLASSES = rng.integers(0, 5, 4)
SOFT = rng.dirichlet(np.ones(5), size=4)
WEIGHTS = rng.uniform(0.5, 2, 5)

CASES = {  # ours, PyTorch's, prediction, target, options
    "squared_error": (nn.squared_error, F.mse_loss, REAL, OTHER, {}),
    "mse_loss": (nn.mse_loss, F.mse_loss, REAL, OTHER, {}),
    "l1_loss": (nn.l1_loss, F.l1_loss, REAL, OTHER, {}),
    "l1_loss at 0": (nn.l1_loss, F.l1_loss, REAL, REAL, {}),
    "huber_loss": (nn.huber_loss, F.huber_loss, REAL, OTHER, {}),
    "huber_loss, delta": (nn.huber_loss, F.huber_loss, REAL, OTHER, {"delta": 2.5}),
    "huber_loss at delta": (nn.huber_loss, F.huber_loss, REAL, REAL + np.array([0, 2, -2, 1, 3]), {"delta": 2.0}),
    "binary_cross_entropy": (nn.binary_cross_entropy, F.binary_cross_entropy, PROBABILITIES, BITS, {}),
    "binary_cross_entropy, soft": (
        nn.binary_cross_entropy,
        F.binary_cross_entropy,
        PROBABILITIES,
        PROBABILITIES.T.reshape(4, 5),
        {},
    ),
    "binary_cross_entropy_with_logits": (
        *(nn.binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits),
        *(REAL, BITS, {}),
    ),
    "binary_cross_entropy_with_logits, large": (
        *(nn.binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits),
        *(1000 * np.sign(REAL), BITS, {}),
    ),
    "cross_entropy": (nn.cross_entropy, F.cross_entropy, REAL, CLASSES, {}),
    "cross_entropy, soft": (nn.cross_entropy, F.cross_entropy, REAL, SOFT, {}),
    "cross_entropy of one sample": (nn.cross_entropy, F.cross_entropy, REAL[0], CLASSES[0], {}),
    "cross_entropy, weighted": (nn.cross_entropy, F.cross_entropy, REAL, CLASSES, {"weight": WEIGHTS}),
    "cross_entropy, smoothed": (nn.cross_entropy, F.cross_entropy, REAL, CLASSES, {"label_smoothing": 0.2}),
    "cross_entropy, ignored": (nn.cross_entropy, F.cross_entropy, REAL, np.where(CLASSES[1] == CLASSES, -100, CLASSES), {}),
    "cross_entropy, all of it": (
        *(nn.cross_entropy, F.cross_entropy, REAL, CLASSES),
        {"weight": WEIGHTS, "label_smoothing": 0.1, "ignore_index": int(CLASSES[0])},
    ),
    "cross_entropy, soft and all": (nn.cross_entropy, F.cross_entropy, REAL, SOFT, {"weight": WEIGHTS, "label_smoothing": 0.3}),
    "nll_loss, weighted": (nn.nll_loss, F.nll_loss, log_softmax(Tensor(REAL)).numpy(), CLASSES, {"weight": WEIGHTS}),
    "binary_cross_entropy_with_logits, weighted": (
        *(nn.binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits),
        *(REAL, BITS, {"pos_weight": WEIGHTS}),
    ),
    "kl_div": (nn.kl_div, F.kl_div, log_softmax(Tensor(REAL)).numpy(), SOFT, {}),
    "kl_div of logarithms": (
        *(nn.kl_div, F.kl_div, log_softmax(Tensor(REAL)).numpy(), log_softmax(Tensor(OTHER)).numpy(), {"log_target": True}),
    ),
    "nll_loss": (nn.nll_loss, F.nll_loss, log_softmax(Tensor(REAL)).numpy(), CLASSES, {}),
}


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # of kl_div, which is to become batchmean one day
@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("case", CASES)
def test_losses(case, reduction, dtype):
    """Value, dtype and gradient are PyTorch's; with "none" the upstream gradient is a random vector."""
    ours, theirs, prediction, target, options = CASES[case]
    prediction = prediction.astype(dtype)
    target = target.astype(dtype) if target.dtype.kind == "f" else target
    o, p = Tensor(prediction, requires_grad=True), torch.tensor(prediction, requires_grad=True)
    arrays = {key: value.astype(dtype) for key, value in options.items() if isinstance(value, np.ndarray)}
    tensors = {**options, **{key: torch.tensor(value) for key, value in arrays.items()}}
    options = {**options, **arrays}
    L, T = ours(o, target, reduction=reduction, **options), theirs(p, torch.tensor(target), reduction=reduction, **tensors)
    upstream = np.random.default_rng(1).normal(size=L.shape).astype(dtype)
    L.backward(upstream)
    T.backward(torch.tensor(upstream))
    assert L.dtype == o.grad.dtype == dtype
    for received, expected in ((L.numpy(), T.detach().numpy()), (o.grad, p.grad.numpy())):
        assert received.shape == expected.shape
        np.testing.assert_allclose(received, expected, rtol=PRECISION[dtype], atol=PRECISION[dtype])


def test_binary_cross_entropy_of_certainty():
    """Probabilities of exactly 0 and 1 give PyTorch's losses: 0 if right, 100 if wrong."""
    p, t = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0])
    received = nn.binary_cross_entropy(Tensor(p), t, reduction="none").numpy()
    assert received.tolist() == F.binary_cross_entropy(torch.tensor(p), torch.tensor(t), reduction="none").tolist()
