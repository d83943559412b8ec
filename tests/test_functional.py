"""Derivatives of functions, of any order, against each other and against differences."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from nests import nests, slope
from strategies import assert_gradient, generators, numeric_gradients

from microgradnn import Tensor, grad, hessian, hvp, jacobian, jvp, log_softmax, no_grad, tanh, value_and_grad, vjp
from microgradnn.functional import live


def bowl(x, y):
    """A function of two arguments that bends: a number."""
    return (tanh(x * y) * x).sum() + (y**3).sum()


def squash(x):
    """A function whose value has another shape than its argument."""
    return log_softmax(x[:2] * x[1:3])


def bent(x):
    return bowl(x, x * 0.5)


@given(rng=generators)
def test_grad_is_the_slope(rng):
    """The gradient of a function is its difference quotients, for each argument asked for; the value comes along."""
    x, y = rng.normal(size=(2, 3))
    value, (dx, dy) = value_and_grad(bowl, argnums=(0, 1))(x, y)
    assert value == bowl(Tensor(x), Tensor(y)).item()

    def plain(x, y):
        return bowl(Tensor(x), Tensor(y)).item()

    for received, expected in zip((dx, dy), numeric_gradients(plain, [x, y]), strict=True):
        assert_gradient("bowl", received, expected, "central differences")
    assert np.array_equal(grad(bowl, argnums=1)(x, y), dy)


@given(rng=generators)
def test_vjp_and_jvp_are_the_jacobian(rng):
    """vjp and jvp are products with the Jacobian, from the left and from the right."""
    x, u, v = rng.normal(size=3), rng.normal(size=2), rng.normal(size=3)
    J = jacobian(squash)(x)
    assert J.shape == (2, 3)
    value, pullback = vjp(squash, x)
    assert pullback(u) == pytest.approx(u @ J)
    also_value, tangent = jvp(squash, (x,), (v,))
    assert tangent == pytest.approx(J @ v)
    assert np.array_equal(value, also_value)


def test_jvp_of_several_arguments():
    """The tangents of several arguments add up."""
    _, tangent = jvp(bowl, ([0.5, 1.0], [1.0, -1.0]), ([1.0, 0.0], [0.0, 2.0]))
    dx, dy = grad(bowl, argnums=(0, 1))([0.5, 1.0], [1.0, -1.0])
    assert tangent == pytest.approx(dx[0] + 2 * dy[1])


@given(rng=generators)
def test_hessian(rng):
    """The Hessian is symmetric, is the difference quotients of the gradient, and hvp is its product with a vector."""
    x, v = rng.normal(size=(2, 3))
    H = hessian(bent)(x)
    assert pytest.approx(H.T) == H
    for i in range(3):
        (column,) = numeric_gradients(lambda x, i=i: grad(bent)(x)[i], [x])
        assert_gradient(f"row {i} of the Hessian", H[i], column, "central differences")
    assert hvp(bent, x, v) == pytest.approx(H @ v)


def test_any_order():
    """Derivatives of derivatives of derivatives: those of x⁴ are 4x³, 12x², 24x, 24, 0."""
    f = found = lambda x: x**4
    expected = [32.0, 48.0, 48.0, 24.0, 0.0]
    for value in expected:
        found = grad(found)
        assert found(2.0) == pytest.approx(value)
    assert f(2.0) == 16


def test_third_order_by_jacobians():
    """The Jacobian of a Hessian is the third derivative."""
    third = jacobian(hessian(lambda x: (x**4).sum()))(np.array([1.0, 2.0]))
    assert third.shape == (2, 2, 2)
    assert third[1, 1, 1] == pytest.approx(48)
    assert third.sum() == pytest.approx(24 + 48)


def test_what_does_not_depend_has_slope_0():
    """A function that ignores an argument has derivative 0 there; so has the gradient of a linear one."""
    assert grad(lambda x, y: (Tensor(x) * 2).sum(), argnums=1)([1.0], [3.0]).tolist() == [0]
    assert hessian(lambda x: (x * 3).sum())(np.ones(2)).tolist() == [[0, 0], [0, 0]]
    assert jvp(lambda x: Tensor([1.0]) * 2, ([1.0],), ([1.0],))[1].tolist() == [0]


def test_dtypes_and_shapes_are_the_arguments():
    """A gradient has its argument's shape and dtype."""
    dx = grad(lambda x: (x * 2).sum())(np.ones((2, 1), np.float32))
    assert (dx.shape, dx.dtype) == ((2, 1), np.float32)


def test_of_recorded_graphs():
    """For a Tensor, grad takes with respect to what, as before."""
    x = Tensor(3.0, requires_grad=True)
    assert grad(x * x, x) == 6


