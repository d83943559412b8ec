"""Primitives that are made of others: parts put together, frames, and sums of products."""

import numpy as np
import pytest
from compilers import assert_near_backward, needs_compiler, source_of

from microgradnn import Tensor, concatenate, stack, unroll
from microgradnn.compiling.composed import einsum_words
from microgradnn.programs.expression import Expression


def leaf(*shape, name="x"):
    return Tensor(np.random.default_rng(0).normal(size=shape), requires_grad=True, name=name)


@needs_compiler
def test_parts_put_together():
    """Parts that are computed, numbers, and parts of other shapes go where they belong."""
    x, y = leaf(2, 3), leaf(2, 3, name="y")
    loss = (concatenate([x * y, x[:1], np.ones((2, 3)), y], axis=0) ** 3).sum() + (stack([x, y * 2, x], axis=1) ** 2)[0].sum()
    loss = loss + (np.pad(x, ((1, 0), (0, 2))) ** 2).sum() + (np.diff(x, axis=1) ** 2).sum()
    assert_near_backward(unroll(loss, [x, y], compile=True), loss, [x, y], {"x": x.data, "y": y.data})


def test_parts_are_computed_where_they_belong():
    """A part that works element by element is written to its place at once."""
    x, y = leaf(40, 3), leaf(40, 3, name="y")
    text = source_of((concatenate([x * 2, y * 3], axis=1) * leaf(40, 6, name="w").detach()).sum().named("L"), [x]).module.source
    assert "* 6 + j] = x[" in text
    assert "[3 + i * 6 + j] = y[" in text


def test_what_einsum_is_not_written_for_is_refused():
    """An ellipsis in the subscripts."""
    step = Expression("einsum", (), {"subscripts": "...i,i->..."}, None, operation="einsum")
    with pytest.raises(TypeError, match=r"np\.einsum with \.\.\. in its subscripts cannot be written as C"):
        einsum_words(step)


@needs_compiler
@pytest.mark.parametrize("sizes", [(5, 40, 3, 7), (3, 2, 2, 2), (4, 1, 9, 20), (6, 30, 11, 1)], ids=str)
@pytest.mark.parametrize("turned", [False, True])
def test_products_that_are_summed_over_samples(sizes, turned):
    """One product where a sample goes on in the next; where it does not, each is added to those before. Nothing is copied."""
    n, rows, common, columns = sizes
    x, y = leaf(n, common, rows) if turned else leaf(n, rows, common), leaf(n, common, columns, name="y")
    loss = (((x.swapaxes(1, 2) if turned else x) @ y).sum(axis=0) ** 2).sum()
    program = source_of(loss, [y])
    assert "copy" not in {item.op for kernel in program.schedule.kernels for item in kernel.items}
    assert_near_backward(unroll(loss, [x, y], compile=True), loss, [x, y], {"x": x.data, "y": y.data})
