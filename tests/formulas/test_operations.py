"""How operations are written: which sign stands for which, where brackets stand, which parameters are said."""

import numpy as np
import pytest

from microgradnn import Tensor, concatenate, softmax, squared_distance, where
from microgradnn.formulas.spelling import spell_made
from microgradnn.graph import Op


def tensor(name, *shape):
    return Tensor(np.arange(1.0, 1 + np.prod(shape, dtype=int)).reshape(shape), requires_grad=True, name=name)


a, b, x, v, W, X, Y = (
    *(tensor("a"), tensor("b"), tensor("x", 3), tensor("v", 3), tensor("W", 3, 3), tensor("X", 3, 3), tensor("Y", 3, 3)),
)


@pytest.mark.parametrize(
    ("node", "written"),
    [
        ((x @ W) ** 2, "(x W)²"),
        (a / (x @ W), "a / (x W)"),
        (a * (-x), "a · (−x)"),
        ((-x) ** 2, "(−x)²"),
        (-(x**2), "−x²"),
        (X * W, "X ⊙ W"),
        (X @ W, "X W"),
        ((Y @ Y)[::-1], "(Y Y)[::-1]"),
        (softmax(X @ Y.T / np.sqrt(4)), "softmax(X Yᵀ / 2)"),
        (X @ (Y @ x), "X(Y x)"),
        (X @ Y @ x, "X Y x"),
        (x * 2, "2 x"),
        (-2 * x, "−2 x"),
        (2 * (2**x), "2 · 2^(x)"),
        (2 / x, "2 / x"),
        (1.5e-7 * x, "1.5·10⁻⁷ x"),
        (x - (-1.5), "x − (−1.5)"),
        (x + -1.5, "x − 1.5"),
        (x - (v - x), "x − (v − x)"),
        (x - v - x, "x − v − x"),
        (a * b * x, "a · b · x"),
        (a * (b * x), "a · (b · x)"),
        (x / (2 * a), "x / (2 a)"),
        ((x**2.0) ** -1, "(x²)⁻¹"),
        (abs(x) * a, "|x| · a"),
        (X.sum(), "Σ X"),
        (X.sum() * a, "(Σ X) · a"),
        (X.sum(axis=0), "sum(X, axis=0)"),
        (x.sum(axis=0), "Σ x"),
        (X.mean(axis=-1, keepdims=True), "mean(X, axis=-1, keepdims=True)"),
        (softmax(X, axis=0), "softmax(X, axis=0)"),
        (softmax(x, axis=0), "softmax(x)"),
        (X.cumsum(axis=0), "cumsum(X, axis=0)"),
        (x.cumsum(axis=0), "cumsum(x)"),
        (squared_distance(x, v), "Σ (v − x)²"),
        (squared_distance(a, b), "(b − a)²"),
        (x.T, "x"),
        (X[None].T, "transpose(X[None], (2, 1, 0))"),
        (X[None].swapaxes(-1, -2), "X[None]ᵀ"),
        (X.reshape(9), "reshape(X, (9,))"),
        (concatenate([x, v]), "concatenate(x, v)"),
        (concatenate([X, Y], axis=1), "concatenate(X, Y, axis=1)"),
        (concatenate([x, v, x, v]), "concatenate(x, v, x, …)"),
        (where(x.data > 2, x, 0), "where(…, x, 0)"),
        (x[np.array([0, 0])], "x[…]"),
        (np.sin(np.sin(np.sin(np.sin(np.sin(x))))), "sin(sin(sin(sin(…))))"),
    ],
)
def test_signs_and_brackets(node, written):
    """Juxtaposition is the matrix product, ⊙ goes by elements, · has a number in it; brackets stand where they are needed."""
    assert spell_made(node) == written


def test_an_operation_of_the_users():
    """A user's operation is a function of its operands, with the parameters that differ from what is usual."""

    class Add(Op):
        """z = scale · x + y + shift"""

        def __init__(self, scale, shift=0.0, rows=None):
            self.scale, self.shift, self.rows, self._seen = scale, shift, rows, True

        def forward(self, x, y):
            return self.scale * x + y + self.shift

        vjps = None, None

    assert spell_made(Add(2)(x, v)) == "add(x, v, scale=2)"
    assert spell_made(Add(1, 0.5, np.arange(3))(x, v)) == "add(x, v, scale=1, shift=0.5, rows=…)"
