"""Lowering: primitives that are made of others, and what they are called and commented as."""

import numpy as np
import pytest
from compilers import assert_near_backward, needs_compiler, source_of

from microgradnn import Op, Tensor, concatenate, sigmoid, stack, tanh, unroll
from microgradnn.compiling.fusing import Product
from microgradnn.compiling.lowering import overlap


def leaf(*shape, name="x"):
    return Tensor(np.random.default_rng(0).normal(size=shape) / 2, requires_grad=True, name=name)


class Computed(Op):
    """An operation of a function, whose gradient is not asked for."""

    def __init__(self, function):
        self.function = function

    def forward(self, x):
        return self.function(x)

    def dx(self, dz, z, x):
        return x * 0

    vjps = (dx,)


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
    assert "double *z1_3 = z1 + 3;" in text
    assert "z1_3[i * 6 + j] = y[" in text


REFUSED = {
    "pad": lambda x: np.pad(x, 1, mode="edge"),
    "einsum": lambda x: np.einsum("...i->...", x),
    "sum": lambda x: np.sum(x, axis=0, initial=5.0),
    "cumsum": np.cumsum,
}


@pytest.mark.parametrize("op", REFUSED)
def test_what_has_no_rule_is_refused(op):
    """A frame that is no number, an ellipsis in einsum's subscripts, a first summand: nothing that is said is left out."""
    with pytest.raises(TypeError, match=f"the primitive '{op}' cannot be written as C"):
        source_of(Computed(REFUSED[op])(leaf(3, 2)).sum())


def products(loss, wrt=None):
    return [kernel for kernel in source_of(loss, wrt).schedule.kernels if isinstance(kernel, Product)]


def test_einsum_that_is_a_product_is_one():
    """The letters of a matrix product, in whatever order, become one; a sum over three operands is a loop."""
    x, y, z = leaf(40, 3, 2), leaf(5, 3, 2, name="y"), leaf(40, 5, name="z")
    assert len(products((np.einsum("abc,dbc->da", x, y) ** 2).sum(), [x])) == 2
    assert not products(np.einsum("abc,dbc,ad->", x, y, z), [x])


def test_a_small_product_is_a_loop_that_says_what_it_is():
    """It is computed with what is around it, and commented as the product that it was."""
    x, W = leaf(3), leaf(3, 3, name="W")
    loss = (tanh((x @ W).named("h")) ** 2).sum().named("L")
    assert not products(loss)
    assert "// ∂L/∂W = xᵀ · dh" in source_of(loss).module.source


@needs_compiler
@pytest.mark.parametrize("sizes", [(5, 40, 3, 7), (3, 2, 2, 2), (4, 1, 9, 20), (6, 30, 11, 1)], ids=str)
@pytest.mark.parametrize("turned", [False, True])
def test_products_that_are_summed_over_samples(sizes, turned):
    """One product where a sample goes on in the next. Nothing is copied."""
    n, rows, common, columns = sizes
    x, y = leaf(n, common, rows) if turned else leaf(n, rows, common), leaf(n, common, columns, name="y")
    loss = (((x.swapaxes(1, 2) if turned else x) @ y).sum(axis=0) ** 2).sum()
    program = source_of(loss, [y])
    assert "copy" not in {item.op for kernel in program.schedule.kernels for item in kernel.items}
    assert_near_backward(unroll(loss, [x, y], compile=True), loss, [x, y], {"x": x.data, "y": y.data})


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


def recurrent(steps, wide=5):
    """A recurrent network with gates that are slices, its loss and its leaves."""
    x, W, U, b = leaf(steps, 20, 3), leaf(3, 2 * wide, name="W"), leaf(wide, 2 * wide, name="U"), leaf(2 * wide, name="b")
    h = Tensor(np.zeros((20, wide)), name="h0")
    for i in range(steps):
        g = x[i] @ W + b + h @ U
        h = sigmoid(g[:, :wide]) * h + tanh(g[:, wide:])
    return (h * h).sum(), [x, W, U, b]


def test_a_chain_of_products_grows_in_one_array():
    """The gradient of a matrix that is used in each of six steps is a product, to which five others are added."""
    loss, (_, W, U, _) = recurrent(6)
    for matrix in (W, U):
        grown = [kernel for kernel in products(loss, [W, U]) if kernel.step.shape == matrix.shape]
        assert [kernel.accumulates for kernel in grown] == [False, *[True] * 5]


def test_a_product_is_added_to_what_is_there():
    """x W + b + h U: the second product goes to where the first sum is."""
    loss, leaves = recurrent(6)
    assert sum(kernel.accumulates for kernel in products(loss, leaves)) >= 15


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
