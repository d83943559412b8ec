"""What the recorder makes: equal Expressions once, and what it knows of arrays that are repeated."""

import numpy as np

from microgradnn.programs.recorder import Recorder


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