def test_inputs_stay_as_they_were():
    """No argument gets a .grad, and no array is changed."""
    x = np.array([1.0, 2.0])
    W = Tensor([1.0, 1.0], requires_grad=True)
    grad(lambda x: (x * W).sum())(x)
    assert W.grad is None
    assert x.tolist() == [1, 2]


def test_one_tensor_as_two_arguments():
    """An argument is differentiated by alone, also where the same Tensor is another argument or is used from outside."""
    x = Tensor(3.0, requires_grad=True)
    assert [float(dx.data) for dx in grad(lambda a, b: a * b * b, argnums=(0, 1))(x, x)] == [9, 18]
    assert grad(lambda a: a * x)(x).item() == 3
    assert grad(lambda a, b: a * b, argnums=-1)(2.0, 3.0) == 2


def test_precision_of_directional_derivatives():
    """The derivative of a function of float32 along a direction is of float32."""
    x = np.ones(2, np.float32)
    assert jvp(lambda x: x * x, (x,), (x,))[1].dtype == np.float32


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: grad(lambda x: x * 2)([1.0, 2.0]), ValueError, "is not one number"),
        (lambda: grad(lambda x: Tensor([1.0, 2.0]))(1.0), ValueError, "is not one number; jacobian gives"),
        (lambda: grad(lambda x: 3.0)(1.0), TypeError, "The function returned 3.0; it should compute a Tensor"),
        (lambda: grad(3.0), TypeError, "grad differentiates a Tensor or a function; it was given 3.0."),
        (lambda: grad(Tensor(1.0, requires_grad=True) * 2), TypeError, r"Tensors to differentiate by: grad\(L, W\).*\]\).$"),
        (lambda: grad(Tensor(1.0, requires_grad=True) * 2, 3), TypeError, r"grad\(L, \[W, b\]\); it was given 3.$"),
        (lambda: grad(bent, 1), TypeError, r"grad of a function is a function: .*argnums=1"),
        (lambda: grad(bowl, argnums=2)(1.0, 2.0), ValueError, "argnums=2: the function was called with 2 positional arguments"),
        (lambda: jvp(bent, ([1.0, 2.0],), ([1.0],)), ValueError, r"arguments have shapes \[\(2,\)\], tangents \[\(1,\)\]"),
        (lambda: jvp(bent, (2.0,), ([1.0],)), ValueError, r"arguments have shapes \[\(\)\], tangents \[\(1,\)\]"),
        (lambda: hvp(bent, [1.0, 2.0], [1.0]), ValueError, r"^hvp needs a direction v of x's shape; .* \(2,\), v \(1,\)\.$"),
        (lambda: hvp(bent, [1.0, 2.0], 1.0), ValueError, r"x has shape \(2,\), v \(\)\.$"),
        (lambda: hvp(bent, 2.0, [1.0, 2.0]), ValueError, r"x has shape \(\), v \(2,\)\.$"),
        (lambda: vjp(tanh, [1.0, 2.0])[1](1.0), ValueError, r"The upstream gradient has shape \(\)"),
        (lambda: vjp(tanh, [1.0, 2.0])[1](Tensor([[1.0, 2.0]])), ValueError, r"The upstream gradient has shape \(1, 2\)"),
        (lambda: vjp(lambda x: Tensor([1.0, 2.0]), [1.0, 2.0])[1](1.0), ValueError, r"The upstream gradient has shape \(\)"),
    ],
)
def test_refusals(wrong, error, message):
    """What cannot be differentiated is refused with what is wrong."""
    with pytest.raises(error, match=message):
        wrong()


# Derivatives within functions whose derivative is taken


@given(nest=nests())
@settings(max_examples=40)
def test_inner_derivatives_know_outer_variables(nest):
    """Derivatives of functions that use variables of the functions around them are recorded, at any depth: SymPy agrees."""
    received, expected = slope(nest, 0.75)
    assert np.isclose(received, expected, rtol=1e-9, atol=1e-9)


def test_inner_derivatives_by_hand():
    """What a closure or another argument brings along from an outer function counts: three by hand."""

    def f(x, y):
        return x**2 * y**3

    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6
    assert grad(lambda x: x * 0 + grad(f, argnums=1)(x, 2.0))(3.0) == 72
    assert jacobian(grad(f, argnums=1), 0)(3.0, 2.0) == 72


def cubic(y, z, k=1.0):
    """A function that bends in its first argument and depends on the others."""
    return y**3 * z * k


