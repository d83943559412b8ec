"""Products: what does not fit is refused, in words that say why."""

import numpy as np
import pytest
from messages import W, b, message

from microgradnn import Tensor, cross, inner, matvec, tensordot, vdot, vecdot, vecmat


def test_matrices_that_do_not_fit():
    """A product says which axes must agree."""
    assert message(ValueError, lambda: W @ b) == (
        "matmul cannot be computed for x = 'W' of shape (2, 3), y = 'b' of shape (4,): the shapes do not fit.\n"
        "The last axis of x must be as long as the second-to-last axis of y (its only one if y is 1-D): transpose one of them?"
    )
    assert message(ValueError, lambda: W @ 2) == (
        "matmul cannot be computed for x = 'W' of shape (2, 3), y = the number 2: a number has no axis to sum over.\n"
        "Use * instead of @."
    )


ROW = Tensor([1.0, 2.0, 3.0], name="row")
COMPLEX = Tensor([1j, 2, 3], name="c")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: tensordot(W, b), np.exceptions.AxisError, "tensordot: axis 1 is out of bounds"),
        (lambda: tensordot(W, W, 1), ValueError, r"'W' of shape \(2, 3\) and 'W'.*the axes \(1,\) of the first have other"),
        (lambda: tensordot(W, W, (0, 5)), np.exceptions.AxisError, "tensordot: axis 5"),
        (lambda: inner(W, b), ValueError, "tensordot cannot be computed for 'W'"),
        (lambda: vdot(W, b), ValueError, "matmul cannot be computed"),
        (lambda: vecdot(W, ROW[:1]), ValueError, "vecdot cannot be computed for 'W'.*: the vectors differ in length"),
        (lambda: vecdot(2.0, ROW), ValueError, "vecdot cannot be computed for the number 2.0: it needs 1 axes or more"),
        (lambda: matvec(ROW, ROW), ValueError, "matvec cannot be computed for 'row' of shape .3,.: it needs 2 axes or more"),
        (lambda: vecmat(ROW, ROW), ValueError, "vecmat cannot be computed for 'row'"),
        (
            lambda: cross(b, b),
            ValueError,
            "cross is for vectors of three numbers, along the last axis; .* of shape .4,.*\nIn the plane",
        ),
        (lambda: np.linalg.outer(W, ROW), ValueError, "np.linalg.outer is for vectors; it was given 'W'.* np.outer flattens"),
        (lambda: W[0].mT, ValueError, "matrix_transpose, and .mT, need two axes or more"),
        *(
            (lambda f=f: f(COMPLEX, COMPLEX), TypeError, "complex numbers is not computed: 'c' of shape")
            for f in (vdot, vecdot)
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, error, words):
    """The message names the operation, the operands or their shapes, and what they would have to be."""
    with pytest.raises(error, match=words):
        call()


def test_a_vector_of_length_one_is_not_repeated():
    """Unlike a product of elements, a scalar product does not stretch the shorter vector; a batch broadcasts."""
    with pytest.raises(ValueError, match="differ in length"):
        np.vecdot(ROW, Tensor([2.0]))
    assert np.vecdot(Tensor(np.ones((2, 1, 3))), Tensor(np.ones((4, 3)))).shape == (2, 4)


def test_the_transpose_of_each_matrix(rng):
    """x.mT exchanges the last two axes, and the gradient goes back the same way."""
    x, weights = Tensor(rng.normal(size=(2, 3, 4)), requires_grad=True), rng.normal(size=(2, 4, 3))
    (x.mT * weights).sum().backward()
    np.testing.assert_array_equal(x.mT.data, x.data.mT)
    np.testing.assert_array_equal(x.grad, weights.mT)


def test_what_is_about_values_or_shapes_alone():
    """The rank of a matrix and the order of an einsum are plain, of Tensors too."""
    x = Tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    assert np.linalg.matrix_rank(x) == 1
    assert np.einsum_path("ij,jk->ik", x, x)[0] == ["einsum_path", (0, 1)]


LENGTHS = [(0,), (0, 3), (3, 0), (2, 0, 3), (0, 0), (1, 0), (3,), (2, 3), ()]


@pytest.mark.parametrize("function", [np.dot, np.matmul, np.outer])
@pytest.mark.parametrize("shape_y", LENGTHS)
@pytest.mark.parametrize("shape_x", LENGTHS)
def test_products_of_nothing(function, shape_x, shape_y):
    """A product over an axis of length 0 is 0, of NumPy's shape, and has gradients; what NumPy refuses, we refuse."""
    x, y = (Tensor(np.ones(shape), requires_grad=True) for shape in (shape_x, shape_y))
    try:
        expected = function(x.data, y.data)
    except ValueError:
        with pytest.raises(ValueError):
            function(x, y)
        return
    z = function(x, y)
    np.testing.assert_array_equal(z.data, expected)
    assert z.shape == np.shape(expected)
    z.backward(np.ones(z.shape))
    assert (x.grad.shape, y.grad.shape) == (shape_x, shape_y)
