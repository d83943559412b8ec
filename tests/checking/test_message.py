"""The message about a NaN or inf, to the letter: the user's line, a row for each operand, its label and its numbers."""

import textwrap

import pytest
from checked_programs import message
from networks import leaf

from microgradnn import (
    NonFiniteError,
    Op,
    checked,
)


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


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_a_mean_of_nothing():
    """An operand without elements is said to have none."""
    said = message("x = Tensor([], requires_grad=True)\nz = x.mean()")
    assert "mean made NaN" in said
    assert "x has no elements   shape (0,)" in said


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


def test_nan_in_an_element_and_in_a_number():
    """What a NaN came in with is named where an element is taken from it, and as the program writes it if it is a number."""
    said = message("data = Tensor([1.0, np.nan])\nz = data[1]")
    assert "NaN came in with data: getitem did not make it" in said
    assert "data[1] = NaN   shape (2,), 1 of 2 NaN" in said
    said = message("x = Tensor(1.0)\nz = x * float('nan')")
    assert said.splitlines()[0].startswith("NaN came in with float('nan'): multiply did not make it")
    assert said.splitlines()[-1].strip() == "float('nan') = NaN"  # there is no way out to tell
