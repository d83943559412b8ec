"""checked(): who made the NaN, forward and backward, and what only passes it on."""

import re
import textwrap

import numpy as np
import pytest
from checked_programs import message, run
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import leaf
from op_table import TABLE, as_leaves
from strategies import generators

import microgradnn
from microgradnn import (
    NonFiniteError,
    Op,
    Tensor,
    checked,
    exp,
    grad,
    log_softmax,
    logsumexp,
    maximum,
    nn,
    no_grad,
    optim,
    sqrt,
    where,
)
from microgradnn.observers import observing


@pytest.fixture(autouse=True)
def no_hooks_are_left():
    """Programs that stop half-way do not remove their hooks."""
    before = observing()
    yield
    for observer in observing():
        if observer not in before:
            observer.remove()


# The messages, to the letter


def test_log_of_zero():
    """A cross-entropy by hand: the probability that rounded to 0 is named, with its element, its line, and the way out."""
    said = message("""
        scores = Tensor([[1.0, 2.0], [800.0, -30.0]], requires_grad=True)
        t = np.eye(2)
        p = softmax(scores)
        loss = -(t * log(p)).sum()
        """)
    expected = """
        log made -inf out of finite numbers, in the forward pass.
          train.py:4:  loss = -(t * log(p)).sum()
                                    ^^^^^^
            result[1, 1] = -inf   shape (2, 2), 1 of 4 not finite
            p[1, 1] = 0           shape (2, 2)
        log(0) is -inf, and a negative number has no logarithm. A cross-entropy is best computed from the scores, with
        nn.cross_entropy or log_softmax, which never form the 0.
        """
    assert said == textwrap.dedent(expected).strip()


def test_constant_column():
    """0 / 0 by the standard deviation of a constant column: operands without a name are called as the program writes them."""
    said = message("""
        X = np.array([[1.0, 7.0], [2.0, 7.0], [6.0, 7.0]])
        X = Tensor(X)
        Z = (X - X.mean(axis=0)) / X.std(axis=0)
        """)
    expected = """
        divide made NaN out of finite numbers, in the forward pass.
          train.py:3:  Z = (X - X.mean(axis=0)) / X.std(axis=0)
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            result[0, 1] = NaN               shape (3, 2), 3 of 6 not finite
            (X - X.mean(axis=0))[0, 1] = 0   shape (3, 2)
            X.std(axis=0)[1] = 0             shape (2,)
        The divisor is 0. If it is the standard deviation of a constant column: leave the column out, or divide by std + 1e-8.
        """
    assert said == textwrap.dedent(expected).strip()


def test_zero_times_inf_behind_a_where():
    """A masked root at 0: the values are finite, the gradient 0 · inf; the message says so and rewrites the line."""
    said = message("""
        x = Tensor([4.0, 0.0, 1.0], requires_grad=True)
        L = where(x > 0, sqrt(x), 0).sum()
        L.backward()
        """)
    expected = """
        sqrt made NaN out of finite numbers, in the backward pass.
          train.py:2:  L = where(x > 0, sqrt(x), 0).sum()
                                        ^^^^^^^
            dx[1] = NaN         ∂L/∂x, shape (3,), 1 of 3 not finite
            dz[1] = 0           the upstream gradient
            z[1] = 0
            x[1] = 0            shape (3,)
            dx = dz / (2 * z)   the rule, microgradnn/ops/elementwise.py
        By the chain rule dx = dz · ∂z/∂x = 0 · inf = NaN.
        where(x > 0, …) in train.py:2 does not take this element, so dz is 0; but the branch not taken is differentiated too.
        Keep it finite, with a second where:
            where(x > 0, sqrt(where(x > 0, x, 1)), 0)
        """
    assert said == textwrap.dedent(expected).strip()


def test_the_double_where_of_the_message_helps():
    """What the messages advise is finite, forward and backward."""
    names = run("""
        x = Tensor([4.0, 0.0, -1.0], requires_grad=True)
        y = where(x > 0, sqrt(where(x > 0, x, 1)), 0) + where(x != 0, x / where(x != 0, x, 1), 1)
        y.sum().backward()
        """)
    np.testing.assert_array_equal(names["x"].grad, [0.25, 0, 0])


