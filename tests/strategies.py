"""What the tests draw from, and what they measure gradients against: Hypothesis strategies and finite differences.

Hypothesis draws the structure of a case (shapes, axes, indices), which it can shrink to a small one that still fails; the
numbers come from a seeded generator and lie on a jittered grid, so that no two are equal and none is near zero. There a
difference quotient never steps over a kink (of relu, of max) or into a pole.
"""

from operator import itemgetter

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

STEP = 1e-5  # central differences: the error of truncation is about STEP², that of rounding about 1e-16 / STEP
COMPLEX_STEP = 1e-30  # f(x + ih) = f(x) + ih f′(x): nothing is subtracted, so the step may be as small as we like

generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)


# Values: functions of a shape and a generator. `operand` keeps the values of several operands apart, so that none tie.


def real(shape, rng, operand=0):
    """Distinct numbers between about −2 and 2, none of them near 0."""
    size = int(np.prod(shape))
    grid = rng.permutation(np.arange(-(size // 2), size - size // 2)).astype(float)
    offset = (0.3, 0.7, 0.5)[operand] + rng.uniform(-0.05, 0.05, size)
    return ((grid + offset) * 4 / (size + 1)).reshape(shape)


def nonzero(shape, rng, operand=0):
    """Numbers of either sign, at least 0.5 in size: something to divide by."""
    x = real(shape, rng, operand)
    return x + 0.5 * np.sign(x)


def positive(shape, rng, operand=0):
    """Numbers between 0.5 and 2.5: something to take the logarithm of."""
    return 0.5 + np.abs(real(shape, rng, operand))


def fraction(shape, rng, operand=0):
    """Numbers between −0.8 and 0.8: something to take the arcsine of."""
    return 0.4 * real(shape, rng, operand)


def above_one(shape, rng, operand=0):
    """Numbers between 1.5 and 3.5: something to take the inverse hyperbolic cosine of."""
    return 1 + positive(shape, rng, operand)


def off_whole(shape, rng, operand=0):
    """Numbers at least 0.1 away from the next whole one, and from the next half one."""
    return rng.integers(-6, 6, shape) / 2 + rng.uniform(0.1, 0.4, shape)


def whole(shape, rng, operand=0):
    """Whole numbers of either sign, not 0: something whose multiples what is off whole numbers is not."""
    return rng.integers(1, 3, shape) * rng.choice([-1.0, 1.0], shape)


def invertible(shape, rng, operand=0):
    """Square matrices far from singular; of their determinants some are negative."""
    return real(shape, rng, operand) + 5 * np.eye(shape[-1])[rng.permutation(shape[-1])]


def positive_definite(shape, rng, operand=0):
    """Symmetric matrices with positive eigenvalues."""
    x = real(shape, rng, operand)
    return x @ x.swapaxes(-1, -2) + np.eye(shape[-1])


def spaced(count, rng):
    """Numbers of about 1, 2, 3, ..., no two near each other."""
    return np.arange(1, count + 1) + rng.uniform(-0.2, 0.2, count)


def with_values(shape, rng, operand=0):
    """Matrices with singular values of about 1, 2, 3, ..."""
    u, _, vt = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
    return u * spaced(min(shape[-2:]), rng) @ vt


def symmetric(shape, rng, operand=0):
    """Symmetric matrices with eigenvalues of about 1, 2, 3, ..."""
    u = np.linalg.svd(rng.normal(size=shape))[0]
    return u * spaced(shape[-1], rng) @ u.swapaxes(-1, -2)


def some_zeros(shape, rng, operand=0):
    """Numbers of which about a third are 0."""
    return real(shape, rng, operand) * (rng.random(shape) < 0.7)


def mask(shape, rng, operand=0):
    """Booleans."""
    return rng.random(shape) < 0.5


# Structure


def shapes(min_dims=0, max_dims=3):
    """Shapes of few and short axes, () among them."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=1, max_side=3)


def axes(shape, min_size=0):
    """What NumPy takes as `axis`: None, one axis counted from either end, or several."""
    several = hnp.valid_tuple_axes(len(shape), min_size=min_size)
    return st.none() | several | one_axis(shape) if shape else st.none()


def one_axis(shape):
    """One axis, counted from either end."""
    return st.integers(-len(shape), len(shape) - 1)


def indices(shape):
    """Every kind of index NumPy has: basic, by integer arrays (repeating), by a boolean array, and mixed."""
    basic = hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)
    by_mask = hnp.arrays(bool, shape)
    if not shape:
        return basic | by_mask
    fancy = hnp.integer_array_indices(shape)
    a_slice = st.sampled_from([..., slice(None), slice(None, None, -1)])
    mixed = st.tuples(hnp.integer_array_indices(shape[:1]).map(itemgetter(0)), a_slice)
    a_list = st.lists(st.integers(-shape[0], shape[0] - 1), min_size=1, max_size=4)
    return basic | fancy | by_mask | a_list | (mixed if len(shape) > 1 else fancy)


# What a gradient is measured against


def numeric_gradients(function, arrays):
    """∂function/∂x for each floating-point array x by central differences; `function` takes all arrays, returns a number.

    For an array of another type (a mask) it is None.
    """
    return [difference_quotients(function, arrays, i) if is_floating(x) else None for i, x in enumerate(arrays)]


def complex_gradients(function, arrays):
    """The same, exact to rounding, for a function that takes complex numbers and is analytic."""
    return [complex_quotients(function, arrays, i) if is_floating(x) else None for i, x in enumerate(arrays)]


def is_floating(x):
    """Whether an array has floating-point elements, which can change by a little."""
    return np.asarray(x).dtype.kind == "f"


def difference_quotients(function, arrays, i):
    """(f(x + h) − f(x − h)) / 2h for each element of the i-th array."""
    slopes = np.zeros(np.shape(arrays[i]))
    for element in np.ndindex(slopes.shape):
        above, below = function(*nudged(arrays, i, element, STEP)), function(*nudged(arrays, i, element, -STEP))
        slopes[element] = (above - below) / (2 * STEP)
    return slopes


def complex_quotients(function, arrays, i):
    """Im f(x + ih) / h for each element of the i-th array."""
    slopes = np.zeros(np.shape(arrays[i]))
    for element in np.ndindex(slopes.shape):
        slopes[element] = function(*nudged(arrays, i, element, 1j * COMPLEX_STEP)).imag / COMPLEX_STEP
    return slopes


def nudged(arrays, i, element, step):
    """The arrays, with one element of the i-th moved by a step."""
    moved = np.array(arrays[i], np.result_type(arrays[i], step))
    moved[element] += step
    return [*arrays[:i], moved, *arrays[i + 1 :]]


def assert_gradient(what, received, expected, measured_by, rtol=1e-6):
    """Fail with function, input, element, received and expected unless two gradients agree."""
    received, expected = np.asarray(received), np.asarray(expected)
    assert received.shape == expected.shape, f"{what}: received shape {received.shape}, expected {expected.shape}"
    if not expected.size:
        return
    error = np.abs(received - expected) / (1 + np.abs(expected).max())
    if not (error <= rtol).all():
        worst = tuple(int(i) for i in np.unravel_index(np.argmax(np.nan_to_num(error, nan=np.inf)), error.shape))
        raise AssertionError(
            f"{what} at element {worst}: received {received[worst]:.9g}, expected {expected[worst]:.9g} ({measured_by})"
        )
