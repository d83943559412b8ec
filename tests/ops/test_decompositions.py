"""QR, eigenvectors, singular values: against compositions of other operations, and where they are not defined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import message
from slopes import assert_slopes, slopes
from strategies import generators, numeric_gradients, symmetric, with_values

from microgradnn import (
    Tensor,
    cholesky,
    eigh,
    eigvalsh,
    grad,
    inv,
    jvp,
    matrix_power,
    no_grad,
    qr,
    svd,
    svdvals,
    unroll,
)


def first_and_second(function, x, direction):
    """The gradient of a function of matrices that gives one number, and how it changes along a direction."""
    x = Tensor(x, requires_grad=True)
    dx = grad(function(x), x, create_graph=True)
    return dx.data, grad((dx * direction).sum(), x)


def assert_same_function(function, other, x, rng):
    """Two ways to compute one number have the same gradient and the same second derivatives."""
    direction = rng.normal(size=x.shape)
    for received, expected in zip(first_and_second(function, x, direction), first_and_second(other, x, direction), strict=True):
        np.testing.assert_allclose(received, expected, rtol=1e-8, atol=1e-9)


@given(generators, st.sampled_from([(3, 3), (2, 4, 4)]))
def test_powers_by_eigenvectors(rng, shape):
    """V Λ³ Vᵀ is x³, for symmetric x, with its first and second derivatives."""
    x, weights = symmetric(shape, rng), rng.normal(size=shape)

    def both_triangles(x):
        return (x + x.mT) / 2

    def by_eigenvectors(x):
        values, vectors = eigh(both_triangles(x))
        return (weights * (vectors * values[..., None, :] ** 3 @ vectors.mT)).sum()

    assert_same_function(by_eigenvectors, lambda x: (weights * matrix_power(both_triangles(x), 3)).sum(), x, rng)


@given(generators, st.sampled_from([(3, 3), (4, 2), (2, 4), (2, 3, 2)]))
def test_what_was_taken_apart_is_put_together(rng, shape):
    """U S Vᵀ and Q R are x: the gradient is the upstream one, and the second derivative that of a polynomial of x."""
    x, weights = with_values(shape, rng), rng.normal(size=shape)

    def by_svd(x):
        u, s, vt = svd(x, full_matrices=False)
        return (weights * (u * s[..., None, :] @ vt) ** 2).sum()

    def by_qr(x):
        q, r = qr(x)
        return (weights * (q @ r) ** 2).sum()

    for function in (by_svd, by_qr):
        assert_same_function(function, lambda x: (weights * x**2).sum(), x, rng)


def test_what_a_gramian_tells(rng):
    """Singular values are the roots of the eigenvalues of xᵀ x; R is its Cholesky factor, up to signs, and Q is x R⁻¹."""
    x, weights = with_values((5, 3), rng), rng.normal(size=3)

    def r(x):
        return cholesky(x.T @ x).T

    for function, other in [
        (lambda x: (weights * svdvals(x)).sum(), lambda x: (weights[::-1] * np.sqrt(eigvalsh(x.T @ x))).sum()),
        (lambda x: (weights * qr(x, "r")[1] ** 2).sum(), lambda x: (weights * r(x)[1] ** 2).sum()),
        (lambda x: (weights * qr(x)[0][:2] ** 2).sum(), lambda x: (weights * (x @ inv(r(x)))[:2] ** 2).sum()),
    ]:
        assert_same_function(function, other, x, rng)


def test_repeated_values_have_gradients():
    """What treats equal eigenvalues or singular values alike has its gradient; so have they alone, at first order."""
    assert_slopes(eigvalsh, np.eye(3), np.eye(3), rtol=1e-14)
    assert_slopes(lambda x: eigvalsh(x) ** 2, 3 * np.eye(3), 6 * np.eye(3), rtol=1e-14)
    assert_slopes(lambda x: eigvalsh(x)[1:], np.diag([1.0, 2.0, 2.0]), np.diag([0.0, 1.0, 1.0]), rtol=1e-14)
    turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    np.testing.assert_allclose(slopes(svdvals, 5 * turned), turned, atol=1e-14)
    np.testing.assert_allclose(slopes(lambda x: svdvals(x) ** 2, 5 * turned), 10 * turned, atol=1e-14)


def test_singular_values_of_zero_have_slope_zero():
    """As |x| at 0: the least of the slopes that would do."""
    assert_slopes(svdvals, np.zeros((2, 3)), np.zeros((2, 3)))
    assert_slopes(svdvals, np.diag([2.0, 0.0]), np.diag([1.0, 0.0]))


UNDEFINED = {
    "a repeated eigenvalue": lambda x: eigh(x).eigenvectors[0],
    "a repeated singular value": lambda x: svd(x).U[0],
    "second order": lambda x: (grad(eigvalsh(x)[0] * 3, x, create_graph=True) ** 2).sum(),
}


@pytest.mark.parametrize("function", UNDEFINED.values(), ids=UNDEFINED)
def test_vectors_of_repeated_values_have_no_gradient(function):
    """A gradient that arrives at such a vector is refused."""
    x = Tensor(np.eye(3), requires_grad=True)
    with pytest.raises(np.linalg.LinAlgError, match="more than once, or a singular value of 0"):
        function(x).sum().backward()


def test_forward_derivatives_of_what_is_undefined():
    """By a jvp they are NaN, those of what is defined beside it are right."""
    x, v = np.diag([1.0, 1.0, 3.0]), np.ones((3, 3))
    assert np.isnan(jvp(lambda x: eigh(x).eigenvectors[:, 0], (x,), (v,))[1]).all()
    assert np.isnan(jvp(lambda x: svd(x).Vh[2], (x,), (v,))[1]).all()
    value, change = jvp(lambda x: eigh(x).eigenvectors[:, 2], (x,), (v,))
    np.testing.assert_allclose(change * np.sign(value[2]), [0.5, 0.5, 0], atol=1e-14)
    np.testing.assert_allclose(jvp(lambda x: eigvalsh(x).sum(), (x,), (v,))[1], 3, rtol=1e-14)


def test_a_vector_beside_repeated_values_has_its_gradient(rng):
    """Principal components: with more features than samples many eigenvalues are 0, and the largest has its vector yet."""
    samples, along = rng.normal(size=(3, 5)), rng.normal(size=5)

    def by_eigh(x):
        centred = x - x.mean(0)
        return (np.linalg.eigh(centred.T @ centred)[1][:, -1] @ along) ** 2

    def by_svd(x):
        return (np.linalg.svd(x - x.mean(0), full_matrices=False)[2][0] @ along) ** 2

    (expected,) = numeric_gradients(by_eigh, [samples])
    for function in (by_eigh, by_svd):
        np.testing.assert_allclose(slopes(function, samples), expected, rtol=1e-6, atol=1e-8)


def test_gradients_stand_in_the_triangle_that_is_read():
    """What NumPy does not read has no gradient; what stands for both places has that of both."""
    assert_slopes(lambda x: eigvalsh(x)[1], [[2.0, 99.0], [1.0, 2.0]], [[0.5, 0], [1, 0.5]], rtol=1e-14)
    assert_slopes(lambda x: eigvalsh(x, "U")[1], [[2.0, 1.0], [99.0, 2.0]], [[0.5, 1], [0, 0.5]], rtol=1e-14)


def test_cholesky_reads_the_lower_triangle():
    """What NumPy does not read has no gradient; what stands for both places has that of both."""
    assert_slopes(lambda x: cholesky(x)[1, 0], [[4.0, 99.0], [2.0, 5.0]], [[-0.125, 0], [0.5, 0]])
    assert_slopes(lambda x: cholesky(x, upper=True)[0, 1], [[4.0, 2.0], [99.0, 5.0]], [[-0.125, 0.5], [0, 0]])


W = Tensor(np.arange(6.0).reshape(3, 2), requires_grad=True, name="W")
C = (Tensor(np.eye(2), requires_grad=True) * 1j).named("C")
REFUSED = [
    (lambda: svd(W), ValueError, "full_matrices=True. has no gradient for 'W' of shape .3, 2.*\n.*full_matrices=False"),
    (lambda: svd(W.T @ W, hermitian=True), ValueError, "hermitian=True. has no gradient.*eigh"),
    (lambda: qr(W, "complete"), ValueError, "mode='complete'. has no gradient for 'W' .*\n.*reduced"),
    (lambda: qr(W, "raw"), ValueError, "mode='raw'. has no gradient"),
    (lambda: qr(W, "thin"), ValueError, "no mode of qr 'thin'; there are reduced, complete, r, raw"),
    (lambda: eigh(W.T @ W, "X"), ValueError, "no triangle UPLO 'X'; there are L, U"),
    (lambda: eigh(W), np.linalg.LinAlgError, "eigh.* cannot be computed for x = 'W' of shape .3, 2.*square"),
    *((lambda f=f: f(C), TypeError, "no gradient for complex numbers, and 'C' of shape") for f in (svd, eigh, eigvalsh, qr)),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_what_has_no_gradient_is_refused(call, error, words):
    """Arguments of NumPy's whose results have no gradient are refused where one is required, with the way out."""
    with pytest.raises(error, match=words):
        call()


