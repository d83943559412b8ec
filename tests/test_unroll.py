"""Unrolled functions: what they compute, for every operation and for programs that nobody wrote, and what they refuse."""

import bdb
import io
import pdb  # noqa: T100 (what is tested)
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from op_table import TABLE
from strategies import generators, is_floating
from test_programs import Programs

from microgradnn import Op, Tensor, concatenate, nn, ops, relu, tanh, where
from microgradnn.graph import reachable
from microgradnn.unroll import unroll

REFUSED = {ops.Det}  # its rule asks whether a determinant is 0, and takes another way then

ROWS = pytest.mark.parametrize("row", TABLE.values(), ids=[op_class.__name__ for op_class in TABLE])


def assert_equals_backward(by_hand, loss, leaves, arguments=None):
    """The function gives the loss and the gradients of backward(), to the last bit."""
    for x in leaves:
        x.grad = None
    loss.backward()
    value, gradients = by_hand(**(arguments or {}))
    assert np.array_equal(value, loss.data, equal_nan=True)
    for x, dx in zip(leaves, gradients, strict=True):
        assert dx.shape == x.shape
        assert dx.dtype == x.dtype
        assert np.array_equal(dx, x.grad, equal_nan=True), by_hand.source


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
    if type(op) in REFUSED:
        with pytest.raises(TypeError, match="A branch is taken that depends on values"):
            unroll(loss, wanted)
        return
    by_hand = unroll(loss, wanted, buffers=buffers)
    for factor in (1, 0.75):
        arrays = [x * factor if is_floating(x) else x for x in arrays]
        loss, leaves = weighed(op, arrays, weights)
        arguments = {x.name: x.data for x in [*leaves, Tensor(weights, name="weights")] if x.name in by_hand.parameters}
        assert_equals_backward(by_hand, loss, [x for x in leaves if x.requires_grad], arguments)


def test_two_arrays_of_zeros_that_are_changed_stay_two():
    """Gradients of two fancy indices of one shape are gathered in two arrays, although both begin as the same zeros."""
    x, y = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x"), Tensor([4.0, 5.0, 6.0], requires_grad=True, name="y")
    L = (x[[0, -1, 0]] * np.array([1.0, 2.0, 3.0])).sum() + (y[[1, 1, 0]] * np.array([5.0, 6.0, 7.0])).sum()
    _, (dx, dy) = unroll(L, [x, y])(x.data, y.data)
    assert dx.tolist() == [4, 0, 2]
    assert dy.tolist() == [7, 11, 0]


class UnrolledPrograms(Programs):
    """The random programs of test_programs.py, unrolled."""

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


# The source's network


def home():
    """L and the leaves of the source's network: W, b_h, V, b_o."""
    rng = np.random.default_rng(0)
    x, t = Tensor([0.5, -1.2, 0.3], name="x"), Tensor(1.0, name="t")
    shapes = {"W": (3, 3), "b_h": (3,), "V": (3,), "b_o": ()}
    W, b_h, V, b_o = leaves = [Tensor(rng.normal(size=s), requires_grad=True, name=name) for name, s in shapes.items()]
    h = tanh(x @ W + b_h).named("h")
    o = (h @ V + b_o).named("o")
    return ((t - o) ** 2).named("L"), leaves


HOME = '''"""L and its gradient with respect to W, b_h, V, b_o, forward and backward."""

import numpy as np


def loss_and_gradients(x, W, b_h, V, b_o, t):
    """L and its gradient with respect to W, b_h, V, b_o.

    Shapes: x (3,), W (3, 3), b_h (3,), V (3,), b_o (), t ().
    """
    # forward
    h = np.tanh(x @ W + b_h)
    o = h @ V + b_o
    z1 = t - o
    L = z1**2

    # backward
    do = -2 * z1  # ∂L/∂o = −2 z1
    dh = do * V  # ∂L/∂h = do V
    dV = h * do  # ∂L/∂V = h do
    db_h = dh * (1 - h * h)  # ∂L/∂b_h = dh ⊙ (1 − h²)
    dW = x[:, None] * db_h  # ∂L/∂W = xᵀ · db_h
    db_o = do  # ∂L/∂b_o = do
    return L, (dW, db_h, dV, db_o)
'''


