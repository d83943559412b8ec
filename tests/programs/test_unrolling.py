"""Unrolled functions: what they compute, for every operation and for programs that nobody wrote."""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from op_table import TABLE
from random_programs import Programs
from strategies import generators, is_floating
from unrolled import HOME, assert_array_equals, assert_equals_backward, home, network, values

from microgradnn import Op, Tensor, det, nn, tanh
from microgradnn.graph import reachable
from microgradnn.programs.unrolling import unroll

WRITTEN = {op_class.__name__: row for op_class, row in TABLE.items() if row.is_written}
ROWS = pytest.mark.parametrize("row", WRITTEN.values(), ids=WRITTEN)
REFUSED = {op_class.__name__: row for op_class, row in TABLE.items() if not row.is_written}


def weighed(op, arrays, weights):
    """⟨weights, z⟩ of an operation, and the leaves that require a gradient, named x0, x1, ..."""
    leaves = [Tensor(x, requires_grad=is_floating(x), name=f"x{i}") for i, x in enumerate(arrays)]
    return (op(*leaves) * Tensor(weights, name="weights")).sum(), leaves


@ROWS
@pytest.mark.parametrize("buffers", [False, True])
@given(data=st.data())
def test_every_operation(row, buffers, data):
    """Each operation unrolls, and its function gives backward()'s gradients for the recorded values and for others."""
    op, arrays = data.draw(row.cases)
    weights = data.draw(generators).normal(size=np.shape(op(*arrays)))
    loss, leaves = weighed(op, arrays, weights)
    wanted = [x for x in leaves if x.requires_grad]
    by_hand = unroll(loss, wanted, buffers=buffers)
    for factor in (1, 0.75):
        arrays = [x * factor if is_floating(x) else x for x in arrays]
        loss, leaves = weighed(op, arrays, weights)
        arguments = {x.name: x.data for x in [*leaves, Tensor(weights, name="weights")] if x.name in by_hand.parameters}
        assert_equals_backward(by_hand, loss, [x for x in leaves if x.requires_grad], arguments)


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
@given(data=st.data())
def test_other_operations_are_refused_by_name(row, data):
    """What asks the values whether there is a gradient is not written; the message names the operation."""
    op, arrays = data.draw(row.cases)
    loss, leaves = weighed(op, arrays, np.ones(np.shape(op(*arrays))))
    with pytest.raises(TypeError, match=f"^{re.escape(repr(op))}: .* as NumPy source"):
        unroll(loss, leaves)


def test_determinants_of_large_matrices_are_refused(rng):
    """The rule of det asks how nearly singular a large matrix is, and takes another way then: that is no one formula."""
    x = Tensor(rng.normal(size=(7, 7)), requires_grad=True, name="x")
    with pytest.raises(TypeError, match="A branch is taken that depends on values"):
        unroll(det(x).named("L"), [x])


def test_two_arrays_of_zeros_that_are_changed_stay_two():
    """Gradients of two fancy indices of one shape are gathered in two arrays, although both begin as the same zeros."""
    x, y = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x"), Tensor([4.0, 5.0, 6.0], requires_grad=True, name="y")
    L = (x[[0, -1, 0]] * np.array([1.0, 2.0, 3.0])).sum() + (y[[1, 1, 0]] * np.array([5.0, 6.0, 7.0])).sum()
    by_hand = unroll(L, [x, y])
    _, (dx, dy) = by_hand(x.data, y.data, **by_hand.recorded)
    assert dx.tolist() == [4, 0, 2]
    assert dy.tolist() == [7, 11, 0]


class UnrolledPrograms(Programs):
    """The random programs of random_programs.py, unrolled."""

    @precondition(lambda self: self.steps)
    @rule(buffers=st.booleans())
    def gradients_are_difference_quotients(self, buffers):
        """The unrolled program gives backward()'s gradients, as recorded and with other leaves."""
        loss, wanted = self.weighing()
        by_hand = unroll(loss, wanted, buffers=buffers)
        assert_equals_backward(by_hand, loss, wanted, {x.name: x.data for x in wanted})
        self.values = [Tensor(x.data * 0.75, requires_grad=True) for x in self.values[: len(self.leaves)]]
        for function, positions in self.steps:
            self.values.append(function(*[self.values[i] for i in positions]))
        loss, others = self.weighing()
        assert_equals_backward(by_hand, loss, others, {x.name: x.data for x in others})

    def weighing(self):
        """A random weighing of the ends, the same at every call, and the leaves that it depends on."""
        leaves, rng = self.values[: len(self.leaves)], np.random.default_rng(0)
        for i, x in enumerate(leaves):
            x.name = f"x{i}"
        loss = sum((rng.normal(size=self.values[i].shape) * self.values[i]).sum() for i in self.ends())
        return loss, [x for x in leaves if x in reachable(loss)]


