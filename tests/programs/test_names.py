"""Names: what a rule may do with them, and what would need their values."""

import numpy as np
import pytest
from unrolled import assert_equals_backward, of

from microgradnn import Op, Tensor
from microgradnn.programs.unrolling import unroll


@pytest.mark.parametrize(
    ("dx", "line"),
    [
        ("np.stack([2 * row for row in dz * x])", "np.stack([u2, 2 * u1[1]])"),
        ("dz * np.ndim(x)", "dx = 2 * x * 2"),
        ("dz * np.float32(0.5)", "np.float32(0.5)"),
        ("np.add(dz, 0, dtype=float)", "np.add(2 * x, 0, dtype=np.float64)"),
        ("np.concatenate([dz, [[1.0, 2.0]]])[:2]", "np.concatenate([2 * x, [[1.0, 2.0]]])[:2]"),
        ("np.modf(dz)[1] * x.clip(0, 9)", "np.clip(x, 0, 9)"),
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
        "ramp: A branch is taken that depends on values (if, while, and, or), so the rule cannot be written as NumPy source: "
        "what holds for these values would be frozen into it.\n"
        "In forward and in the vjps, use NumPy's functions, which take arrays as they are: np.where instead of if."
    )
    with pytest.raises(TypeError, match="A value is made a Python number"):
        unroll(Hidden()(x).sum(), [x])
    with pytest.raises(RuntimeError, match="A rule of the graph draws random numbers"):
        unroll(Noise(np.random.default_rng(0))(x).sum(), [x])


@pytest.mark.parametrize(
    ("dx", "why"),
    [
        ("np.multiply(dz, 2, out=np.zeros(3))", "An array that is no part of the program is written to (out=)"),
        ("np.multiply(dz, 2, out=dz * 1, where=x > 1)", "An array is written to in part (out= with where=); np.where"),
        ("np.copyto(np.zeros(3), dz)", "An array that is no part of the program is changed; np.zeros_like"),
        ("dz * x.item(0)", "The values are asked for (.item)"),
        ("np.asarray(dz)", "The values are taken out of the program (np.asarray or the like)"),
        ("dz * len(np.array_str(x))", "np.array_str() gives str '[1. 2. 3.]'"),
        ("np.where(x > 0, dz, b'1')", "b'1', which a rule hands to NumPy, cannot be written as NumPy source"),
    ],
)
def test_what_a_rule_may_not_do(dx, why):
    """A rule that would take values out of the program, or write beside it, is refused with its name and what it does."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.raises(TypeError) as failure:
        unroll(of(dx=dx)(x).sum(), [x])
    assert str(failure.value).startswith((f"written: {why}", why))


def test_an_attribute_that_arrays_have_not():
    """A rule that asks an array for what it has not gets Python's usual answer."""
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.raises(AttributeError, match="ndarray has no attribute 'slope'"):
        unroll(of(dx="dz * x.slope")(x).sum(), [x])