def test_the_source_network_by_hand():
    """The home case reads as the source's own derivation: ∂L/∂W₁₁ = −2(t − o) · V₁ · (1 − h₁²) x₁."""
    loss, leaves = home()
    assert unroll(loss, leaves).source == HOME


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
        np.multiply(k1, V, dh)  # ∂L/∂h = do V
        np.multiply(h, k1, dV)  # ∂L/∂V = h do
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


def network(samples, names=True):
    """A 2-5-1 network on a batch, its data and its leaves."""
    rng = np.random.default_rng(1)
    X, T = Tensor(rng.normal(size=(samples, 2)), name="X"), Tensor(rng.normal(size=(samples, 1)), name="T")
    hidden, out = nn.Linear(2, 5, rng=rng, names=("W1", "b1")), nn.Linear(5, 1, rng=rng, names=("W2", "b2"))
    y = out(tanh(hidden(X)).named("h")).named("y")
    return ((y - T) ** 2).mean().named("L"), [X, T], [hidden.W, hidden.b, out.W, out.b]


def values(tensors):
    return {x.name: x.data for x in tensors}


@pytest.mark.parametrize("buffers", [False, True])
def test_other_batch_sizes(buffers):
    """A function recorded for 8 samples is right for any number of them; its n is the length of the data."""
    loss, data, leaves = network(8)
    by_hand = unroll(loss, leaves, buffers=buffers)
    assert "2 / n" in by_hand.source
    for samples in (8, 3, 1, 20, 8):
        loss, data, leaves = network(samples)
        assert_equals_backward(by_hand, loss, leaves, values(data + leaves))


def test_classes_and_positions_become_parameters():
    """An index array is data, not a part of the source: it is a parameter, as recorded unless given."""
    rng = np.random.default_rng(0)
    X, W = Tensor(rng.normal(size=(6, 4)), name="X"), Tensor(rng.normal(size=(4, 3)), requires_grad=True, name="W")
    loss = nn.cross_entropy(X @ W, np.array([0, 2, 1, 1, 0, 2]))
    by_hand = unroll(loss, [W])
    assert list(by_hand.parameters) == ["X", "W", "c1", "c2"]
    assert_equals_backward(by_hand, loss, [W], values([X, W]))
    X, classes = Tensor(rng.normal(size=(4, 4)), name="X"), np.array([2, 2, 0, 1])
    loss = nn.cross_entropy(X @ W, classes)
    assert_equals_backward(by_hand, loss, [W], {**values([X, W]), "c1": np.arange(4), "c2": classes})
    with pytest.raises(ValueError, match="'c1' has shape") as failure:
        by_hand(X.data, W.data)
    assert str(failure.value) == (
        "'c1' has shape (6,), but the function takes (n,) with n = 4.\n"
        "It is as recorded; for this batch size give another: c1=..."
    )


def test_a_mask_is_a_parameter():
    """Dropout: what was drawn is not frozen into the source."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    kept = np.array([2.0, 0.0, 2.0])
    by_hand = unroll((x * kept).sum(), [x])
    assert_array_equals(by_hand(x.data)[1][0], [2.0, 0.0, 2.0])
    assert_array_equals(by_hand(x.data, c1=np.array([0.0, 2.0, 0.0]))[1][0], [0.0, 2.0, 0.0])
    by_hand = unroll(where(x > 1.5, x, 0).sum(), x)
    assert_array_equals(by_hand(x.data, c1=np.array([True, False, False]))[1], [1.0, 0.0, 0.0])


def assert_array_equals(received, expected):
    assert np.array_equal(received, expected), received


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
    """`from .unroll import unroll` loads nothing but itself until something is unrolled."""
    code = "import microgradnn, sys; before = {*sys.modules}; import microgradnn.unroll; print({*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("{'microgradnn.unroll'}", "set()")


@pytest.mark.parametrize("buffers", [False, True])
def test_a_transpose_without_a_name_is_computed_once(buffers):
    """What is transposed where it is computed, and used in both directions, gets one line, before both."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    L = (concatenate([x, x])[:4].T ** 2).sum()
    by_hand = unroll(L, [x], buffers=buffers)
    assert by_hand.source.count("np.concatenate") == 1
    assert_equals_backward(by_hand, L, [x], {"x": x.data})


