"""Functions that jump: their slopes beside the jumps and at them, and where there is no value."""

import numpy as np
import pytest
from numpy import inf, nan
from slopes import assert_slopes, hessian, slopes

from microgradnn import Tensor, ceil, copysign, floor, fmod, heaviside, no_grad, remainder, round, sign, trunc


@pytest.mark.parametrize("function", [sign, floor, ceil, trunc, round], ids=["sign", "floor", "ceil", "trunc", "round"])
def test_steps_are_flat(function):
    """Between their jumps and at them, steps have slope 0."""
    assert_slopes(function, [-1.5, -1.0, 0.0, 0.5, 2.0], [0, 0, 0, 0, 0])


@pytest.mark.parametrize("function", [remainder, fmod], ids=["remainder", "fmod"])
def test_a_remainder_rises_like_x(function):
    """In x the slope is 1, also where y divides x and the remainder jumps; in y it is what x / y is rounded to, and flat."""
    assert_slopes(lambda x: function(x, 3.0), [-4.0, -3.0, 0.0, 2.0, 3.0], [1, 1, 1, 1, 1])
    assert_slopes(lambda y: function(7.0, y), [3.0, 7.0, -7.0, 9.0], [-2, -1, 1, 0])
    assert_slopes(lambda y: function(-7.0, y), [3.0, -9.0], [3, 0] if function is remainder else [2, 0])
    np.testing.assert_array_equal(hessian(lambda v: function(v[0], v[1]) ** 2 / 2, [7.0, 3.0]), [[1, -2], [-2, 4]])


def test_a_remainder_of_division_by_zero():
    """There is none: value and slope in y are NaN, and NumPy warns."""
    with np.errstate(all="ignore"):
        assert_slopes(lambda y: 7.0 % y, [0.0], [nan])
        assert_slopes(lambda y: 7.0 // y, [0.0], [0])
        np.testing.assert_array_equal((7.0 // Tensor([0.0, -0.0])).data, [inf, -inf])
    with pytest.warns(RuntimeWarning, match="invalid value"):
        remainder(Tensor(7.0), 0.0)


def test_operators():
    """%, // and divmod of Tensors and numbers, on either side, are those of NumPy's arrays, and recorded."""
    x, a = Tensor([-7.0, 8.0], requires_grad=True), np.array([-7.0, 8.0])
    for ours, numpys in (
        ((x % 3, 3 % x, x // 3, 3 // x), (a % 3, 3 % a, a // 3, 3 // a)),
        (divmod(x, 5), divmod(a, 5)),
        (divmod(5, x), divmod(5, a)),
        (np.divmod(a, x), divmod(a, a)),
        (np.modf(x / 4), np.modf(a / 4)),
    ):
        for z, expected in zip(ours, numpys, strict=True):
            assert z.requires_grad
            np.testing.assert_array_equal(z.data, expected)


def test_weights_are_changed_in_place_within_no_grad_only():
    """W %= 2 and W //= 2 are like W -= 2: refused where they would make another Tensor of a parameter."""
    W = Tensor([5.0, 6.0], requires_grad=True)
    with pytest.raises(TypeError, match="is a leaf that requires a gradient"):
        W %= 4
    with pytest.raises(TypeError, match="is a leaf that requires a gradient"):
        W //= 4
    with no_grad():
        W %= 4
        W //= 2
    assert W.is_leaf and W.data.tolist() == [0, 1]


def test_the_step_of_heaviside():
    """In x it is flat, also at 0; there, the value at the step gets the gradient."""
    assert_slopes(lambda x: heaviside(x, 0.5), [-1.0, 0.0, 1.0], [0, 0, 0])
    assert_slopes(lambda y: heaviside([-1.0, 0.0, 1.0], y), [9.0, 9.0, 9.0], [0, 1, 0])


def test_the_sign_of_another():
    """In x the slope is ±1, and 0 at the kink of |x|; in y it is 0, whose zeros have a sign."""
    assert_slopes(lambda x: copysign(x, [1.0, -1.0, -0.0, -1.0, -1.0]), [2.0, 2.0, 2.0, -2.0, 0.0], [1, -1, -1, 1, 0])
    assert_slopes(lambda y: copysign(2.0, y), [1.0, 0.0, -0.0], [0, 0, 0])


def test_a_tensor_rounds_as_its_array():
    """Decimals may be negative; the method, np.round, np.around and np.rint are one operation."""
    x = Tensor([1234.5678, -0.5])
    assert x.round(-2).data.tolist() == np.around(x, -2).data.tolist() == [1200, 0]
    assert np.rint(x).data.tolist() == x.round().data.tolist() == [1235, 0]
    assert slopes(lambda x: x * x.round(), [1.4]).tolist() == [1]
