"""Differences between neighbours: NumPy's values and gradients are held by test_numpy.py, here is what is beside them."""

import numpy as np
from networks import leaf

from microgradnn import cumsum, diff, unroll


def test_cumsum_undoes_diff():
    """The sums of the differences are what they were made of."""
    x = leaf(np.random.default_rng(0).normal(size=(3, 5)))
    z = cumsum(diff(x, axis=1, prepend=0.0), axis=1)
    np.testing.assert_allclose(z.data, x.data, rtol=1e-14)
    z.sum().backward()
    np.testing.assert_allclose(x.grad, np.ones((3, 5)), atol=1e-15)


def test_differences_of_differences_can_be_unrolled():
    """A penalty on curvature, as NumPy source."""
    x = leaf(np.arange(5.0) ** 3).named("x")
    by_hand = unroll((diff(x, n=2) ** 2).sum(), [x])
    (diff(x, n=2) ** 2).sum().backward()
    np.testing.assert_allclose(by_hand(x)[1][0], x.grad)
    assert "np.diff" in by_hand.source


def test_no_differences():
    """Of too few elements there are none, and the gradient is 0."""
    for shape, n in (((2, 0), 1), ((2, 3), 4)):
        x = leaf(np.ones(shape))
        diff(x, n).sum().backward()
        assert x.grad.shape == shape
        assert not x.grad.any()


def test_single_precision_stays():
    """Neither the zeros around the gradient nor a number beside x make float64 of float32."""
    x = leaf(np.arange(4, dtype=np.float32))
    z = diff(x, prepend=np.float32(1))
    z.sum().backward()
    assert z.dtype == x.grad.dtype == np.float32