@pytest.mark.parametrize("buffers", [False, True])
def test_arrays_keep_their_order_in_memory(rng, buffers):
    """What backward() computes column by column stays so: BLAS may round differently where the order is another."""
    for _ in range(20):
        x = Tensor(rng.normal(size=(2, 1)), requires_grad=True, name="x")
        L = ((x @ x.T).T.mean(axis=0) * rng.normal(size=2)).sum()
        assert_equals_backward(unroll(L, [x], buffers=buffers), L, [x], {"x": x.data})


# The text


def checked(command, source, tmp_path):
    path = tmp_path / "by_hand.py"
    path.write_text(source, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", *command, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr + source


def many_lines():
    """A graph with long names, a long signature, np.errstate, statements and slices."""
    rng = np.random.default_rng(0)
    names = ["the_weights_of_the_first_layer", "l", "lambda", "hidden.0.W", "np", "n", "dW"]
    leaves = [Tensor(rng.normal(size=(3, 3)), requires_grad=True, name=name) for name in names]
    a, b, c, d, e, f, g = leaves
    z = tanh(a @ b + c).logsumexp(axis=0).named("log of the sum")
    return ((d * z)[1:, ::-1] ** 3).sum() + (e[[0, 0, 1]] * abs(f) ** g.sigmoid()).max(axis=1).mean() + a[0, 1], leaves


@pytest.mark.parametrize(
    "command", [["ruff", "check", "--isolated"], ["black", "--check", "-q"]], ids=lambda command: command[0]
)
@pytest.mark.parametrize("buffers", [False, True])
def test_linters_have_nothing_to_say(command, buffers, tmp_path):
    """The source is as black would write it, and ruff finds nothing, such as a variable that is not used."""
    pytest.importorskip(command[0])
    for loss, leaves in (home(), network(4)[::2], many_lines()):
        checked(command, unroll(loss, leaves, buffers=buffers).source, tmp_path)


def test_names_that_python_does_not_take():
    """Tensors may be called anything; the variables are called as nearly so as Python allows."""
    loss, leaves = many_lines()
    by_hand = unroll(loss, leaves)
    assert list(by_hand.parameters)[1:] == ["l_", "lambda_", "hidden_0_W", "np_", "n_", "dW"]
    assert_equals_backward(by_hand, loss, leaves, dict(zip(by_hand.parameters, [x.data for x in leaves], strict=True)))


def test_nothing_of_microgradnn_is_needed(tmp_path):
    """The saved file runs alone, and the object runs from the file then."""
    loss, leaves = home()
    by_hand = unroll(loss, leaves)
    path = by_hand.save(tmp_path / "by_hand.py")
    assert path.read_text(encoding="utf-8") == HOME
    assert by_hand.function().__code__.co_filename == str(path)
    code = "import sys, by_hand; print('microgradnn' in sys.modules, by_hand.loss_and_gradients)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False <function loss_and_gradients")


def test_step_into_with_pdb():
    """A debugger steps from the call into the function, shows its lines, and knows the tensors' names as variables."""
    loss, leaves = home()
    by_hand = unroll(loss, leaves)
    arguments = [np.array([0.5, -1.2, 0.3]), *(x.data for x in leaves), np.float64(1.0)]
    by_hand(*arguments)
    said = io.StringIO()
    steps = io.StringIO("s\n" * 6 + "n\n" + "p h.shape\nq\n")
    before = sys.gettrace()
    try:
        with suppress(bdb.BdbQuit):
            pdb.Pdb(stdin=steps, stdout=said, nosigint=True, readrc=False).runcall(by_hand, *arguments)
    finally:
        sys.settrace(before)  # pdb forgets what traced before it, such as coverage
    assert "-> h = np.tanh(x @ W + b_h)" in said.getvalue()
    assert "-> o = h @ V + b_o\n(Pdb) (3,)" in said.getvalue()


