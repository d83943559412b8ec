"""checked(): a NaN or inf stops the program, and what only passes one on, or is finite, does not."""

import re

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


def test_an_inf_that_is_meant():
    """Max pooling pads with -inf, which is no accident."""
    with checked():
        nn.MaxPool2d(3, padding=1)(leaf(np.ones((1, 1, 4, 4)))).sum().backward()


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
