"""Every optimiser, schedule and way of clipping against PyTorch's, step by step."""

import numpy as np
import pytest

from microgradnn import Tensor, optim

torch = pytest.importorskip("torch")

OPTIMISERS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.4, "weight_decay": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.3}),
    ("SGD", {}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.05, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.3}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"momentum": 0.8}),
    ("RMSprop", {"momentum": 0.8, "centered": True, "weight_decay": 0.1}),
    ("Adam", {}),
    ("Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.3}),
    ("Adam", {"lr": 0.05, "betas": (0.9, 0.5), "amsgrad": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.05, "betas": (0.9, 0.5), "weight_decay": 0.3, "amsgrad": True}),
]

SCHEDULES = [
    ("StepLR", {"step_size": 4, "gamma": 0.3}),
    ("ExponentialLR", {"gamma": 0.8}),
    ("CosineAnnealingLR", {"T_max": 10}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.02}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.1, "end_factor": 0.7, "total_iters": 12}),
    ("LambdaLR", {"lr_lambda": lambda epoch: 0.9**epoch / (1 + epoch)}),
]


def parameters(dtype="float64"):
    """The same parameters for both, of shapes (3, 2), (4,) and ()."""
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape).astype(dtype) for shape in ((3, 2), (4,), ())]
    return [Tensor(a, requires_grad=True) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]


def give_gradients(rng, ours, theirs, without=()):
    """The same random gradients for both, and none for the parameters at the positions `without`."""
    for i, (W, P) in enumerate(zip(ours, theirs, strict=True)):
        g = rng.normal(size=W.shape).astype(W.dtype)
        W.grad, P.grad = (None, None) if i in without else (np.array(g), torch.tensor(g))


def assert_equal(ours, theirs, tolerance):
    for W, P in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(W.numpy(), P.detach().numpy(), rtol=tolerance, atol=tolerance)
        assert W.dtype == P.detach().numpy().dtype


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-5)])
@pytest.mark.parametrize(("name", "options"), OPTIMISERS)
def test_optimisers(name, options, dtype, tolerance):
    """Ten steps are PyTorch's, also where a parameter begins late or pauses for lack of a gradient."""
    ours, theirs = parameters(dtype)
    one, other = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    rng = np.random.default_rng(1)
    for step in range(10):
        give_gradients(rng, ours, theirs, without=[1] if step in (0, 1, 6) else [])
        one.step()
        other.step()
        assert_equal(ours, theirs, tolerance)


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam", "AdamW"])
def test_settings(name):
    """The settings have PyTorch's names and defaults."""
    ours, theirs = parameters()
    settings, defaults = getattr(optim, name)(ours).settings, getattr(torch.optim, name)(theirs).defaults
    assert settings == {key: value for key, value in defaults.items() if key in settings}
    assert defaults.keys() - settings.keys() <= {
        *("maximize", "foreach", "differentiable", "fused", "capturable", "decoupled_weight_decay"),
    }


@pytest.mark.parametrize(("name", "options"), SCHEDULES)
def test_schedules(name, options):
    """The learning rate is PyTorch's at the beginning and after each of 30 steps."""
    ours, theirs = parameters()
    one, other = optim.SGD(ours, lr=0.4), torch.optim.SGD(theirs, lr=0.4)
    schedule, scheduler = getattr(optim, name)(one, **options), getattr(torch.optim.lr_scheduler, name)(other, **options)
    for _ in range(31):
        assert one.lr == pytest.approx(other.param_groups[0]["lr"], rel=1e-12, abs=1e-15)
        other.step()
        schedule.step()
        scheduler.step()


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.5, np.inf])
@pytest.mark.parametrize("max_norm", [0.5, 100.0])
def test_clip_grad_norm(max_norm, norm_type):
    """The norm, and the gradients scaled by it, are PyTorch's."""
    ours, theirs = parameters()
    give_gradients(np.random.default_rng(2), ours, theirs, without=[1])
    norm = optim.clip_grad_norm_(ours, max_norm, norm_type)
    assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type).item(), rel=1e-12)
    assert ours[1].grad is None
    for W, P in zip(ours[::2], theirs[::2], strict=True):
        np.testing.assert_allclose(W.grad, P.grad.numpy(), rtol=1e-12)


def test_clip_grad_value():
    """The gradients, kept within bounds, are PyTorch's."""
    ours, theirs = parameters()
    give_gradients(np.random.default_rng(2), ours, theirs)
    optim.clip_grad_value_(ours, 0.3)
    torch.nn.utils.clip_grad_value_(theirs, 0.3)
    for W, P in zip(ours, theirs, strict=True):
        assert W.grad.tolist() == P.grad.tolist()