# What is refused


def test_wrong_arguments():
    """Missing, unknown and double arguments, and shapes that do not fit."""
    loss, leaves = home()
    by_hand = unroll(loss, leaves)
    x, t = np.ones(3), 1.0
    W, b_h, V, b_o = (leaf.data for leaf in leaves)
    takes = "The function takes x, W, b_h, V, b_o, t"
    for call, expected in [
        (lambda: by_hand(x, W, b_h), f"{takes}; V, b_o, t are missing."),
        (lambda: by_hand(x, W, b_h, V, b_o, t, 1), f"{takes}; it was given 7 arguments."),
        (lambda: by_hand(x, W, b_h, V, b_o, y=t), f"{takes}; 'y' is none of them."),
        (lambda: by_hand(x, W, b_h, V, b_o, x=t), f"{takes}; 'x' was given twice."),
    ]:
        with pytest.raises(TypeError) as failure:
            call()
        assert str(failure.value) == expected
    with pytest.raises(ValueError, match="shape") as failure:
        by_hand(x, W[:2], b_h, V, b_o, t)
    assert str(failure.value) == (
        "'W' has shape (2, 3), but the function takes (3, 3).\n"
        "All shapes are those recorded: the graph leaves no other batch size. Unroll a graph of the new one."
    )
    loss, data, leaves = network(8)
    with pytest.raises(ValueError, match="shape") as failure:
        unroll(loss, leaves)(**{**values(data + leaves), "T": np.ones((7, 1))})
    assert str(failure.value) == (
        "'T' has shape (7, 1), but the function takes (n, 1) with n = 8.\n"
        "The batch size n may vary; it is the same in all parameters."
    )


class Ramp(Op):
    """z = x where all of x is positive, else 0: a branch that depends on values."""

    def forward(self, x):
        return x if x.sum() > 0 else 0 * x

    def dx(self, dz, z, x):
        return dz

    vjps = (dx,)


class Noise(Op):
    """z = x times random numbers, which are drawn in forward."""

    def __init__(self, rng):
        self.rng = rng

    def forward(self, x):
        return x * self.rng.normal(size=3)

    def dx(self, dz, z, x):
        return dz * z / x

    vjps = (dx,)


class Hidden(Op):
    """z = x, but one element of it is asked for."""

    def forward(self, x):
        return x * float(x[0])

    def dx(self, dz, z, x):
        return dz * x[0]

    vjps = (dx,)


def test_rules_that_cannot_be_written():
    """A branch that depends on values, values made Python numbers, and random numbers drawn within a rule are refused."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.raises(TypeError) as failure:
        unroll(Ramp()(x).sum(), [x])
    assert str(failure.value) == (
        "A branch is taken that depends on values (if, while, and, or), so the rule cannot be written as NumPy source: what "
        "holds for these values would be frozen into it.\n"
        "In forward and in the vjps, use NumPy's functions, which take arrays as they are: np.where instead of if."
    )
    with pytest.raises(TypeError, match="A value is made a Python number"):
        unroll(Hidden()(x).sum(), [x])
    with pytest.raises(RuntimeError, match="A rule of the graph draws random numbers"):
        unroll(Noise(np.random.default_rng(0))(x).sum(), [x])


def of(forward="x * 1", dx="dz"):
    """An operation of one operand with this forward and this vjp."""

    class Written(Op):
        def forward(self, x):
            return eval(forward, {"np": np, "x": x})

        def dx(self, dz, z, x):
            return eval(dx, {"np": np, "dz": dz, "z": z, "x": x})

        vjps = (dx,)

    return Written()


@pytest.mark.parametrize(
    ("dx", "why"),
    [
        ("np.multiply(dz, 2, out=np.zeros(3))", "An array that is no part of the program is written to (out=)"),
        ("np.copyto(np.zeros(3), dz)", "An array that is no part of the program is changed; np.zeros_like"),
        ("dz * x.item(0)", "The values are asked for (.item)"),
        ("np.asarray(dz)", "The values are taken out of the program (np.asarray or the like)"),
        ("dz * len(np.array_str(x))", "np.array_str() gives str '[1. 2. 3.]'"),
        ("np.where(x > 0, dz, b'1')", "b'1', which a rule hands to NumPy, cannot be written as NumPy source"),
    ],
)
def test_what_a_rule_may_not_do(dx, why):
    """A rule that would take values out of the program, or write beside it, is refused with what it does."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.raises(TypeError) as failure:
        unroll(of(dx=dx)(x).sum(), [x])
    assert str(failure.value).startswith(why)


