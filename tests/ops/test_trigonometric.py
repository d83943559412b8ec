"""Trigonometric functions: the angle of the origin, and the digits of sinc near 0."""

import math

import pytest
from slopes import assert_slopes

from microgradnn import Tensor, arctan2, grad, sinc


def test_angle_of_the_origin():
    """The origin has no angle; there arctan2 has the slopes of hypot, 0, by either coordinate, and nothing warns."""
    assert_slopes(lambda y: arctan2(y, 0.0), [0.0, 2.0], [0, 0])
    assert_slopes(lambda x: arctan2(0.0, x), [0.0, 2.0], [0, 0])
    assert_slopes(lambda y: arctan2(y, y), [0.0, -0.0, 3.0], [0, 0, 0])


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e170, 1e300])
def test_angles_of_points_near_and_far(size):
    """The slopes of arctan2 are right where the square of the distance would underflow or overflow."""
    assert_slopes(lambda y: arctan2(y, size), size, 0.5 / size, rtol=1e-14)
    assert_slopes(lambda x: arctan2(size, x), size, -0.5 / size, rtol=1e-14)


def test_sinc_at_every_order_at_zero():
    """sin(πx)/(πx) = Σ (−1)ᵏ (πx)²ᵏ / (2k + 1)!, so its derivatives at 0 are 0 and (−1)ᵏ π²ᵏ / (2k + 1) by turns."""
    x = Tensor(0.0, requires_grad=True)
    z = sinc(x)
    for order in range(9):
        k, odd = divmod(order, 2)
        assert z.item() == pytest.approx(0 if odd else (-1) ** k * math.pi**order / (order + 1), rel=1e-14)
        z = grad(z, x, create_graph=True)


@pytest.mark.parametrize("x", [1e-12, 1e-6, 0.01, 0.3183, 0.3184, 0.5, 1.0, 2.5])
def test_slope_of_sinc_keeps_its_digits(x):
    """Where cos πx and sinc x nearly cancel, the slope still has the digits of a sum of its series in exact fractions."""
    u = math.pi * x
    terms = [(-1) ** k * 2 * k * u ** (2 * k - 1) / math.factorial(2 * k + 1) for k in range(1, 40)]
    leaf = Tensor(x, requires_grad=True)
    assert grad(sinc(leaf), leaf) == pytest.approx(math.pi * math.fsum(terms), rel=1e-13)
