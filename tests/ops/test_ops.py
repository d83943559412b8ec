"""What holds for every operation, whatever it computes; op_table.py says how each is drawn.

The last tests turn the tables: they break rules on purpose, and hold that the checker finds out.
"""

import re
from functools import partial
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from op_table import TABLE, as_leaves, check_complex_step, check_first_order, check_linearity, check_op, gradients
from strategies import generators, is_floating, real

from microgradnn import Op, Tensor, backprop, grad, ops

every_operation = pytest.mark.parametrize("row", TABLE.values(), ids=[op_class.__name__ for op_class in TABLE])


def subclasses(op_class):
    """All classes derived from one, at any depth."""
    return {deeper for derived in op_class.__subclasses__() for deeper in {derived, *subclasses(derived)}}


def test_every_operation_has_a_row():
    """The table lists the operations of microgradnn.ops, each of them and nothing else."""
    defined = {op_class for op_class in subclasses(Op) if op_class.__module__.startswith(ops.__name__ + ".") and op_class.vjps}
    missing, unknown = defined - TABLE.keys(), TABLE.keys() - defined
    assert not missing, f"tests/op_table.py needs a row for {sorted(op_class.__name__ for op_class in missing)}"
    assert not unknown, f"tests/op_table.py has a row for no operation: {sorted(op_class.__name__ for op_class in unknown)}"


@every_operation
@given(data=st.data())
def test_gradients_against_differences(row, data):
    """Every rule gives the slope of its forward, is linear in dz, and can itself be differentiated."""
    check_op(*data.draw(row.cases), rng=data.draw(generators))


@pytest.mark.parametrize("op_class", [op_class for op_class, row in TABLE.items() if row.complex_step])
@given(data=st.data())
def test_gradients_against_complex_step(op_class, data):
    """Where forward is analytic, its gradient agrees with the complex step to twelve digits."""
    op, arrays = data.draw(TABLE[op_class].cases)
    check_complex_step(op, arrays, dz=data.draw(generators).normal(size=np.shape(op(*arrays))))


@every_operation
@given(data=st.data())
def test_no_gradient_goes_through_complex_numbers(row, data):
    """Where an operand requires a gradient and another is complex, a backward pass through the complex result is refused."""
    op, arrays = data.draw(row.cases)
    floating = [i for i, x in enumerate(arrays) if is_floating(x)]
    chosen = data.draw(st.sampled_from(floating))
    operands = [Tensor(x * (1 if i == chosen else 1 + 0.5j)) if i in floating else x for i, x in enumerate(arrays)]
    if len(floating) == 1:  # made complex on the way
        leaf = Tensor(arrays[chosen], requires_grad=True)
        operands[chosen] = leaf * (1 + 0.5j)
    else:
        operands[chosen] = leaf = Tensor(arrays[chosen], requires_grad=True)
    try:
        z = op(*operands)
    except (TypeError, np.linalg.LinAlgError, np.exceptions.ComplexWarning):
        return
    if not np.iscomplexobj(z.data) and len(floating) > 1:  # the complex ones were compared, or counted
        return
    for L in (z.sum(), abs(z).sum(), abs(z.astype(complex)).sum()):
        with pytest.raises(TypeError, match="complex: a derivative is here that of a real function"):
            L.backward()
    assert leaf.grad is None


@every_operation
@given(data=st.data())
def test_rules_read_tensors_as_they_read_arrays(row, data):
    """The rules, run on Tensors to record what they do, give the numbers that they give on arrays."""
    op, arrays = data.draw(row.cases)
    dz = data.draw(generators).normal(size=np.shape(op(*arrays)))
    leaves = as_leaves(arrays)
    wanted = [x for x in leaves if x.requires_grad]
    z = op(*leaves)
    recorded, plain = grad(z, wanted, dz, create_graph=True), grad(z, wanted, dz)
    for on_tensor, on_array in zip(recorded, plain, strict=True):
        np.testing.assert_allclose(on_tensor.data, on_array, rtol=1e-14, atol=1e-14)
        assert on_tensor.dtype == on_array.dtype and on_tensor.shape == on_array.shape


@every_operation
@given(data=st.data())
def test_nothing_given_is_modified(row, data):
    """Neither forward nor backward writes into the inputs, the upstream gradient or the output."""
    op, arrays = data.draw(row.cases)
    leaves = as_leaves(arrays)
    z = op(*leaves)
    dz = data.draw(generators).normal(size=z.shape)
    given = [dz, z.data, *[x.data for x in leaves]]
    before = [np.copy(x) for x in given]
    z.backward(dz)
    for now, then in zip(given, before, strict=True):
        np.testing.assert_array_equal(now, then)


@every_operation
@given(data=st.data())
def test_a_gradient_looks_like_its_input(row, data):
    """A gradient has the shape and dtype of its input, in single, double and mixed precision, and memory of its own."""
    op, arrays = data.draw(row.cases)
    dz = data.draw(generators).normal(size=np.shape(op(*arrays)))
    in_some_dtype = [x.astype(data.draw(st.sampled_from([np.float32, np.float64]))) if is_floating(x) else x for x in arrays]
    leaves = as_leaves(in_some_dtype)
    op(*leaves).backward(dz)
    leaves = [x for x in leaves if x.requires_grad]
    for x, dx in zip(leaves, [dx for dx in gradients(op, arrays, dz) if dx is not None], strict=True):
        assert type(x.grad) is np.ndarray
        assert x.grad.shape == x.shape
        assert x.grad.dtype == x.dtype
        np.testing.assert_allclose(x.grad, dx, rtol=1e-3, atol=1e-4)
    for x, y in combinations(leaves, 2):
        assert not np.shares_memory(x.grad, y.grad)