def test_an_attribute_that_arrays_have_not():
    """A rule that asks an array for what it has not gets Python's usual answer."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.raises(AttributeError, match="ndarray has no attribute 'slope'"):
        unroll(of(dx="dz * x.slope")(x).sum(), [x])


@pytest.mark.parametrize(
    ("dx", "line"),
    [
        ("np.stack([2 * row for row in dz * x])", "np.stack([u2, 2 * u1[1]])"),
        ("dz * np.ndim(x)", "dx = 2 * x * 2"),
        ("dz * np.float32(0.5)", "np.float32(0.5)"),
        ("np.add(dz, 0, dtype=float)", "np.add(2 * x, 0, dtype=np.float64)"),
    ],
)
@pytest.mark.parametrize("buffers", [False, True])
def test_what_a_rule_may_do(dx, line, buffers):
    """Rows one by one, questions about shapes, NumPy's numbers and functions with arguments by name are written down."""
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
    loss = (of(dx=dx)(x) ** 2).sum()
    by_hand = unroll(loss, [x], buffers=buffers)
    assert line in by_hand.source or buffers
    assert_equals_backward(by_hand, loss, [x], {"x": x.data})


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


@pytest.mark.parametrize(
    "forward",
    [
        "x + 0 * np.sum(x, axis=0 if len(x) == 4 else None)",
        "x + 0 * np.roll(x, len(x) ** 2, axis=0)",
        "x + 0 * np.clip(x, 0, float(len(x)))",
    ],
)
def test_what_does_not_follow_the_batch_is_for_one_batch_size(forward):
    """An argument that depends on the batch size in no simple way leaves the recorded size only."""
    x, w = Tensor(np.ones((4, 3)), name="x"), Tensor(np.ones((3, 1)), requires_grad=True, name="w")
    loss = of(forward)(x @ w).sum()
    by_hand = unroll(loss, [w])
    assert_equals_backward(by_hand, loss, [w], {"x": x.data, "w": w.data})
    with pytest.raises(ValueError, match=r"takes \(4, 3\).\n.*leaves no other batch size"):
        by_hand(np.ones((5, 3)), w.data)


def test_a_rule_that_is_another_for_one_sample():
    """A function whose rule would be another for a batch of one refuses that batch, and takes others."""
    x, w = Tensor(np.ones((4, 3)), name="x"), Tensor(np.ones((3, 1)), requires_grad=True, name="w")
    by_hand = unroll(of(dx="2 * dz if len(x) > 1 else dz")(x @ w).sum(), w)
    assert_array_equals(by_hand(np.ones((2, 3)), w.data)[1], np.full((3, 1), 4.0))
    with pytest.raises(ValueError, match="The batch has one sample, but the function takes 2 or more"):
        by_hand(np.ones((1, 3)), w.data)


