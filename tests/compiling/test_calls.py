"""Calls: sums of products by their letters, and what is done one after the other."""

import numpy as np
import pytest
from compilers import assert_near_backward, needs_compiler

from microgradnn import Tensor, unroll


@needs_compiler
@pytest.mark.parametrize("subscripts", ["i,i->", "ii->i", "ij->ji", "ij,jk,k->i", "abc,acd->abd", "ab,cd->", "aab,b->a"])
def test_einsum(subscripts, rng):
    """Sums of products, diagonals, and products of batches."""
    words = subscripts.split("->")[0].split(",")
    xs = [Tensor(rng.normal(size=(3,) * len(word)), requires_grad=True, name=f"x{i}") for i, word in enumerate(words)]
    loss = (np.einsum(subscripts, *xs) ** 2).sum()
    assert_near_backward(unroll(loss, xs, compile=True), loss, xs, {x.name: x.data for x in xs})


@needs_compiler
def test_an_element_that_is_named_twice_gets_both(rng):
    """The gradient of x[[0, 0, 2]] is gathered, one after the other; so are cumulative sums."""
    x = Tensor(rng.normal(size=(4, 3)), requires_grad=True, name="x")
    rows = np.array([0, 0, 2, -1])
    loss = (x[rows, [0, 1, 1, 2]] ** 2).sum() + (np.cumsum(x[[1, 1, 1]], axis=0) ** 2).sum() + x[rows][:, None].sum()
    assert_near_backward(unroll(loss, [x], compile=True), loss, [x], {"x": x.data})


@needs_compiler
def test_an_index_out_of_bounds_raises(rng):
    """As in NumPy; nothing is read from beyond the array."""
    x, rows = Tensor(rng.normal(size=(4, 3)), requires_grad=True, name="x"), Tensor(np.array([0, 3]), name="rows")
    function = unroll(x[rows].sum(), [x], compile=True)
    argument = {**dict.fromkeys(function.parameters, rows.data), "x": x.data}
    function(**argument)
    for wrong in (4, -5, 2**40):
        with pytest.raises(IndexError, match="out of bounds for an axis of size 4"):
            function(**{name: np.array([0, wrong]) if name != "x" else value for name, value in argument.items()})