class Spied(Op):
    """Another operation, noting for which of its inputs a vjp is called."""

    def __init__(self, op):
        self.op = op
        self.called = []

    def forward(self, *xs):
        return self.op.forward(*xs)

    def vjp(self, dz, z, *xs, i):
        self.called.append(i)
        return self.op.vjps[i](self.op, dz, z, *xs)

    @property
    def vjps(self):
        return [partial(Spied.vjp, i=i) for i in range(len(self.op.vjps))]


@every_operation
@given(data=st.data())
def test_constants_cost_nothing(row, data):
    """The vjp of an input that requires no gradient is never called."""
    op, arrays = data.draw(row.cases)
    can_vary = [i for i, x in enumerate(arrays) if is_floating(x)]
    varying = data.draw(st.sets(st.sampled_from(can_vary), min_size=1))
    leaves = [Tensor(x, requires_grad=i in varying) for i, x in enumerate(arrays)]
    spied = Spied(op)
    z = spied(*leaves)
    z.backward(np.ones(z.shape))
    assert sorted(spied.called) == sorted(varying)
    assert all((x.grad is not None) == x.requires_grad for x in leaves)


# The checker, checked: each of these is wrong in one way


class SlightlyWrong(ops.Tanh):
    def dx(self, dz, z, x):
        return dz * (1 - z * z) * 1.001

    vjps = (dx,)


class SquaredUpstream(ops.Exp):
    def dx(self, dz, z, x):
        return dz * dz * z

    vjps = (dx,)


class WrongSign(ops.Subtract):
    def dy(self, dz, z, x, y):
        return dz

    vjps = ops.Subtract.dx, dy


class Transposed(ops.Matmul):
    def dx(self, dz, z, x, y):
        return (dz @ y.T).T

    vjps = dx, ops.Matmul.dy


class MissingSum(ops.BroadcastTo):
    def dx(self, dz, z, x):
        return dz[0]  # one use of x, where the sum over all of them is due

    vjps = (dx,)


class ForgottenRecording(ops.Tanh):
    """Right at first order; at second, 1 − z² is taken for a constant."""

    def dx(self, dz, z, x):
        return dz * (1 - np.square(getattr(z, "data", z)))

    vjps = (dx,)


WRONG = {
    SlightlyWrong(): [(3,)],
    SquaredUpstream(): [(3,)],
    WrongSign(): [(3,), (3,)],
    Transposed(): [(3, 3), (3, 3)],
    MissingSum((2, 3)): [(3,)],
    ForgottenRecording(): [(3,)],
}


@pytest.mark.parametrize("op", WRONG, ids=repr)
def test_the_checker_fails_on_a_wrong_rule(op, rng):
    """A rule 0.1 % off, g² for g, a wrong sign, a transposed result, a missing sum, an unrecorded factor: each is found."""
    arrays = [real(shape, rng, i) for i, shape in enumerate(WRONG[op])]
    with pytest.raises(AssertionError, match=re.escape(repr(op)) + r": .*∂.* at element .*: received .*, expected "):
        check_op(op, arrays, rng)


def test_g_squared_is_found_where_only_ones_come_in(rng):
    """Summing would take g² for g; linearity in dz does not."""
    op, x, ones = SquaredUpstream(), real((3,), rng), np.ones(3)
    check_first_order(op, [x], ones)
    with pytest.raises(AssertionError, match="linearity of ∂L/∂x at element"):
        check_linearity(op, [x], ones)


def test_a_broadcast_that_is_not_summed_is_found(rng, monkeypatch):
    """Where the loop would take one use of a repeated operand in place of their sum, the checker fails."""

    def take_the_first(dx, shape, dtype, op):
        while dx.ndim > len(shape):
            dx = dx[0]
        return dx.astype(dtype)

    monkeypatch.setattr(backprop, "unbroadcast", take_the_first)
    with pytest.raises(AssertionError, match="add: ∂L/∂y at element"):
        check_op(ops.Add(), [real((2, 3), rng), real((3,), rng)], rng)


def test_what_the_checker_says():
    """A failure names function, input, element, received and expected."""
    with pytest.raises(AssertionError) as failure:
        check_first_order(WrongSign(), [np.array([1.0, 2.0]), np.array([3.0, 4.0])], dz=np.array([0.0, 0.5]))
    assert str(failure.value) == "wrong_sign: ∂L/∂y at element (1,): received 0.5, expected -0.5 (central differences)"


# The one is for that; the others count ties in whole numbers, and divide
OTHER_PRECISION = {ops.Astype, ops.Max, ops.Min, ops.NanMax, ops.NanMin, ops.MaxPool2d}


KEEPING = {op_class.__name__: row for op_class, row in TABLE.items() if op_class not in OTHER_PRECISION}


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("row", KEEPING.values(), ids=KEEPING)
@given(data=st.data())
def test_precision_is_the_inputs(row, dtype, data):
    """Values and gradients of single precision have single precision: no constant of a rule turns them into float64."""
    op, arrays = data.draw(row.cases)
    if (dtype == np.float16 and row.numbers_only) or isinstance(op, ops.Inv):
        dtype = np.float32  # LAPACK has nothing shorter
    z = op(*[x.astype(dtype) if is_floating(x) else x for x in arrays])
    assert z.dtype == dtype
    for vjp, x in zip(op.vjps, arrays, strict=True):
        if vjp is not None:
            xs = [x.astype(dtype) if is_floating(x) else x for x in arrays]
            assert vjp(op, np.ones(z.shape, dtype)[()], z, *xs).dtype == dtype
