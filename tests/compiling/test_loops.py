"""Loops: what is written of them, and the sums that grow along."""

import numpy as np
import pytest
from compilers import assert_near_backward, needs_compiler, source_of

from microgradnn import Tensor, tanh, unroll


@needs_compiler
@pytest.mark.parametrize("axis", [None, 0, 1, 2, (0, 1), (0, 2), (1, 2)], ids=str)
def test_reductions_along_each_axis(axis, rng):
    """Sums, means, maxima and products along any axes, of one loop together, where rows are short or long."""
    x = Tensor(rng.normal(size=(3, 4, 5)), requires_grad=True, name="x")
    y = tanh(x * 2)
    parts = [y.sum(axis=axis), (y * y).mean(axis=axis), y.max(axis=axis), -y.min(axis=axis), (y + 2).prod(axis=axis)]
    loss = sum((part * Tensor(rng.normal(size=part.shape), name=f"w{i}")).sum() for i, part in enumerate(parts))
    assert_near_backward(unroll(loss, [x], compile=True), loss, [x], {"x": x.data, **weights_of(loss)})


def weights_of(loss):
    from microgradnn.graph import reachable

    return {x.name: x.data for node in reachable(loss) for x in node.inputs if x.name and x.name[0] == "w"}


@needs_compiler
def test_maxima_of_nan():
    """A NaN is the maximum and the minimum, as in NumPy."""
    x = Tensor([1.0, np.nan, 3.0], requires_grad=True, name="x")
    value, _ = unroll(x.max() - x.min(), [x], compile=True)(x.data)
    assert np.isnan(value)


def test_a_loop_is_readable(rng):
    """A loop has the names of the graph, and on each line of the backward pass what derivative it is."""
    x, w = Tensor(rng.normal(size=9), name="x"), Tensor(rng.normal(size=9), requires_grad=True, name="w")
    h = tanh(x * w).named("h")
    text = source_of((h * h).sum().named("L"), [w]).module.source
    assert (
        """\
    {
        double sum1 = 0;
        #pragma omp simd reduction(+:sum1)
        for (long i = 0; i < 9; i++) {
            double h = tanh(x[i] * w[i]);
            double z1 = h * h;
            sum1 += z1;
            double dh = 2.0 * h;  // ∂L/∂h = 2 h
"""
        in text
    )
    assert "dw[i] = dh * (1.0 - z1) * x[i];  // ∂L/∂w = dh ⊙ (1 − z1) ⊙ x" in text