TestUnrolledPrograms = UnrolledPrograms.TestCase


def test_gradients_share_no_memory():
    """Neither with each other nor with what was given, where the arithmetic alone would let them."""
    a, b = (Tensor([1.0, 2.0], requires_grad=True, name=name) for name in "ab")
    w = Tensor([3.0, 4.0], name="w")
    by_hand = unroll((a * w + b * w).sum(), [a, b])
    _, (da, db) = by_hand(a=a.data, b=b.data, w=w.data)
    assert not np.may_share_memory(da, w.data)
    assert not np.may_share_memory(da, db)
    by_hand = unroll(((a + b) ** 2).sum(), [a, b], buffers=True)
    _, (da, db) = by_hand(a.data, b.data)
    assert not np.may_share_memory(da, db)
    assert_array_equals(da, [4.0, 8.0])
    assert_array_equals(db, [4.0, 8.0])


def test_gradients_of_what_lies_between():
    """`wrt` may be one Tensor, and a node in between; without it, all leaves get their gradient."""
    loss, leaves = home()
    h = loss.inputs[0].inputs[1].inputs[0].inputs[0]
    assert h.name == "h"
    _, dh = unroll(loss, h)(*[np.array([0.5, -1.2, 0.3]), *(x.data for x in leaves), 1.0])
    loss.backward()
    assert_array_equals(dh, h.grad)
    assert unroll(loss).source == HOME


def test_single_precision():
    """float32 stays float32. Numbers such as 2 / n are rounded to it only beside an array: up to an ulp for each."""
    loss, data, leaves = network(8)
    X, T, *params = [Tensor(x.data.astype(np.float32), requires_grad=x.requires_grad, name=x.name) for x in data + leaves]
    W1, b1, W2, b2 = params
    loss = ((tanh(X @ W1 + b1) @ W2 + b2 - T) ** 2).mean()
    loss.backward()
    value, gradients = unroll(loss, params, buffers=True)(**values([X, T, *params]))
    assert value.dtype == np.float32
    for x, dx in zip(params, gradients, strict=True):
        assert dx.dtype == np.float32
        np.testing.assert_allclose(dx, x.grad, rtol=1e-5)


def test_long_chains():
    """Nothing recurses along the graph."""
    x = Tensor(1.0, requires_grad=True, name="x")
    z = x
    for _ in range(1500):
        z = -(z * 0.999)
    by_hand = unroll(z, [x])
    assert_equals_backward(by_hand, z, [x], {"x": 1.0})


class Cube(Op):
    """z = x³, written by a user"""

    def forward(self, x):
        return x * x * x

    def dx(self, dz, z, x):
        return dz * 3 * x * x

    vjps = (dx,)


