"""Operators: written as short as comes to the same, to the last bit."""

import numpy as np
import pytest
from unrolled import of

from microgradnn import Tensor, gelu, nn
from microgradnn.programs.numpy_code import CODE
from microgradnn.programs.recorder import Recorder
from microgradnn.programs.unrolling import unroll


def test_as_one_would_write_it():
    """What rules say in general is written as short as it can be: no factor 1 or −1, no constant array where a number does."""
    x = Tensor(np.ones((4, 3)), requires_grad=True, name="x")
    k = np.array([0, 2, 1, 1])
    for L, line in [
        (x.mean(), "dx = np.full((4, 3), 1 / 12)  # ∂L/∂x = 1/12"),
        ((x * -1).sum(), "dx = np.full((4, 3), -1.0)  # ∂L/∂x = −1"),
        ((x * x + x * x).sum(), "L = (2 * (x * x)).sum()"),
        (np.exp(-(x**2)).sum(), "z1 = np.exp(-(x**2))"),
        (-x[:, 0].sum() + x[0, 1], "u2[:, 0] = -1"),
        (x[2].sum(), "dx[2] = 1"),
        ((x[:, 0] @ x).sum(), "dz1 = x @ np.ones(3)"),
        ((x @ x[0]).sum(), "np.ones(4) @ x"),
        ((-np.log(x) + x**3).sum(), "dx = 3 * x**2 - 1 / x  # ∂L/∂x = 3 x² − 1 / x"),
        (gelu(x).sum(), "# erf(z1)"),
        (of(forward="x + -x // 2")(x).sum(), "x + -x // 2"),
        (np.einsum("ij,ij->j", x, x).sum(), 'L = np.einsum("ij,ij->j", x, x).sum()'),
        (nn.nll_loss(x, k), "L = (-x[rows, c1]).mean()"),
        (nn.nll_loss(x, k), "np.add.at(dx, (rows, c1), -1 / 4)"),
    ]:
        assert line in unroll(L, [x]).source


@pytest.mark.parametrize(
    ("written", "source"),
    [
        (lambda x, k: x * 1, "x"),
        (lambda x, k: x / np.ones(2), "x"),
        (lambda x, k: x**1, "x"),
        (lambda x, k: -1 * x, "-x"),
        (lambda x, k: -(2 * x), "-2 * x"),
        (lambda x, k: -(3 / x), "-3 / x"),
        (lambda x, k: x + x, "2 * x"),
        (lambda x, k: k + k, "k + k"),
        (lambda x, k: k * 1.0, "k * 1.0"),
        (lambda x, k: x + 0, "x + 0"),
        (lambda x, k: np.float64(2) * np.ones_like(x) * x, "2 * x"),
        (lambda x, k: x[None, :] * np.zeros((3, 2)), "x * np.zeros((3, 2))"),
        (lambda x, k: 1 / x * 2, "2 / x"),
        (lambda x, k: 1 / x * 3, "1 / x * 3"),
    ],
)
def test_shorter_or_as_it_is(written, source):
    """What can be shorter with the same bits, type and shape is; a sum with 0, which takes −0 to 0, is left as it is."""
    arrays = np.array([0.3, -0.7]), np.array([1, 2])
    recorder = Recorder(resized=lambda array: array)
    x, k = map(recorder.parameter, arrays)
    made = written(x, k)
    assert CODE.write(made.expression, {x.expression: "x", k.expression: "k"}).text == source
    assert made.expression.dtype == made.array.dtype
