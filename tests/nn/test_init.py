"""Initialisers: shapes, spreads, generators and refusals. The formulas are held against PyTorch's in oracles/."""

import math
from functools import partial

import numpy as np
import pytest

from microgradnn.nn import init

# (function, bound or None if normal, standard deviation), for the shape (200, 300): fan in 200, fan out 300.
SPREADS = [
    (init.uniform, 1, math.sqrt(1 / 12)),
    (partial(init.uniform, low=-2, high=2), 2, 2 / math.sqrt(3)),
    (init.normal, None, 1),
    (partial(init.normal, std=0.1), None, 0.1),
    (init.xavier_uniform, math.sqrt(6 / 500), math.sqrt(2 / 500)),
    (init.xavier_normal, None, math.sqrt(2 / 500)),
    (partial(init.xavier_normal, gain=2), None, 2 * math.sqrt(2 / 500)),
    (init.kaiming_uniform, math.sqrt(6 / 200), math.sqrt(2 / 200)),
    (init.kaiming_normal, None, math.sqrt(2 / 200)),
    (partial(init.kaiming_normal, mode="fan_out"), None, math.sqrt(2 / 300)),
    (partial(init.kaiming_normal, nonlinearity="linear"), None, math.sqrt(1 / 200)),
    (partial(init.kaiming_uniform, a=1), math.sqrt(3 / 200), math.sqrt(1 / 200)),
]


@pytest.mark.parametrize(("function", "bound", "std"), SPREADS)
def test_spread(function, bound, std):
    """Numbers spread as the formula says, and keep to the bounds if they are uniform."""
    W = function((200, 300), rng=np.random.default_rng(0))
    assert W.shape == (200, 300)
    assert W.std() == pytest.approx(std, rel=0.01)
    if bound is None:
        assert abs(W).max() > 3.5 * std
    else:
        assert 0.999 * bound < abs(W).max() <= bound


@pytest.mark.parametrize("function", [function for function, _, _ in SPREADS])
def test_the_generator_decides(function):
    """The same seed gives the same numbers; one generator asked twice, others."""
    rng = np.random.default_rng(5)
    first, second = function((2, 3), rng=rng), function((2, 3), rng=rng)
    assert np.array_equal(first, function((2, 3), rng=np.random.default_rng(5)))
    assert not np.array_equal(first, second)


def test_constants():
    """zeros, ones and constant give just that, as float64 and for any shape."""
    assert init.zeros(3).tolist() == [0, 0, 0]
    assert init.ones((1, 2)).tolist() == [[1, 1]]
    assert init.constant((), 2).tolist() == 2
    assert {init.zeros(1).dtype, init.ones(1).dtype, init.constant(1, 2).dtype} == {np.dtype(float)}


def test_fans():
    """(inputs, outputs) for a matrix; for a kernel, channels times the size of the window."""
    assert init.fans((3, 4)) == (3, 4)
    assert init.fans((8, 3, 5)) == (15, 40)
    assert init.fans((8, 3, 5, 2)) == (30, 80)


def test_refusals():
    """A vector has no fans; unknown modes and nonlinearities, and what is no generator, are refused with what there is."""
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"^A weight of shape \(3,\) has no inputs and outputs to count"):
        init.xavier_normal((3,), rng=rng)
    with pytest.raises(ValueError, match=r'^mode=\'fan\': there is "fan_in" and "fan_out".$'):
        init.kaiming_normal((3, 4), mode="fan", rng=rng)
    with pytest.raises(ValueError, match=r"^gain\('swish'\): there is one for conv1d, "):
        init.kaiming_normal((3, 4), nonlinearity="swish", rng=rng)
    functions = (init.uniform, init.normal, init.xavier_uniform, init.xavier_normal, init.kaiming_uniform, init.kaiming_normal)
    for function in functions:
        with pytest.raises(TypeError, match=r"^rng is a random generator, such as .* or a seed, such as 0; it was given '7'.$"):
            function((3, 4), rng="7")
