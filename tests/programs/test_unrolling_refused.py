"""What is not unrolled, and what unrolled functions do not take: the errors."""

import numpy as np
import pytest
from unrolled import home, network, of, values

from microgradnn import Op, Tensor
from microgradnn.programs.unrolling import unroll


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
        "All shapes are those recorded: the graph leaves no other batch size, or has a number in it that may be made of that "
        "size. Unroll a graph of the new size."
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


def test_arrays_of_another_library():
    """Arrays that are not NumPy's are refused, as the source would be for others."""
    dask_array = pytest.importorskip("dask.array")
    x = Tensor(dask_array.ones(3), requires_grad=True, name="x")
    with pytest.raises(TypeError, match="holds a Array; what is unrolled is NumPy source for NumPy arrays"):
        unroll((x * 2).sum(), [x])


def test_no_loss_no_dependence():
    """The output must be one number, and depend on what its gradient is asked for, which must be something."""
    x, y = (Tensor([1.0, 2.0], requires_grad=True, name=name) for name in "xy")
    with pytest.raises(ValueError, match=r"^unroll takes a loss, which is one number; the output is a Tensor of shape \(2,\)"):
        unroll(x * 2, [x])
    with pytest.raises(ValueError, match="something to differentiate by; wrt is empty"):
        unroll((x * 2).sum(), [])
    with pytest.raises(ValueError, match="does not depend on 'y' of shape"):
        unroll((x * 2).sum(), [y])
    with pytest.raises(RuntimeError, match="nothing to differentiate"):
        unroll(Tensor(1.0) * 2, [x])


def test_what_is_no_tensor():
    """A function, an array or a name in place of a Tensor, and a Tensor twice."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    L = (x * x).sum()
    with pytest.raises(TypeError, match=r"^unroll\(output, wrt\) takes Tensors: .*; the output is <function"):
        unroll(lambda x: x * x, x)
    for wrong in ("x", [x.data]):
        with pytest.raises(TypeError, match="one of wrt is"):
            unroll(L, wrong)
    with pytest.raises(ValueError, match="given a Tensor twice"):
        unroll(L, [x, x])