def test_a_recorded_mask_for_another_batch():
    """What is as recorded if not given must be given for another batch size, and the message says so."""
    x, w = Tensor(np.ones((4, 3)), name="x"), Tensor(np.ones(3), requires_grad=True, name="w")
    by_hand = unroll(((x @ w) * np.array([1.0, 0.0, 1.0, 1.0])).sum(), w)
    with pytest.raises(ValueError, match=r"It is as recorded; for this batch size give another: c1=\.\.\.$"):
        by_hand(np.ones((2, 3)), w.data)
    assert_array_equals(by_hand(np.ones((2, 3)), w.data, c1=np.array([1.0, 0.0]))[1], [1.0, 1.0, 1.0])


def test_arrays_of_another_library():
    """Arrays that are not NumPy's are refused, as the source would be for others."""
    dask_array = pytest.importorskip("dask.array")
    x = Tensor(dask_array.ones(3), requires_grad=True, name="x")
    with pytest.raises(TypeError, match="holds a Array; what is unrolled is NumPy source for NumPy arrays"):
        unroll((x * 2).sum(), [x])


def test_what_an_unrolled_function_says_of_itself():
    """Its repr names the parameters in their order."""
    loss, leaves = home()
    assert repr(unroll(loss, leaves)) == "Unrolled(x, W, b_h, V, b_o, t)"


def test_no_loss_no_dependence():
    """The output must be one number, and depend on what its gradient is asked for."""
    x, y = (Tensor([1.0, 2.0], requires_grad=True, name=name) for name in "xy")
    with pytest.raises(ValueError, match="is not one number"):
        unroll(x * 2, [x])
    with pytest.raises(ValueError, match="does not depend on 'y' of shape"):
        unroll((x * 2).sum(), [y])
    with pytest.raises(RuntimeError, match="nothing to differentiate"):
        unroll(Tensor(1.0) * 2, [x])


def test_a_gradient_that_is_rounding_only(rng):
    """A bias before a normalisation has the gradient 0, computed as some rounding error; a graph with one can be unrolled."""
    network = nn.Sequential(first=nn.Linear(3, 4, rng=rng), norm=nn.BatchNorm(4), out=nn.Linear(4, 2, rng=rng))
    x = Tensor(rng.normal(size=(8, 3)), name="x")
    L = nn.mse_loss(network(x), np.ones((8, 2))).named("L")
    unrolled = unroll(L, [network.first.b])
    _, (db,) = unrolled(x.data, *[parameter.data for parameter in network.parameters()])
    assert np.abs(db).max() < 1e-14


def test_products_of_views_with_buffers(rng):
    """A product with a view backwards or with gaps has the same bits with buffers, where NumPy's dot would add otherwise."""
    x, y = (Tensor(rng.normal(size=9), requires_grad=True, name=name) for name in "xy")
    M = Tensor(rng.normal(size=(4, 18)), requires_grad=True, name="M")
    for L in (x @ y[::-1], (M[:, ::2] @ x).sum(), (M[:, 3:12] @ x[::-1]).sum()):
        leaves = [leaf for leaf in reachable(L) if leaf.is_leaf]
        by_hand = unroll(L, leaves, buffers=True)
        assert_equals_backward(by_hand, L, leaves, {leaf.name: leaf.data for leaf in leaves})


def test_mean_over_another_batch(rng):
    """A mean over the samples stays one for another batch size, also where it was recorded with a single sample."""
    for recorded in (5, 1):
        layer = nn.Linear(3, 2, rng=rng)
        x, t = (Tensor(rng.normal(size=(recorded, n)), name=name) for name, n in (("x", 3), ("t", 2)))
        by_hand = unroll(nn.mse_loss(layer(x), t), layer.parameters())
        x, t = rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
        L = nn.mse_loss(layer(x), t)
        L.backward()
        loss, (dW, db) = by_hand(x=x, t=t, W=layer.W.data, b=layer.b.data)
        np.testing.assert_allclose(loss, L.data, rtol=1e-14)
        np.testing.assert_allclose(dW, layer.W.grad, rtol=1e-12)
        np.testing.assert_allclose(db, layer.b.grad, rtol=1e-12)
