"""Expressions: what they know of memory and shapes without holding an array."""

import numpy as np
import pytest

from microgradnn.programs.recorder import Recorder


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda x: x, lambda x: x.T),
        (lambda x: x[1:], lambda x: x[::-1]),
        (lambda x: x[:2], lambda x: x[1:]),
        (lambda x: x[:2], lambda x: x[2:]),
        (lambda x: x[:2].T[1:], lambda x: x.reshape(2, 6)[1:]),
        (lambda x: x, lambda x: x + 0.5),
        (lambda x: x, lambda x: x[[0, 1]]),
        (lambda x: x, lambda x: x.copy()),
        (lambda x: x, lambda x: x.T.reshape(-1)),
        (lambda x: x[0], lambda x: np.broadcast_to(x[0], (3, 3))),
        (lambda x: np.expand_dims(x[1], 1), lambda x: x[1:2]),
        (lambda x: np.einsum("ij->ji", x), lambda x: x),
    ],
)
def test_expressions_share_memory_as_arrays_do(one, other):
    """Two Expressions share memory if, and only if, the arrays do as far as their first and last bytes tell."""
    recorder = Recorder(resized=None)
    x = recorder.parameter(np.arange(12.0).reshape(4, 3)) + 0.25
    a, b = one(x), other(x)
    assert a.expression.shares_memory(b.expression) == np.may_share_memory(a.array, b.array)
    assert b.expression.shares_memory(b.expression)