def test_without_gradients_all_is_numpys():
    """Where nothing is recorded, each argument of NumPy's gives what NumPy gives, also of complex numbers."""
    x = W.numpy()
    with no_grad():
        for received, expected in [
            (svd(W), np.linalg.svd(x)),
            (svd(W.T @ W, hermitian=True), np.linalg.svd(x.T @ x, hermitian=True)),
            (qr(W, "complete"), np.linalg.qr(x, "complete")),
            (qr(W, "raw"), np.linalg.qr(x, "raw")),
            (eigh(C), np.linalg.eigh(C.data)),
            ([eigvalsh(C)], [np.linalg.eigvalsh(C.data)]),
        ]:
            for part, array in zip(received, expected, strict=True):
                assert type(part) is Tensor and not part.requires_grad
                np.testing.assert_array_equal(part.data, array)


def test_dependent_columns_have_no_qr():
    """Where the first columns depend on each other, Q and R have no derivative; further columns may."""
    x = Tensor([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], requires_grad=True)
    with pytest.raises(np.linalg.LinAlgError, match="the first columns of the matrix depend on each other"):
        qr(x).R.sum().backward()
    wide = Tensor([[1.0, 0.0, 2.0], [1.0, 1.0, 2.0]], requires_grad=True)
    qr(wide).R.sum().backward()
    assert np.isfinite(wide.grad).all()


