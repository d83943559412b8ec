"""Which steps get a line of their own."""

import numpy as np
import pytest
from unrolled import assert_equals_backward

from microgradnn import Tensor, concatenate
from microgradnn.programs.plan import MOST_OPERATIONS
from microgradnn.programs.unrolling import unroll


@pytest.mark.parametrize("buffers", [False, True])
def test_a_transpose_without_a_name_is_computed_once(buffers):
    """What is transposed where it is computed, and used in both directions, gets one line, before both."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    L = (concatenate([x, x])[:4].T ** 2).sum()
    by_hand = unroll(L, [x], buffers=buffers)
    assert by_hand.source.count("np.concatenate") == 1
    assert_equals_backward(by_hand, L, [x], {"x": x.data})


def forward_lines(L, x):
    """The lines of the forward pass, without their comments."""
    forward = unroll(L, [x]).source.partition("# forward\n")[2].partition("\n\n")[0]
    return [line.partition("  #")[0].strip() for line in forward.splitlines() if not line.strip().startswith("#")]


def test_names_and_what_is_used_twice_have_a_line():
    """A named tensor has a line of its own, and so has what is used more than once; the rest stands where it is used."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    assert forward_lines(np.cos(x + 1).sum(), x)[-1] == "L = np.cos(z1).sum()"  # x + 1 is needed by both passes
    assert forward_lines((3 * (x + 1)).sum(), x) == ["L = (3 * (x + 1)).sum()"]
    assert forward_lines((3 * (x + 1).named("h")).sum(), x) == ["h = x + 1", "L = (3 * h).sum()"]


@pytest.mark.parametrize("operations", [3, 12, 30])
def test_no_line_is_long(operations):
    """Of operations one after the other no line has more than it should, and none is left out."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    z = x
    for _ in range(operations):
        z = z + 1
    counts = [line.count("+ 1") for line in forward_lines(z.named("z").sum(), x)]
    assert sum(counts) == operations
    assert max(counts) <= MOST_OPERATIONS


def test_a_transpose_of_a_variable_is_free():
    """The transpose of a variable is written wherever it is needed, without a line for it."""
    W = Tensor(np.ones((2, 3)), requires_grad=True, name="W")
    source = unroll((W.T @ W @ W.T).sum(), [W]).source
    assert source.count("W.T") > 1
    assert "= W.T\n" not in source
