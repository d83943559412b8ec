"""Clipping of gradients: by their norm, by their elements, and what is not finite."""

import math

import numpy as np
import pytest

from microgradnn import Tensor, optim


def with_gradients(*gradients):
    parameters = [Tensor(np.zeros(np.shape(g)), requires_grad=True, name=f"W{i}") for i, g in enumerate(gradients)]
    for W, g in zip(parameters, gradients, strict=True):
        W.grad = np.array(g)
    return parameters


def test_clip_grad_norm():
    """Gradients are scaled together, in place, to PyTorch's numbers; shorter ones are left alone to the last bit."""
    W, w = parameters = with_gradients([3.0, -4.0], 12.0)
    memory = W.grad
    assert optim.clip_grad_norm_(parameters, 20) == 13
    assert W.grad.tolist() == [3, -4]
    assert optim.clip_grad_norm_(parameters, 6.5) == 13
    assert W.grad is memory
    assert W.grad == pytest.approx([1.4999998846153937, -1.9999998461538582], rel=1e-14)
    assert w.grad == pytest.approx(5.999999538461575, rel=1e-14)
    assert optim.clip_grad_norm_(with_gradients([3.0, -4.0], 12.0), 6.0, math.inf) == 12


def test_clipping_without_gradients():
    """Parameters without a gradient are left alone, a lone Tensor is taken, and the norm of nothing is 0."""
    W = Tensor([1.0], requires_grad=True)
    assert optim.clip_grad_norm_(W, 1) == 0
    assert optim.clip_grad_norm_([W], 1, math.inf) == 0
    optim.clip_grad_value_(W, 1)
    assert W.grad is None


def test_clipping_what_is_not_finite():
    """On request gradients that are not finite are refused, by name, before any is changed; else NaN is not hidden."""
    parameters = with_gradients([3.0, 4.0], [np.nan])
    with pytest.raises(
        FloatingPointError, match=r"^The norm of all gradients is nan: they are not finite in 'W1' of shape \(1,\)\. "
    ):
        optim.clip_grad_norm_(parameters, 1, error_if_nonfinite=True)
    assert parameters[0].grad.tolist() == [3, 4]
    assert np.isnan(optim.clip_grad_norm_(parameters, 1))
    assert np.isnan(parameters[0].grad).all()


def test_clip_grad_value():
    """Each element is kept within bounds, in place, also that of a number."""
    W, w = parameters = with_gradients([3.0, -0.25, -7.0], -4.0)
    memory = W.grad
    optim.clip_grad_value_(parameters, 0.5)
    assert W.grad is memory
    assert W.grad.tolist() == [0.5, -0.25, -0.5]
    assert w.grad == -0.5


def test_clipping_what_is_no_array():
    """A gradient that was set to a list is refused by its parameter's name."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    x.grad = [1.0, 2.0]
    for clip in (optim.clip_grad_norm_, optim.clip_grad_value_):
        with pytest.raises(ValueError, match="^The gradient of 'x' of shape .* was set to a list"):
            clip([x], 1.0)
