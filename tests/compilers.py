"""What tests of compiled programs share: whether there is a compiler, and the comparison with backward()."""

import numpy as np
import pytest

from microgradnn.compiling.c_source import CSource
from microgradnn.compiling.compiler import find_compiler
from microgradnn.programs.program import program_of
from microgradnn.programs.tracing import Trace
from microgradnn.programs.unrolling import unchanged, wanted_of

needs_compiler = pytest.mark.skipif(find_compiler() is None, reason="there is no C compiler: apt install gcc")
UNITS = 1e4  # in the last place: 1e-12 of the largest number, for float64


def assert_near(received, expected):
    """Equal to 1e-12 of the largest number, or as near as their type allows: sums are added up in another order."""
    expected = [np.asarray(x) for x in expected]
    scale = max((np.max(np.abs(x), initial=0, where=np.isfinite(x)) for x in expected), default=0)
    for a, b in zip(received, expected, strict=True):
        assert np.shape(a) == b.shape
        precision = UNITS * np.finfo(b.dtype).eps / 2
        np.testing.assert_allclose(a, b, rtol=precision, atol=precision * scale, equal_nan=True)


def assert_near_backward(function, loss, leaves, arguments=None):
    """A compiled function gives the loss and the gradients of backward()."""
    for x in leaves:
        x.grad = None
    loss.backward()
    value, gradients = function(**{**function.recorded, **(arguments or {})})
    assert_near([value, *gradients], [loss.data, *(x.grad for x in leaves)])


def source_of(loss, wrt=None):
    """The CSource of a recorded loss."""
    return CSource(program_of(Trace(loss, wanted_of(loss, wrt), unchanged)))
