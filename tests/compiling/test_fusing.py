"""Fusion: which steps share a loop, what lies in memory, and when a parameter may change."""

import numpy as np
import pytest
from compilers import source_of

from microgradnn import Tensor, tanh
from microgradnn.compiling.fusing import Loop, Product


def leaf(*shape, name="x"):
    return Tensor(np.random.default_rng(0).normal(size=shape), requires_grad=True, name=name)


def test_elementwise_work_is_one_loop_forward_and_backward():
    """A chain of functions, its sum and its gradient go once through memory."""
    x, y = leaf(50, name="x"), leaf(50, name="y")
    schedule = source_of((tanh(x * y + 0.5) ** 2).sum()).schedule
    assert [type(kernel) for kernel in schedule.kernels] == [Loop]
    assert {memory.role for memory in schedule.memories} == {"parameter", "result"}  # nothing in between is stored


def test_products_stand_between_loops():
    """What a product needs is in memory before it, and what it makes is read after it."""
    x, W, V = leaf(70, 5), leaf(5, 4, name="W"), leaf(4, 3, name="V")
    schedule = source_of((tanh(x @ W) @ V).sum()).schedule
    products = [i for i, kernel in enumerate(schedule.kernels) if isinstance(kernel, Product)]
    assert len(products) == 6
    for i in products:
        for operand in schedule.kernels[i].step.operands:
            assert operand in schedule.places
            assert schedule.ready(operand) <= i


def test_a_batch_of_products_that_is_summed_is_one_product():
    """The gradient of a matrix that multiplies samples of several rows goes on from sample to sample: two axes, no sum."""
    x, W = leaf(6, 30, 5), leaf(5, 4, name="W")
    schedule = source_of((tanh(x @ W) ** 2).sum(), [W]).schedule
    shapes = [kernel.step.shape for kernel in schedule.kernels if isinstance(kernel, Product)]
    assert shapes == [(180, 4), (5, 4)]


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (lambda x: np.linalg.inv(x[:3, :3]).sum(), "inv: the primitive 'linalg.inv' cannot be written as C"),
        (lambda x: x[x.data > 0].sum(), "getitem: an index by a mask"),
        (lambda x: x.astype(np.float16).sum(), "numbers of float16 are not written as C"),
    ],
    ids=["primitive", "mask", "type"],
)
def test_what_is_refused_is_named(loss, words):
    """The message names the operation, says why, and the way out."""
    with pytest.raises(TypeError, match=words) as error:
        source_of(loss(leaf(4, 3)))
    assert "Without compile=True" in str(error.value)