# Producers


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("z = np.log1p(-x)", ["log1p made NaN", "log1p is finite for x > -1 only"]),
        ("z = np.arctanh(x * 2)", ["arctanh made NaN", "arctanh is finite for -1 < x < 1 only"]),
        ("z = np.cosh(x * 1000)", ["cosh made inf", "larger than float64 can hold"]),
        ("z = exp(x * 709)", ["exp made inf", "train.py:2", "(x * 709)[1] = 1418", "softmax"]),
        ("z = (x * 1e200) ** 2", ["power made inf", "(x * 1e+200)[0] = 1e+200", "learning rate"]),
        ("z = sqrt(-x)", ["sqrt made NaN", "(-x)[0] = -1", "negative number"]),
        ("z = np.log(x - 1)", ["log made -inf", "(x - 1)[0] = 0"]),
        ("z = (x * 1e200) @ (x * 1e200)", ["matmul made inf", "x * 1e+200 from 1e+200 to 2e+200", "learning rate"]),
        ("z = x / (x - x)", ["divide made inf", "The divisor is 0"]),
        ("z = where(x != 1, x / (x - 1), 0)", ["second where", "where(x != 1, x / where(x != 1, x - 1, 1), 0)"]),
        ("z = np.where(x < 2, 0, (x - 2).log())", ["np.where(x < 2, 0, np.where(x < 2, 1, x - 2).log())"]),
        ("z = softmax(where(x > 5, x, -np.inf))", ["softmax made NaN, in the forward pass", "leave at least one unmasked"]),
        ("z = x + (np.array([np.inf, 0]) - Tensor([np.inf, 0]))", ["subtract made NaN, in", "inf − inf"]),
        ("z = exp(np.array([-np.inf, 1e3]) * x)", ["exp made inf out of finite numbers", "[1] = 2000"]),
        ("z = where(log(x - 1) > 0, x, 0)", ["log made -inf", "(x - 1)[0] = 0", "cross-entropy"]),  # in a mask
        ("z = log(x * 0j)", ["log made (-inf+0j) out of finite numbers", "(x * 0j)[0] = 0j"]),
    ],
)
def test_producers(line, parts):
    """A producer is named with its line, the first element in question and what it was made of; and a way out."""
    said = message(f"x = Tensor([1.0, 2.0], requires_grad=True)\n{line}")
    assert [part for part in parts if part not in said] == []


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_a_mean_of_nothing():
    """An operand without elements is said to have none."""
    said = message("x = Tensor([], requires_grad=True)\nz = x.mean()")
    assert "mean made NaN" in said
    assert "x has no elements   shape (0,)" in said


@pytest.mark.parametrize(
    ("program", "parts"),
    [
        ("L = sqrt(x ** 2).sum(); L.backward()", ["sqrt made inf", "x[0] = 0", "= 1 · inf = inf", "abs(x)", "norm(x)"]),
        ("L = (sqrt(x) ** 2).sum(); L.backward()", ["sqrt made NaN", "0 · inf = NaN", "infinite"]),
        ("L = (x ** 0.5).sum(); L.backward()", ["power made inf", "slope at 0 is infinite"]),
        ("L = (x * 1e200).sum(); L.backward(1e200)", ["multiply made inf", "dz[0] = 1e+200", "learning rate"]),
        ("L = (x + np.ones((3, 2))).sum(); L.backward(1e308)", ["gradient of x, summed over the axes", "became inf"]),
        ("y = x[0]; L = y * 1e308 + y * 1e308; L.backward()", ["gradient of y, added up over its uses, became inf"]),
        ("L = x.sum(); L.backward(np.nan)", ["came in with the upstream gradient"]),
        ("y = x * 2; y.sum().backward(); y.backward([np.nan, 1])", ["came in with the upstream gradient"]),
        ("L = (x ** -1).sum(); L.backward()", ["power made inf out of finite numbers", "It divides by 0"]),
        ("p = Tensor([2.0, 2.0], requires_grad=True); ((x - 1) ** p)[0].backward()", ["make the exponent a constant"]),
        ("y = x * 2; y.register_hook(lambda d: d * np.nan); y.sum().backward()", ["a hook made it NaN"]),
        ("L = np.arcsin(x[1] - 1); L.backward()", ["arcsin made inf", "slope of arcsin is not finite there"]),
        ("grad(sqrt(x).sum(), x)", ["sqrt made inf"]),
        ("grad(sqrt(x).sum(), x, create_graph=True)", ["sqrt made inf", "in the backward pass", "dx = dz / (2 * z)"]),
        (
            "r = 3 * x.sqrt()\nL = where(x > 0, r, 0).sum()\nL.backward()",
            ["0 · inf", "train.py:3", "safe = where(x > 0, x, 1)"],
        ),
        ("y = Tensor(x.data)\nL = where(y == 0, 1, sqrt(x)).sum()\nL.backward()", ["sqrt(where(y == 0, 1, x))"]),
    ],
)
def test_producers_in_the_backward_pass(program, parts):
    """Backward as well: the rule, the numbers that it had, and whether it was 0 · inf, overflow, or not of its making."""
    said = message(f"x = Tensor([0.0, 2.0], requires_grad=True)\n{program}")
    assert [part for part in parts if part not in said] == []


