"""Reductions: conventions at ties, at zeros of a product, and what the keywords of NumPy's reductions leave out."""

import numpy as np
import pytest
from numpy import inf, nan
from slopes import assert_slopes, hessian, slopes

from microgradnn import Tensor, grad, mean, prod


@pytest.mark.parametrize("name", ["max", "min"])
def test_tied_elements_share_evenly(name):
    """Tied elements share what their maximum or minimum gets, along each axis by itself."""
    x = Tensor([[3.0, 3.0, 3.0, 3.0], [5.0, 1.0, 5.0, 1.0]], requires_grad=True)
    getattr(x, name)(axis=1).backward([1.0, 10.0])
    np.testing.assert_array_equal(x.grad[0], [0.25, 0.25, 0.25, 0.25])
    np.testing.assert_array_equal(x.grad[1], [5, 0, 5, 0] if name == "max" else [0, 5, 0, 5])


def test_ties_are_counted_in_whole_numbers():
    """In float16, which cannot hold 2049, the shares of 2049 tied elements still are 1/2049 each."""
    shares = slopes(lambda x: x.max(), np.ones(2049, np.float16))
    assert shares.dtype == np.float16
    np.testing.assert_array_equal(shares, np.float16(1 / 2049))


def test_product_with_zeros():
    """The slope of a product is the product of the others: exact with no zero, one, two or three."""
    assert_slopes(prod, [2.0, 3.0, 5.0], [15, 10, 6])
    assert_slopes(prod, [2.0, 0.0, 5.0], [0, 10, 0])
    assert_slopes(prod, [2.0, 0.0, 0.0], [0, 0, 0])
    assert_slopes(prod, [[0.0, 3.0], [0.0, 5.0]], [[0, 0], [0, 0]])
    assert_slopes(lambda x: prod(x, axis=1), [[0.0, 3.0], [0.0, 0.0]], [[3, 0], [0, 0]])


