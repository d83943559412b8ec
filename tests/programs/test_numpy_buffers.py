"""Unrolled functions that write to buffers: the same numbers, in arrays that were allocated once."""

import numpy as np
import pytest
from unrolled import assert_equals_backward, home, network, values

from microgradnn import Op, Tensor, relu, softplus
from microgradnn.graph import reachable
from microgradnn.programs.unrolling import unroll

HOME_BUFFERED = """        # forward
        x.dot(W, h)
        np.add(h, b_h, h)
        np.tanh(h, h)
        o = h.dot(V) + b_o
        z1 = t - o
        L = z1**2

        # backward
        do = -2 * z1  # ∂L/∂o = −2 z1
        k1[()] = do
        np.multiply(k1, V, dh)  # ∂L/∂h = do · Vᵀ
        np.multiply(h, k1, dV)  # ∂L/∂V = hᵀ · do
        np.multiply(h, h, db_h)
        np.subtract(k2, db_h, db_h)
        np.multiply(dh, db_h, db_h)  # ∂L/∂b_h = dh ⊙ (1 − h²)
        x[:, None].dot(db_h_row, dW)  # ∂L/∂W = xᵀ · db_h
        db_o = do  # ∂L/∂b_o = do
        return L, (dW, db_h, dV, db_o)
"""


def test_the_source_network_with_buffers():
    """The same lines, written to buffers; what is one number needs none, but an array where it meets one."""
    loss, leaves = home()
    assert HOME_BUFFERED in unroll(loss, leaves, buffers=True).source


def test_buffers_are_reused():
    """With buffers, a call writes where the call before did; another batch size gets buffers of its own."""
    loss, data, leaves = network(8)
    by_hand = unroll(loss, leaves, buffers=True)
    _, first = by_hand(**values(data + leaves))
    kept = [dx.copy() for dx in first]
    leaves[0].data *= 2
    _, second = by_hand(**values(data + leaves))
    assert all(a is b for a, b in zip(first, second, strict=True))
    assert not np.array_equal(second[0], kept[0])
    assert not any(np.may_share_memory(a, b) for a in second for b in second if a is not b)
    mine, other = by_hand.function(8), by_hand.function(8)
    assert mine(*by_hand._bound((), values(data + leaves)))[1][0] is not other(*by_hand._bound((), values(data + leaves)))[1][0]


class Doubled(Op):
    """z = 2 x, with a function that takes whole numbers beside floats"""

    def forward(self, x):
        return np.ldexp(x, 1)

    def dx(self, dz, z, x):
        return np.ldexp(dz, 1)

    vjps = (dx,)


def test_numbers_in_buffers_keep_their_type():
    """Numbers beside arrays become arrays of their type, also where one changes from call to call: a mean, a whole number."""
    x = Tensor([1.0, 2.0, 6.0], requires_grad=True, name="x")
    c = Tensor(3.0, requires_grad=True, name="c")
    z = Doubled()(relu(c * x)) - x.mean().named("m")
    loss = (z * z).mean()
    by_hand = unroll(loss, [x, c], buffers=True)
    for factor in (1.0, 0.5, -2.0):
        x, c = Tensor(x.data * factor, requires_grad=True, name="x"), Tensor(c.data + factor, requires_grad=True, name="c")
        z = Doubled()(relu(c * x)) - x.mean()
        assert_equals_backward(by_hand, (z * z).mean(), [x, c], {"x": x.data, "c": c.data})


@pytest.mark.parametrize("buffers", [False, True])
@pytest.mark.parametrize("shapes", [((3, 1), (1, 1)), ((1,), (1, 3)), ((1, 1), (1, 3)), ((1,), (1,))], ids=str)
def test_nan_stays_in_products_of_one_element(shapes, buffers):
    """0 · NaN is NaN in the function too, although NumPy's dot has it as 0 where one operand is a single element."""
    x, y = (Tensor(np.zeros(shape), requires_grad=True, name=name) for shape, name in zip(shapes, "xy", strict=True))
    (x if x.size > y.size else y).data.flat[0] = np.nan
    loss = (x @ y).sum()
    with np.errstate(invalid="ignore"):
        assert np.isnan(loss.data)
        assert_equals_backward(unroll(loss, [x, y], buffers=buffers), loss, [x, y], {"x": x.data, "y": y.data})


class Outer(Op):
    """zᵢⱼ = xᵢ yⱼ, as a matrix product."""

    def forward(self, x, y):
        return x[:, None] @ y[None, :]

    def dx(self, dz, z, x, y):
        return dz @ y

    def dy(self, dz, z, x, y):
        return x @ dz

    vjps = (dx, dy)


@pytest.mark.parametrize("activation", [lambda x: x, np.tanh], ids=["identity", "tanh"])
def test_an_outer_product_in_buffers(activation):
    """A column times a row is written to a buffer, be they parameters or what was computed from them."""
    a, b = leaves = [Tensor([1.0, 2.0], requires_grad=True, name="a"), Tensor([3.0, 4.0, 5.0], requires_grad=True, name="b")]
    loss = (Outer()(activation(a), activation(b)) ** 2).sum()
    by_hand = unroll(loss, leaves, buffers=True)
    assert_equals_backward(by_hand, loss, leaves, {"a": a.data, "b": b.data})


def test_products_of_views_with_buffers(rng):
    """A product with a view backwards or with gaps has the same bits with buffers, where NumPy's dot would add otherwise."""
    x, y = (Tensor(rng.normal(size=9), requires_grad=True, name=name) for name in "xy")
    M = Tensor(rng.normal(size=(4, 18)), requires_grad=True, name="M")
    for L in (x @ y[::-1], (M[:, ::2] @ x).sum(), (M[:, 3:12] @ x[::-1]).sum()):
        leaves = [leaf for leaf in reachable(L) if leaf.is_leaf]
        by_hand = unroll(L, leaves, buffers=True)
        assert_equals_backward(by_hand, L, leaves, {leaf.name: leaf.data for leaf in leaves})


def test_data_as_it_lies_in_memory(rng):
    """Data that is stored column by column, or with gaps, is computed with in the order in which backward() does."""
    for _ in range(20):
        stored = rng.normal(size=(8, 12))
        x = Tensor(rng.normal(size=3), requires_grad=True, name="x")
        for data in (stored[::2, ::4], np.asfortranarray(stored[:4, :3])):
            X, c = Tensor(data, name="X"), Tensor(rng.normal(size=4), name="c")
            L = ((X @ x) * c).sum() + softplus(X + x[:1]).mean()
            assert_equals_backward(unroll(L, [x], buffers=True), L, [x], {"X": X.data, "x": x.data, "c": c.data})