@pytest.mark.parametrize(
    "L",
    [
        "inner = where(x >= 0, sqrt(x), 0)\nL = where(x > 0, inner, 1).sum()",
        "L = where(x > 0, where(x >= 0, sqrt(x), 0), 1).sum()",
    ],
)
def test_of_two_masks_the_one_that_drops_the_element_is_named(L):
    """Behind two where, the advice is to guard with the mask of the one that does not take the element, and that helps."""
    said = message(f"x = Tensor([0.0, 4.0], requires_grad=True)\n{L}\nL.backward()")
    assert "where(x > 0, …) in train.py" in said
    assert said.splitlines()[-1].strip() == "safe = where(x > 0, x, 1)"
    names = run(f"x = Tensor([0.0, 4.0], requires_grad=True)\n{L.replace('sqrt(x)', 'sqrt(where(x > 0, x, 1))')}\nL.backward()")
    np.testing.assert_array_equal(names["x"].grad, [0, 0.25])


def test_an_inf_that_is_meant():
    """Max pooling pads with -inf, which is no accident."""
    with checked():
        nn.MaxPool2d(3, padding=1)(leaf(np.ones((1, 1, 4, 4)))).sum().backward()


def test_a_rule_that_is_an_object():
    """A vjp may be an object that can be called; the message names its class, as it has no source to quote."""

    class Reciprocal:
        def __call__(self, op, dz, z, x):
            return dz / x

    class Same(Op):
        def forward(self, x):
            return x * 1

        vjps = (Reciprocal(),)

    x = leaf([0.0, 1.0], "x")
    with checked(), pytest.raises(NonFiniteError, match=r"(?s)same made inf.*dx = Reciprocal\(dz, …\)   the rule\n"):
        Same()(x).sum().backward()


def test_recorded_or_not():
    """A NaN is found under no_grad, and among constants."""
    x = leaf([-1.0])
    with checked():
        with no_grad(), pytest.raises(NonFiniteError, match="sqrt made NaN"):
            sqrt(x)
        with pytest.raises(NonFiniteError, match="sqrt made NaN"):
            sqrt(Tensor([-1.0]))


def test_a_failed_pass_leaves_no_gradient():
    """A backward pass that was stopped has touched no .grad; it is a FloatingPointError, as NumPy's own."""
    x = leaf([0.0])
    with checked(), pytest.raises(FloatingPointError):
        (sqrt(x) + x).sum().backward()
    assert x.grad is None


def test_a_learning_rate_too_high():
    """Training that blows up stops at the operation that overflows; with the loss before it still finite."""
    W, X = leaf(np.ones((2, 2)), "W"), np.array([[1.0, 2.0], [3.0, 4.0]])
    descent = optim.SGD([W], lr=100.0)
    losses = []
    with checked(), pytest.raises(NonFiniteError, match="learning rate is too high"):
        for _ in range(1000):
            L = ((X @ W - 1) ** 2).sum()
            losses.append(L.item())
            descent.zero_grad()
            L.backward()
            descent.step()
    assert np.isfinite(losses).all()
    assert len(losses) > 10