@pytest.mark.parametrize("function", [prod, lambda x: np.cumprod(x)[-1]], ids=["prod", "cumprod"])
def test_second_order_of_a_product_with_zeros(function):
    """∂²(xyz)/∂x∂y = z, also where x and y are 0; a rule with z/x would lose it."""
    np.testing.assert_array_equal(hessian(function, [0.0, 0.0, 5.0]), [[0, 5, 0], [5, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(hessian(function, [0.0, 0.0, 0.0]), np.zeros((3, 3)))
    np.testing.assert_array_equal(hessian(function, [2.0, 0.0, 5.0]), [[0, 5, 0], [5, 0, 2], [0, 2, 0]])


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "prod", "max", "min"])
def test_a_number_along_axis_0(name, keepdims):
    """Along axis 0 a number is its own sum, product and extreme, as in NumPy; it has no axis 1."""
    function = getattr(np, name)
    for axis in (0, -1):
        x = Tensor(2.0, requires_grad=True)
        z = function(x, axis=axis, keepdims=keepdims)
        assert z.shape == np.shape(function(np.float64(2.0), axis=axis, keepdims=keepdims)) == ()
        z.backward()
        assert (z.item(), x.grad) == (2, 1)
    with pytest.raises(np.exceptions.AxisError):
        function(Tensor(2.0), axis=1)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "var", "std", "max", "min"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_what_is_left_out_does_not_matter(name, axis):
    """What where= leaves out gets the gradient 0, and may be NaN or inf: the others have values and gradients without it."""
    x, mask = np.array([[1.0, 5.0, nan], [2.0, inf, -3.0]]), np.array([[True, True, False], [True, False, True]])
    keywords = {"axis": axis, "where": mask} | ({"initial": 0.5} if name in ("max", "min") else {})
    harmless = np.where(mask, x, 7.0)
    expected = slopes(lambda x: getattr(x, name)(**keywords), harmless)
    assert_slopes(lambda x: getattr(x, name)(**keywords), x, expected)
    assert np.all(expected[~mask] == 0) and (name in ("max", "min", "var", "std") or np.all(expected[mask] != 0))
    np.testing.assert_allclose(getattr(np, name)(Tensor(x), **keywords).data, getattr(np, name)(x, **keywords))


def test_where_nothing_is_left():
    """Of nothing the sum is 0, the product 1, the largest element what initial= says; the mean is NaN. None has a gradient."""
    x = [1.0, 2.0]
    for name, value in (("sum", 0), ("prod", 1), ("max", 3), ("min", 3), ("mean", nan), ("var", nan)):
        keywords = {"where": False} | ({"initial": 3} if name in ("max", "min") else {})
        with np.errstate(invalid="ignore", divide="ignore"):
            np.testing.assert_array_equal(getattr(Tensor(x), name)(**keywords).data, value)
            assert_slopes(lambda x, f=name, k=keywords: getattr(x, f)(**k), x, [0, 0])


def test_a_tie_with_what_it_begins_with():
    """Where the largest element ties with initial=, each gets half, and tied elements share their half evenly."""
    assert_slopes(lambda x: x.max(initial=2.0), [2.0, 2.0, 1.0], [0.25, 0.25, 0])
    assert_slopes(lambda x: x.min(initial=1.0), [2.0, 1.0], [0, 0.5])
    initial = Tensor(5.0, requires_grad=True)
    (Tensor([1.0, 2.0]).max(initial=initial) * Tensor([3.0]).sum(initial=initial)).backward()
    assert initial.grad == 8 + 5


def test_a_type_to_add_up_in():
    """With dtype=, the result has that type, in which it is computed, and the gradient that of x."""
    x = Tensor(np.full(4, 60000, np.float16), requires_grad=True)
    z = x.sum(dtype=np.float32)
    assert z.item() == 240000 and z.dtype == np.float32
    z.backward()
    assert x.grad.dtype == np.float16 and (x.grad == 1).all()
    masked = x.mean(where=[True, True, False, False])
    assert masked.dtype == np.float16
    with pytest.raises(TypeError, match="int64 cannot carry"):
        x.sum(dtype=int)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x.sum(out=np.empty(())), TypeError, "out= cannot be given for 'x' of shape .2,.: .* is not recorded"),
        (lambda x: np.max(x, 0, np.empty(())), TypeError, "out= cannot be given"),
        (lambda x: x.max(where=[True, False]), ValueError, "say initial="),
        (lambda x: x.sum(where=np.ones((2, 2), bool)), ValueError, "where= of shape .2, 2. does not broadcast to .* 'x'"),
        (lambda x: x.sum(where=[1, 0]), TypeError, "where= takes True and False; it was given int"),
        (lambda x: x.var(ddof=1, correction=1), ValueError, "two names"),
        (lambda x: np.var(x, mean=0.0), TypeError, "unexpected keyword argument 'mean'"),
    ],
)
def test_keywords_that_do_not_fit(call, error, message):
    """What cannot be recorded, or would have no value, is refused in a sentence that says so."""
    with pytest.raises(error, match=message):
        call(Tensor([1.0, 2.0], requires_grad=True, name="x"))


def test_the_slope_of_a_mean_of_many_halves():
    """It is 1/n also for n beyond 65504, the largest number in half precision."""
    np.testing.assert_allclose(grad(mean)(np.ones(70000, np.float16)), np.full(70000, 1 / 70000), rtol=0.01)


@pytest.mark.parametrize("function", [np.max, np.min])
@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_the_extreme_of_nothing_is_the_initial(function, shape):
    """As NumPy has it; the gradient goes to it."""
    x, initial = Tensor(np.ones(shape)), Tensor(2.0, requires_grad=True)
    for axis in (None, -1):
        np.testing.assert_array_equal(function(x, axis=axis, initial=2.0).data, function(x.data, axis=axis, initial=2.0))
    function(x, initial=initial).backward()
    assert initial.grad == 1


@pytest.mark.parametrize("function", [np.max, np.min, np.nanmax, np.nanmin])
def test_extremes_of_large_whole_numbers(function):
    """They stay whole: 2⁶⁰ + 1 is no float, with a mask or without."""
    x = np.array([2**60 + 1, 2**60 + 3])
    assert function(Tensor(x)).item() == function(x)
    assert function(Tensor(x), where=[True, True], initial=2**60 + 2).item() == function(
        x, where=[True, True], initial=2**60 + 2
    )
