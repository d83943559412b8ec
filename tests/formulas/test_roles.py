"""Rows and columns: whatever is drawn between brackets can be multiplied, and gives what is drawn as the product."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import generators

from microgradnn import Tensor, draw
from microgradnn.formulas.roles import columns_among
from microgradnn.graph import whole_graph
from microgradnn.pictures.arrays import table_of
from microgradnn.pictures.picture import Values


def products(rng, count):
    """A graph of products of matrices and vectors, from either side, and what is computed from them by elements."""
    v = Tensor(rng.normal(size=3), requires_grad=True, name="v")
    for _ in range(count):
        W = Tensor(rng.normal(size=(3, 3)), requires_grad=True)
        v = [v @ W, v @ W + Tensor(rng.normal(size=3), requires_grad=True), (v @ W).tanh(), 2 * v][rng.integers(4)]
    return (v @ Tensor(rng.normal(size=3), requires_grad=True, name="V")).named("L")


def from_the_left(rng, count):
    v = Tensor(rng.normal(size=3), requires_grad=True, name="v")
    for _ in range(count):
        v = (Tensor(rng.normal(size=(3, 3)), requires_grad=True) @ v).tanh()
    return (Tensor(rng.normal(size=3), requires_grad=True, name="V") @ v).named("L")


@given(rng=generators, count=st.integers(1, 5), build=st.sampled_from([products, from_the_left]))
def test_brackets_can_be_multiplied(rng, count, build):
    """As drawn, with its rows and columns, each product's operands multiply to it; and so do the gradients, transposed."""
    L = build(rng, count)
    L.backward()
    columns = columns_among(whole_graph(L))

    def drawn(node, array):
        return table_of(array, node in columns)

    for node in whole_graph(L):
        if node.op is not None and node.op.name == "matmul":
            x, y = node.inputs
            assert np.allclose(drawn(x, x.data) @ drawn(y, y.data), drawn(node, node.data))
            dz = drawn(node, node.grad)
            assert np.allclose(dz @ drawn(y, y.data).T, drawn(x, x.grad)) or _used_twice(L, x)
            assert np.allclose(drawn(x, x.data).T @ dz, drawn(y, y.grad))


def _used_twice(L, x):
    return sum(other is x for node in whole_graph(L) for other in node.inputs) > 1


def test_the_boxes_have_the_columns():
    """In the source's network x, h and their biases are rows, and V is a column, with its gradient."""
    x, W = Tensor([1.0, 2.0], name="x"), Tensor(np.eye(2), requires_grad=True, name="W")
    V = Tensor([3.0, 4.0], requires_grad=True, name="V")
    L = ((x @ W).tanh().named("h") @ V).named("L")
    L.backward()
    boxes = {box.id: [item.column for item in box.content if isinstance(item, Values)] for box in draw(L).picture.boxes}
    assert boxes["V"] == [True, True]
    assert boxes["x"] == [False]
    assert boxes["h"] == [False, False]


def test_a_vector_by_itself_is_a_row():
    """Where nothing is multiplied, and for matrices, there are no columns."""
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert columns_among(whole_graph((x * x).sum())) == {}
    assert columns_among(whole_graph((Tensor(np.eye(2), requires_grad=True) @ np.eye(2)).sum())) == {}