# What only passes on


def test_nan_in_the_data():
    """A NaN in a leaf is not laid at the door of the operation that meets it first."""
    said = message("""
        X = np.ones((5, 3))
        X[3, 2] = np.nan
        W = Tensor(np.ones((3, 2)), requires_grad=True, name="W")
        h = tanh(X @ W)
        """)
    assert said.startswith("NaN came in with X: matmul did not make it")
    assert "X[3, 2] = NaN   shape (5, 3), 1 of 15 NaN" in said
    assert "np.where(np.isnan(X), 0, X)" in said


def test_nan_in_an_element_and_in_a_number():
    """What a NaN came in with is named where an element is taken from it, and as the program writes it if it is a number."""
    said = message("data = Tensor([1.0, np.nan])\nz = data[1]")
    assert "NaN came in with data: getitem did not make it" in said
    assert "data[1] = NaN   shape (2,), 1 of 2 NaN" in said
    said = message("x = Tensor(1.0)\nz = x * float('nan')")
    assert said.splitlines()[0].startswith("NaN came in with float('nan'): multiply did not make it")
    assert said.splitlines()[-1].strip() == "float('nan') = NaN"  # there is no way out to tell


def test_whole_numbers_are_finite():
    """Integers pass, as they hold neither NaN nor inf, and stay integers."""
    z = run("x = Tensor(np.array([1, 2]))\nz = x + 1")["z"]
    assert z.dtype == np.int64
    assert z.numpy().tolist() == [2, 3]


def test_filled_gaps():
    """NaN that a where fills stops nothing, and its gradient is 0."""
    X = leaf([1.0, np.nan])
    with checked():
        where(np.isnan(X), 0, X).sum().backward()
    np.testing.assert_array_equal(X.grad, [1, 0])


def test_a_broken_parameter():
    """A parameter that holds inf stops the program, also where the result would be NaN: it came in with it."""
    W = leaf([[np.inf, 1.0], [np.inf, 1.0]], "W")
    with checked(), pytest.raises(NonFiniteError, match=r"(?s)inf came in with W: matmul.*W\[0, 0\] = inf.*parameter"):
        np.array([[1.0, -1.0]]) @ W


def test_made_before():
    """A NaN that was computed before checked() began is said to be that."""
    with np.errstate(all="ignore"):
        h = sqrt(leaf([-1.0])).named("h")
    with checked(), pytest.raises(NonFiniteError, match=r"(?s)came in with h: multiply.*before checked\(\) began"):
        h * 2


def test_masks_of_inf():
    """-inf as a mask is meant so: forward and backward go through."""
    s, mask = leaf([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, -np.inf], [0.0, 0.0]])
    with checked():
        p = log_softmax(s + mask, axis=1)
        L = where(mask == 0, p, 0).sum() + logsumexp(s + mask) + maximum(s, -np.inf).sum() + exp(s + mask).sum()
        L.backward()
        assert Tensor([np.inf, 1.0]).max().item() == np.inf
        assert float((-Tensor([-np.inf])).sum()) == np.inf
    assert np.isfinite(s.grad).all()


@pytest.mark.parametrize("op_class", TABLE, ids=lambda op_class: op_class.name)
def test_finite_programs_run_as_ever(op_class):
    """For every operation: what is finite outside, to second order, goes through inside with the same bits."""

    def gradients(op, arrays, dz):
        leaves = as_leaves(arrays)
        wanted = [x for x in leaves if x.requires_grad]
        firsts = grad(op(*leaves), wanted, gradient=dz, create_graph=True)
        sum((dx * dx).sum() for dx in firsts).backward() if any(dx.requires_grad for dx in firsts) else None
        return [dx.data for dx in firsts] + [x.grad for x in wanted if x.grad is not None]

    @settings(max_examples=4)
    @given(data=st.data())
    def hold(data):
        op, arrays = data.draw(TABLE[op_class].cases)
        dz = data.draw(generators).normal(size=np.shape(op(*arrays)))
        outside = gradients(op, arrays, dz)
        with checked():
            inside = gradients(op, arrays, dz)
        for a, b in zip(outside, inside, strict=True):
            np.testing.assert_array_equal(a, b)

    hold()


