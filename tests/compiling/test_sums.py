"""Sums that grow in memory: chains of products, and gradients of slices."""

import numpy as np
import pytest
from compilers import assert_near_backward, needs_compiler, source_of

from microgradnn import Tensor, sigmoid, tanh, unroll
from microgradnn.compiling.fusing import Product
from microgradnn.compiling.sums import overlap


def leaf(*shape, name="x"):
    return Tensor(np.random.default_rng(0).normal(size=shape) / 3, requires_grad=True, name=name)


def recurrent(steps, wide=5):
    """A recurrent network with gates that are slices, its loss and its leaves."""
    x, W, U, b = leaf(steps, 20, 3), leaf(3, 2 * wide, name="W"), leaf(wide, 2 * wide, name="U"), leaf(2 * wide, name="b")
    h = Tensor(np.zeros((20, wide)), name="h0")
    for i in range(steps):
        g = x[i] @ W + b + h @ U
        h = sigmoid(g[:, :wide]) * h + tanh(g[:, wide:])
    return (h * h).sum(), [x, W, U, b]


def calls(loss, wrt):
    return [kernel for kernel in source_of(loss, wrt).schedule.kernels if isinstance(kernel, Product)]


def test_a_chain_of_products_grows_in_one_array():
    """The gradient of a matrix that is used in each of six steps is a product, to which five others are added."""
    loss, (_, W, U, _) = recurrent(6)
    chains = {}
    for kernel in calls(loss, [W, U]):
        if kernel.step.op == "add":
            chains.setdefault((kernel.step, kernel.step.shape), []).append(kernel.accumulates)
    grown = {shape: found for (_, shape), found in chains.items() if shape in (W.shape, U.shape)}
    assert grown == {W.shape: [False, *[True] * 5], U.shape: [False, *[True] * 5]}


def test_a_product_is_added_to_what_is_there():
    """x W + b + h U: the second product goes to where the first sum is."""
    loss, leaves = recurrent(6)
    assert sum(kernel.accumulates for kernel in calls(loss, leaves)) >= 5


@needs_compiler
@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_recurrent_networks(steps):
    """They are right for any number of steps."""
    loss, leaves = recurrent(steps)
    function = unroll(loss, leaves, compile=True)
    assert_near_backward(function, loss, leaves, {"h0": np.zeros((20, 5)), **{x.name: x.data for x in leaves}})


@needs_compiler
def test_slices_that_overlap_and_slices_that_are_read_later():
    """Gradients of parts that have elements in common are added, of others written; what else asks for one of them has it."""
    x, y = leaf(6, 5), leaf(6, 5, name="y")
    z = x * y
    parts = z[1:4] ** 2, z[:, 2:], z[3:, ::2] ** 3, z[::-1], z[0], z[2:, 1]
    loss = sum((part * (i + 1.5)).sum() for i, part in enumerate(parts)) + (z[:2] * z[2:4]).sum() + (z[1:] * z[:-1]).sum()
    assert_near_backward(unroll(loss, [x, y], compile=True), loss, [x, y], {"x": x.data, "y": y.data})


@needs_compiler
def test_an_array_on_both_sides():
    """Of z @ z, the gradient is a sum of two products of the same arrays, which cannot lie in two rows at once."""
    x = leaf(3, 3)
    z = tanh(x)
    w = np.random.default_rng(1).normal(size=(3, 3))
    loss = ((z @ z) * w).sum() + ((z.T @ z) * w).sum()
    assert_near_backward(unroll(loss, [x], compile=True), loss, [x], {"x": x.data})


@needs_compiler
def test_products_that_are_asked_for_twice():
    """A product that is a result too, or used elsewhere, is not swallowed by a sum; nor is a sum that is used twice."""
    x, y = leaf(4, 4), leaf(4, 4, name="y")
    a, b, c = x @ y, y @ x, x @ x
    s = a + b
    loss = (tanh(s + c) * s).sum() + (a * a).sum() + (s + y @ y + a).sum()
    assert_near_backward(unroll(loss, [x, y], compile=True), loss, [x, y], {"x": x.data, "y": y.data})


def test_overlap():
    """Slices along one axis that do not meet have nothing in common; of others it is not known."""
    assert not overlap((slice(None), slice(0, 3)), (slice(None), slice(3, 6)), (4, 6))
    assert overlap((slice(0, 3),), (slice(2, 6),), (6,))
    assert overlap((slice(0, 6, 2),), (slice(1, 6, 2),), (6,))
    assert overlap((1,), (slice(0, 1),), (6,))
