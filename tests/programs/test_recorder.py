"""What the recorder knows of memory without holding any: views, spans, what is repeated."""

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


def test_what_is_repeated_is_not_writeable():
    """An array that broadcasting repeats is known as one whose elements nobody may change; scalars are no memory."""
    recorder = Recorder(resized=None)
    x = recorder.parameter(np.ones(3) * 0.5)
    assert not np.broadcast_to(x, (2, 3)).expression.writeable
    assert (x * x).expression.writeable
    assert x.sum().expression.base is None
    assert not x.sum().expression.shares_memory(x.sum().expression)


def test_equal_ones_are_made_once():
    """What is computed a second time is the same Expression; statements each change an array of their own."""
    recorder = Recorder(resized=None)
    x = recorder.parameter(np.arange(3.0))
    assert np.tanh(x * x).expression is np.tanh(x * x).expression
    a, b = np.zeros_like(x), np.zeros_like(x)
    assert a.expression is b.expression
    a[0] = 1
    b[0] = 1
    assert a.expression is not b.expression
    assert a.expression.is_statement