NASTY = [0.0, -1.0, 1e308, -1e308, 1e-308, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("op_class", TABLE, ids=lambda op_class: op_class.name)
def test_a_message_for_whatever_numbers_come(op_class):
    """With any operation and the nastiest numbers the program ends well, or stops with a message that names an operation."""

    @settings(max_examples=5)
    @given(data=st.data(), constants=st.booleans(), create_graph=st.booleans())
    def hold(data, constants, create_graph):
        op, arrays = data.draw(TABLE[op_class].cases)
        rng = data.draw(generators)
        for x in arrays:
            if x.dtype.kind == "f" and x.flags.writeable:
                x[rng.random(x.shape) < 0.3] = rng.choice(NASTY)
        leaves = [Tensor(x) for x in arrays] if constants else as_leaves(arrays)
        try:
            with checked():
                z = op(*leaves)
                if z.requires_grad:
                    dz = np.where(rng.random(z.shape) < 0.3, rng.choice([0, 1e308]), 1.0).astype(z.dtype)
                    found = grad(z, [x for x in leaves if x.requires_grad], gradient=dz, create_graph=create_graph)
                    assert all(np.isfinite(dx.data).all() for dx in found)
        except NonFiniteError as error:
            assert re.match(r"(-?inf|NaN) came in with|\w+ made (-?inf|NaN)|The gradient of", str(error))
            assert "test_nonfinite.py" in str(error)
        except np.linalg.LinAlgError:
            pass

    hold()


def test_what_the_library_does_is_no_false_alarm():
    """Losses, activations and layers at the far ends of their domains are finite, and no step on the way stops."""
    s = leaf([[1000.0, -1000.0], [0.0, 0.0]])
    p = leaf([0.0, 1.0, 0.5])
    with checked():
        L = nn.cross_entropy(s, [1, 0]) + nn.binary_cross_entropy(p, [1.0, 0.0, 1.0])
        L = L + nn.binary_cross_entropy_with_logits(s, np.eye(2)) + nn.huber_loss(s, np.eye(2))
        for f in (microgradnn.sigmoid, microgradnn.softplus, microgradnn.elu, microgradnn.silu, microgradnn.gelu, np.tanh):
            L = L + f(s).sum()
        L = L + s[1].std() + s[1].norm() + microgradnn.hypot(s, s)[0].sum() + np.logaddexp(s, s).sum()
        L.backward()


def test_a_training_loop_is_no_false_alarm(rng):
    """Layers that change their own state in the forward pass, and an optimiser that changes parameters, go through."""
    network = nn.Sequential(
        nn.Linear(3, 8, rng=rng),
        nn.BatchNorm(8),
        nn.ReLU(),
        nn.Dropout(0.5, rng=rng),
        nn.LayerNorm(8),
        nn.Linear(8, 2, rng=rng),
    )
    descent = optim.Adam(network.parameters(), lr=1e-2)
    X, t = rng.normal(size=(16, 3)), rng.integers(0, 2, 16)
    with checked():
        for _ in range(2):
            L = nn.cross_entropy(network(X), t) + nn.cross_entropy(network(-X), t)
            descent.zero_grad()
            L.backward()
            descent.step()
        network.eval()
        nn.cross_entropy(network(X), t).backward()


def test_a_pass_within_a_pass():
    """A hook that goes back through another graph changes nothing of what is said about the pass around it."""
    program = """
        x = Tensor([0.0, 1.0], requires_grad=True, name="x")
        z = Tensor(3.0, requires_grad=True)
        h = sqrt(x)
        where(x > 0, h, 0).sum().backward()
        """
    hooked = program.replace("h = sqrt(x)\n", "h = sqrt(x)\n        h.register_hook(lambda dh: (z * z).backward())\n")
    said = message(program)
    assert "does not take this element" in said
    assert message(hooked).replace("train.py:5", "train.py:4") == said