# Derivatives at y = 2 of y³ z k, as functions of another argument; each is linear in it, with this slope.
BY_OTHERS = [
    (lambda x: grad(cubic)(2.0, x), 12),
    (lambda x: grad(cubic)(2.0, 1.0, k=x), 12),
    (lambda x: grad(lambda y, zs: cubic(y, zs[0]["z"]))(2.0, [{"z": x}]), 12),
    (lambda x: grad(cubic, argnums=1)(x, 1.0) / x**2, 1),
    (lambda x: value_and_grad(cubic)(2.0, x)[0], 8),
    (lambda x: value_and_grad(cubic)(2.0, 1.0, k=x)[1], 12),
    (lambda x: jacobian(cubic)(2.0, x), 12),
    (lambda x: hessian(cubic)(2.0, x), 12),
    (lambda x: hessian(cubic)(2.0, 1.0, k=x), 12),
    (lambda x: vjp(cubic, 2.0, x)[1](1.0)[0], 12),
    (vjp(lambda y: y**3, 2.0)[1], 12),
    (lambda x: jvp(cubic, (2.0, x), (1.0, 0.0))[1], 12),
    (lambda x: jvp(lambda y: y**3, (2.0,), (x,))[1], 12),
    (lambda x: hvp(lambda y: y**3, 2.0, x), 12),
]


def test_derivatives_of_tensors_within_derivatives():
    """grad of a Tensor within a function that is differentiated is recorded too; backward(), which is not, is refused."""
    y = Tensor(2.0, requires_grad=True, name="y")
    assert grad(lambda x: x * grad(x * y**2, y))(3.0) == 24  # of x · 2 x y
    assert hessian(lambda x: (x * grad((x * y**3).sum(), y)).sum())(np.array([3.0])) == 24  # of x · 3 x y²

    def by_backward(x):
        (x * y**2).backward()
        return x * y.grad

    with pytest.raises(RuntimeError, match=r"^backward\(\) goes through a Tensor of shape \(\), an argument of a"):
        grad(by_backward)(3.0)
    assert y.grad is None
    by_backward(Tensor(3.0, requires_grad=True))
    assert y.grad == 12


@pytest.mark.parametrize(("derivative", "slope"), BY_OTHERS)
def test_other_arguments_that_are_recorded(derivative, slope):
    """A derivative by one argument can be differentiated by another one, given by position, by keyword or in a list."""
    x = Tensor(3.0, requires_grad=True)
    (x * derivative(x)).backward()
    assert x.grad == pytest.approx(2 * slope * 3)


def test_inner_derivatives_in_other_threads():
    """A derivative that a worker thread takes for an outer function knows the outer variable; afterwards none is left."""

    def f(x):
        with ThreadPoolExecutor(1) as pool:
            return x * pool.submit(lambda: grad(lambda y: x * y)(2.0)).result()

    assert grad(f)(3.0) == 6
    assert jacobian(grad(f))(3.0) == 2
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: x / (1 // 0))(3.0)
    assert not live


def test_inner_derivatives_that_reach_nothing_outside_are_plain():
    """A derivative that has nothing to do with the function around it is a plain array there, as it is outside."""
    kinds = []

    def outer(x):
        kinds.append(type(grad(lambda y: y * y)(2.0)))
        return x * x

    grad(outer)(3.0)
    assert kinds == [np.ndarray]


@pytest.mark.parametrize("derive", [grad, value_and_grad, jacobian, hessian], ids=lambda derive: derive.__name__)
def test_parameters_from_outside(derive):
    """With create_graph, derivatives can be differentiated by parameters that the function uses and is not given."""
    w = Tensor(3.0, requires_grad=True)

    def function(x):
        return w * w * x * x

    found = derive(function, create_graph=True)(2.0)
    found = found[1] if derive is value_and_grad else found
    assert grad(found, w) == (12 if derive is hessian else 24)


def test_derivatives_of_parameters_in_products_with_vectors():
    """vjp, jvp and hvp take create_graph too."""
    w = Tensor(3.0, requires_grad=True)

    def function(x):
        return w * w * x * x

    assert grad(vjp(function, 2.0, create_graph=True)[1](1.0), w) == 24
    assert grad(jvp(function, (2.0,), (1.0,), create_graph=True)[1], w) == 24
    assert grad(hvp(function, 2.0, 1.0, create_graph=True), w) == 12


def test_within_no_grad():
    """Within no_grad() a derivative is what it is outside, and plain: the function itself is recorded to find it."""
    x = Tensor(3.0, requires_grad=True)
    with no_grad():
        found = [grad(lambda x: x * x)(3.0), grad(lambda x: x * x)(x), grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0)]
    assert found == [6, 6, 6]
    assert [type(gradient) for gradient in found] == [np.ndarray] * 3
