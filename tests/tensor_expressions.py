"""Random expressions of named tensors, recorded: all operators and functions that formulas know, nested in any way.

An expression is grown step by step; each step takes values that are already there, the latest ones more often, so that
expressions nest deep: powers of powers, negated quotients, products of products, indices of sums.
"""

import numpy as np
from hypothesis import strategies as st
from strategies import generators, real

from microgradnn import Tensor, concatenate, leaky_relu, logsumexp, ops, relu, sigmoid, softmax, squared_distance, stack, where

LEAVES = {
    "a": (),
    "t": (),
    "x": (3,),
    "h": (2,),
    "V": (3,),
    "b_h": (2,),
    "W": (3, 2),
    "X": (2, 3),
    "Q": (2, 2),
    "alpha": (1, 3),
    "hidden.W": (3, 2),
    "x′": (3,),
    "W⁽¹⁾": (2, 3),
    "K₂": (2, 2),
    "T": (2, 2, 3),
}  # name -> shape; T is a batch


def scaled(number):
    def step(x):
        return number * x

    return step


def shifted(number):
    def step(x):
        return x + number

    return step


def raised(exponent):
    def step(x):
        return x**exponent

    return step


def based(number):
    def step(x):
        return number**x

    return step


def picked(index):
    def step(x):
        return x[index]

    return step


def reduced(function, **keywords):
    def step(x):
        return function(x, **keywords)

    return step


def minus(x):
    return -x


def halved(x):
    return x / 2


def inverse(x):
    return 2 / x


def rest(x):
    return 1 - x


def less(x):
    return x - 1.5


def turned(x):
    return x.T


def swapped(x):
    return x.swapaxes(-1, -2)


def moved(x):
    return x.transpose(*range(1, x.ndim), 0)


def in_a_row(x):
    return x.reshape(-1)


def as_column(x):
    return x.reshape(-1, 1)


def deeper(x):
    return x[..., None]


def spread(x):
    return np.broadcast_to(x, (2, *x.shape))


def ramp(x):  # its mask has no name: it is written in numbers, which is possible with two axes at most
    return where(x.data > 0, x, 0)


SIMPLE = [minus, halved, inverse, rest, less, *map(scaled, (2, -2, 0.5, -1, 1.5e-7, 1e7)), *map(shifted, (1, -1, 0.25))]
SIMPLE += [*map(raised, (2, 3, -1, -2, 0.5, 1, -0.5, 10)), *map(based, (2, 0.5, -1.5))]
SIMPLE += [np.exp, np.tanh, np.sin, np.sqrt, np.log, np.abs, np.square, np.reciprocal, np.sign, sigmoid, relu]
SIMPLE += [np.sum, np.mean, np.max, np.log1p, np.cbrt, reduced(leaky_relu, negative_slope=0.1), turned, in_a_row, as_column]
SIMPLE += [np.linalg.norm, logsumexp, spread, np.expm1, np.arctan]
WITH_AXES = [softmax, reduced(softmax, axis=0), reduced(np.sum, axis=0), reduced(np.sum, axis=-1, keepdims=True), moved]
WITH_AXES += [reduced(np.mean, axis=-1), reduced(np.max, axis=0, keepdims=True), reduced(logsumexp, axis=0), deeper]
WITH_AXES += [reduced(np.var, axis=0, ddof=0.5), reduced(np.cumsum, axis=0), *map(picked, (0, -1, slice(None, None, -1)))]
WITH_AXES += [picked(np.array([0, 0])), picked((None, slice(0, 1)))]
WITH_MATRICES = [swapped, picked((slice(None), 0)), picked((0, 0)), picked((..., slice(1, None))), reduced(np.sum, axis=(0, 1))]


def add(x, y):
    return x + y


def subtract(x, y):
    return x - y


def multiply(x, y):
    return x * y


def divide(x, y):
    return x / y


def power(x, y):
    return x**y


def matmul(x, y):
    return x @ y


def mean_squared_distance(x, y):
    return ops.MeanSquaredDistance()(x, y)


def joined(x, y):
    return concatenate([x.reshape(-1), y.reshape(-1)])


def stacked(x, y):
    return stack([x, y], axis=-1)


def affine_map(x, y):
    return ops.affine(x, y, Tensor(0.5, name="b"))


BROADCAST = [add, subtract, multiply, divide, power, np.maximum, squared_distance, mean_squared_distance, joined]


def multiply_as_matrices(x, y):
    """Whether arrays of these shapes have a matrix product."""
    try:
        np.zeros(x) @ np.zeros(y)
    except ValueError:
        return False
    return True


def steps_for(x, y):
    """The steps that may be taken with x, and with x and y: (function, operands)."""
    alone = SIMPLE + (WITH_AXES if x.ndim else []) + (WITH_MATRICES if x.ndim > 1 else []) + ([ramp] if x.ndim < 3 else [])
    together = []
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        pass
    else:
        together += BROADCAST + ([stacked] if x.shape == y.shape else [])
    if multiply_as_matrices(x.shape, y.shape):
        together += [matmul] * 5 + ([affine_map] if y.ndim == 2 else [])
    return alone, together


@st.composite
def recorded_expressions(draw, most_steps=7):
    """(node, {name: value}): what was made, and the tensors it was made from; of at most 60 elements."""
    rng = draw(generators)
    names = draw(st.lists(st.sampled_from(sorted(LEAVES)), min_size=1, max_size=4, unique=True))
    leaves = {name: Tensor(real(LEAVES[name], rng), requires_grad=True, name=name) for name in names}
    grown = list(leaves.values())
    for _ in range(draw(st.integers(1, most_steps))):
        x, y = (grown[-1 - draw(st.integers(0, min(3, len(grown) - 1)))] for _ in range(2))
        alone, together = steps_for(x, y)
        pairs = together and draw(st.booleans())
        function = draw(st.sampled_from(together if pairs else alone))
        with np.errstate(all="ignore"):
            made = function(x, y) if pairs else function(x)
        if made.size <= 60 and made.ndim < 4:
            grown.append(made)
    used = {name: leaf.data for name, leaf in leaves.items()}
    return grown[-1], {**used, "b": np.float64(0.5)}