def test_an_operation_of_the_user():
    """Whoever writes forward and vjps in NumPy can unroll them."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    by_hand = unroll(Cube()(x).named("z").sum(), x)
    assert "    dx = 3 * x * x  # ∂L/∂x = 3 x ⊙ x\n" in by_hand.source
    assert_array_equals(by_hand([1.0, 3.0])[1], [3.0, 27.0])


def test_values_that_were_changed_since():
    """Training changes leaves in place; the graph is unrolled as it is, and the function computes with what it is given."""
    loss, leaves = home()
    leaves[0].data *= 0.5
    by_hand = unroll(loss, leaves)
    assert by_hand.source == HOME


def test_import_is_light():
    """`import microgradnn` loads nothing of what unrolls until `unroll` is asked for."""
    code = "import microgradnn, sys; print(any('programs' in name for name in sys.modules), microgradnn.unroll.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "unroll"]


@pytest.mark.parametrize("buffers", [False, True])
def test_arrays_keep_their_order_in_memory(rng, buffers):
    """What backward() computes column by column stays so: BLAS may round differently where the order is another."""
    for _ in range(20):
        x = Tensor(rng.normal(size=(2, 1)), requires_grad=True, name="x")
        L = ((x @ x.T).T.mean(axis=0) * rng.normal(size=2)).sum()
        assert_equals_backward(unroll(L, [x], buffers=buffers), L, [x], {"x": x.data})


def test_a_gradient_that_is_rounding_only(rng):
    """A bias before a normalisation has the gradient 0, computed as some rounding error; a graph with one can be unrolled."""
    network = nn.Sequential(first=nn.Linear(3, 4, rng=rng), norm=nn.BatchNorm(4), out=nn.Linear(4, 2, rng=rng))
    x = Tensor(rng.normal(size=(8, 3)), name="x")
    L = nn.mse_loss(network(x), np.ones((8, 2))).named("L")
    unrolled = unroll(L, [network.first.b])
    _, (db,) = unrolled(x.data, *[parameter.data for parameter in network.parameters()], **unrolled.recorded)
    assert np.abs(db).max() < 1e-14


@pytest.mark.parametrize("function", [tanh, np.exp, np.sum, np.square, Tensor.transpose])
@pytest.mark.parametrize("buffers", [False, True])
def test_the_gradient_of_a_node_without_a_name(function, buffers):
    """What was computed on the way and has no name can be asked for too, whatever is made of it."""
    x = Tensor([[1.0, -2.0]], requires_grad=True, name="x")
    z = x * 3
    L = (function(z) * 2).sum()
    L.backward()
    _, dz = unroll(L, z, buffers=buffers)(x.data)
    assert_array_equals(dz, z.grad)


@pytest.mark.parametrize("buffers", [False, True])
def test_the_output_is_called_l_or_by_its_name(buffers):
    """What comes to the same as another tensor is still the output, and has its name."""
    b = Tensor([1.0, 2.0], requires_grad=True, name="b")
    h = b.sum().named("h")
    for L, name in ((h * 1, "L"), ((h * 1).named("loss"), "loss")):
        by_hand = unroll(L, [b], buffers=buffers)
        assert f"return {name}, (db,)" in by_hand.source
        assert_equals_backward(by_hand, L, [b], {"b": b.data})


@pytest.mark.parametrize("buffers", [False, True])
def test_no_result_is_an_argument_or_another_result(buffers):
    """What is returned can be changed in place, also where a gradient is an operand, or two are the same, or one number."""
    a, b = Tensor(2.0, requires_grad=True, name="a"), Tensor(3.0, requires_grad=True, name="b")
    x, c = Tensor([[1.0, 2.0]], requires_grad=True, name="x"), Tensor([[3.0, 4.0]], name="c")
    z = x + c
    turned = x.transpose(0, 1).named("turned")
    for L, wanted in [
        (a * b, [a, b]),
        (a.reshape(1).squeeze(), [a]),
        ((z**2).sum(), [x, z]),
        ((turned * turned).sum(), [x, turned]),
        (((z.reshape(2).named("r")) ** 2).sum(), [z]),
    ]:
        arguments = {tensor.name: tensor.data.copy() for tensor in (a, b, x, c)}
        by_hand = unroll(L, wanted, buffers=buffers)
        given = {name: arguments[name] for name in by_hand.parameters}
        assert_equals_backward(by_hand, L, wanted, given)
        value, gradients = by_hand(**given)
        results = [*gradients, value]
        for i, result in enumerate(results):
            others = [*arguments.values(), *results[:i]]
            assert not any(np.may_share_memory(result, other) for other in others if isinstance(other, np.ndarray))


def test_the_type_of_a_constant_gradient():
    """A gradient that is one number everywhere has the type of what it belongs to, also where the number is whole."""
    for dtype in (np.float64, np.float32):
        x = Tensor(np.ones((2, 2), dtype), requires_grad=True, name="x")
        _, dx = unroll((x - x).sum() + (x * 3).sum(), x)(x.data)
        assert dx.dtype == dtype
        assert dx.tolist() == [[3, 3], [3, 3]]


def test_memory_order_of_more_axes(rng):
    """Ones that lie in memory as a convolution's result does are made so: the last bits of sums depend on it."""
    for _ in range(5):
        network = nn.Sequential(nn.Conv2d(1, 3, 2, rng=rng), nn.BatchNorm(3), nn.Tanh())
        x = Tensor(rng.normal(size=(2, 1, 4, 4)), name="x")
        L = network(x).sum()
        by_hand = unroll(L, network.parameters())
        given = dict(zip(by_hand.parameters, [x.data, *(p.data for p in network.parameters())], strict=True))
        assert_equals_backward(by_hand, L, network.parameters(), given)


def test_an_attribute_that_a_call_has_made_is_gone_after_it():
    """A network that a function sets to eval() for the first time is in training mode again, as before it was recorded."""
    layers = nn.Sequential(nn.Linear(2, 1, rng=0))

    def loss_of(x):
        return (layers.eval()(x) ** 2).sum()

    unroll(loss_of, np.ones((3, 2)))
    assert layers.training
    assert "training" not in vars(layers)
