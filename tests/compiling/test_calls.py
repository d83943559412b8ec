"""Calls: products of all shapes, by loops and by BLAS, and what is done one after the other."""

import numpy as np
import pytest
from compilers import assert_near_backward, needs_compiler, source_of

from microgradnn import Tensor, unroll
from microgradnn.compiling.calls import blas_matrix
from microgradnn.compiling.places import Memory, whole_place

SHAPES = [
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((40, 30), (30, 20)),
    ((5, 40, 30), (30, 20)),
    ((5, 1, 20, 9), (3, 9, 20)),
]


@needs_compiler
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_products(shapes, dtype, rng):
    """x @ y and its gradients, of vectors, matrices, and batches that are repeated."""
    x, y = (
        Tensor(rng.normal(size=shape).astype(dtype), requires_grad=True, name=n) for shape, n in zip(shapes, "xy", strict=True)
    )
    loss = ((x @ y) ** 2).sum()
    assert_near_backward(unroll(loss, [x, y], compile=True), loss, [x, y], {"x": x.data, "y": y.data})


def test_large_products_go_to_blas(rng):
    """Small ones are loops, which start at once; large ones are calls, and without a BLAS loops again."""
    from microgradnn.compiling.c_source import CSource

    x, y = (Tensor(rng.normal(size=(n, n)), requires_grad=True, name=f"x{n}") for n in (40, 4))
    large, small = source_of((x @ x).sum()), source_of((y @ y).sum())
    assert "dproduct('N', 'N', 40, 40, 40, " in large.module.source
    assert "product" not in small.module.source
    assert "product" not in CSource(large.program, blas_int="").module.source


@needs_compiler
def test_products_of_what_lies_with_gaps(rng):
    """A matrix of every second row and column is copied for BLAS, and the product is right."""
    x = Tensor(rng.normal(size=(60, 80)), requires_grad=True, name="x")
    y = Tensor(rng.normal(size=(40, 30)), requires_grad=True, name="y")
    loss = ((x[::2, ::2] @ y) ** 2).sum()
    assert_near_backward(unroll(loss, [x, y], compile=True), loss, [x, y], {"x": x.data, "y": y.data})


@needs_compiler
@pytest.mark.parametrize("size", [3, 30])
def test_a_copy_for_one_product_serves_the_others(size, rng):
    """A matrix that lies backwards is a factor of three products: each reads the copy after it was made."""
    x = Tensor(rng.normal(size=(size, size)), requires_grad=True, name="x")
    z = (x * 2)[:, ::-1]
    loss = ((z @ z.T) ** 2).sum()
    assert_near_backward(unroll(loss, [x], compile=True), loss, [x], {"x": x.data})


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


def test_matrices_as_blas_takes_them():
    """Rows one below the other, or columns; not with gaps both ways."""
    whole = whole_place(Memory(None, 20), (4, 5))
    assert blas_matrix(whole) == ("N", 5)
    assert blas_matrix(whole.viewed(lambda x: x.T)) == ("T", 5)
    assert blas_matrix(whole.viewed(lambda x: x[:, 1:3])) == ("N", 5)
    assert blas_matrix(whole.viewed(lambda x: x[::2, ::2])) is None