@pytest.mark.parametrize("function", [eigh, svd, qr])
def test_writers_of_source_refuse_them_by_name(function):
    """Whether there is a gradient hangs on the values, so no source is written."""
    x = Tensor([[2.0, 0.5], [0.5, 1.0]], requires_grad=True, name="x")
    says = message(TypeError, lambda: unroll((function(x)[1] ** 2).sum(), [x]))
    assert f"np.linalg.{function.__name__}() is not written as NumPy source" in says


def test_empty_matrices():
    """Of nothing there is nothing, without an error."""
    for shape in ((0, 0), (2, 0, 0)):
        x = Tensor(np.zeros(shape), requires_grad=True)
        values, vectors = eigh(x)
        (values.sum() + vectors.sum() + svdvals(x).sum()).backward()
        assert x.grad.shape == shape


@pytest.mark.parametrize(
    "function", [np.linalg.svd, np.linalg.svdvals, np.linalg.pinv, np.linalg.cond, lambda x: np.linalg.lstsq(x, np.ones(3))]
)
def test_infinite_matrices_are_refused(function):
    """A matrix with inf in it, whose singular values LAPACK may look for without end, is refused at once."""
    x = np.random.default_rng(1).normal(size=(3, 3))
    x[0, 1] = x[2, 2] = np.inf
    with pytest.raises(np.linalg.LinAlgError, match="inf in the matrix"):
        function(Tensor(x, requires_grad=True))
