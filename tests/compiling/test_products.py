"""Products: of all shapes, however they lie; by loops, in registers, and by BLAS."""

import numpy as np
import pytest
from compilers import assert_near, assert_near_backward, needs_compiler, source_of

from microgradnn import Tensor, unroll
from microgradnn.compiling.blas import find_blas
from microgradnn.compiling.c_source import CSource
from microgradnn.compiling.native import Native
from microgradnn.compiling.places import Memory, whole_place
from microgradnn.compiling.products import is_of_lines

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


@needs_compiler
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "sizes", [(1, 300, 7), (2, 5, 40), (17, 33, 9), (31, 15, 600), (40, 1, 30), (7, 64, 1), (200, 40, 300)], ids=str
)
def test_products_as_they_lie(sizes, dtype, rng):
    """Tiles that are not full, more of what is common than is laid out at once; rows and columns either way in memory."""
    (n, m, k), leaves = sizes, []
    for name, shape in zip("abcd", ((n, k), (k, n), (k, m), (m, k)), strict=True):
        leaves.append(Tensor(rng.normal(size=shape).astype(dtype), requires_grad=True, name=name))
    a, b, c, d = leaves
    loss = sum((z * z).sum() for z in (a @ c, b.T @ c, a @ d.T, (d @ b).T, a @ c + b.T @ d.T))
    assert_near_backward(unroll(loss, leaves, compile=True), loss, leaves, {x.name: x.data for x in leaves})


@needs_compiler
def test_large_products_go_to_a_blas(rng):
    """Small ones are loops, which start at once; others go through registers, or to a BLAS, sooner if it has threads."""
    x, y = (Tensor(rng.normal(size=(n, n)), requires_grad=True, name="x") for n in (170, 4))
    loss = ((x.T @ x) ** 2).sum()
    large, small = source_of(loss), source_of((y @ y).sum())
    assert "dproduct(170, 170, 170, " in large.module.source
    assert "product" not in small.module.source
    blas = find_blas()._replace(threads=2)
    if blas.dgemm:
        assert "dproduct(170, 170, 170, " in CSource(large.program, blas=blas._replace(threads=1)).module.source
        shared = CSource(large.program, blas=blas).module
        assert "dblas(170, 170, 170, " in shared.source
        native = Native(shared)
        native.bind(0, x.data)
        native.function(native.argument)
        loss.backward()
        assert_near(native.results, [loss.data, x.grad])


@needs_compiler
def test_products_of_what_lies_with_gaps(rng):
    """A matrix of every second row and column is a factor, and the product is right."""
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


def test_matrices_as_blas_takes_them():
    """Rows one below the other, or columns; not with gaps both ways."""
    whole = whole_place(Memory(None, 20), (4, 5))
    assert is_of_lines(whole)
    assert is_of_lines(whole.viewed(lambda x: x.T))
    assert is_of_lines(whole.viewed(lambda x: x[:, 1:3]))
    assert not is_of_lines(whole.viewed(lambda x: x[::2, ::2]))
    assert not is_of_lines(whole.viewed(lambda x: np.lib.stride_tricks.sliding_window_view(x[0], 3)))
