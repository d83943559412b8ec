"""Operations one by one at the edges of calculus, in microgradnn and in PyTorch: where they differ, and why.

Each difference is deliberate, and stands here with both results: an entry that no longer differs fails, as does a new
difference. NaN is left out: from a NaN comes a NaN in both, and what slope it has, or one that comes out, says nothing.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engines import BINARY, UNARY

import microgradnn as mg
from microgradnn import Tensor

inf, nan = np.inf, np.nan

AT = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 0.7, 2.0, -2.0, 3.0, -30.0, 1000.0, -1000.0, 1e-300, -1e-300, 1e300, -1e300, inf, -inf]
PAIRS_AT = [(x, y) for x in (0.0, 1.0, -1.0, 2.0, -2.0, inf, -inf) for y in (0.0, 1.0, -1.0, 2.0, -2.0, inf, -inf)]
FORMULA = "the same derivative by another formula: the last digits of something tiny"

# (operation, operands): (slopes here, slopes in PyTorch, why)
DIFFERENCES = {
    ("expm1", (-30.0,)): ([9.357622968840175e-14], [9.35918009759007e-14], f"{FORMULA}; here it is eˣ"),
    ("elu", (-30.0,)): ([9.35918009759007e-14], [9.357622968840175e-14], f"{FORMULA}; here it is z + α"),
    ("sinc", (1e-300,)): ([-3.289868133696452e-300], [0.0], "−π²x/3, which PyTorch takes for 0"),
    ("sinc", (-1e-300,)): ([3.289868133696452e-300], [0.0], "−π²x/3, which PyTorch takes for 0"),
    ("clip", (-0.5,)): ([0.5], [1.0], "at a bound x ties with it, and they share, as in minimum(maximum(x, lo), hi)"),
    ("clip", (0.7,)): ([0.5], [1.0], "at a bound x ties with it, and they share, as in minimum(maximum(x, lo), hi)"),
    ("hypot", (0.0, 0.0)): ([0.0, 0.0], [nan, nan], "the subgradient of least norm, as for norm"),
    **{
        (name, (x, x)): ([share, share], [nan, nan], why)
        for name in ("logaddexp", "logaddexp2")
        for x, share, why in (
            (-inf, 0.0, "nothing is added to nothing, as in logsumexp"),
            (inf, 0.5, "a tie, as of any numbers"),
        )
    },
    **{
        (name, (x, x)): ([0.5, 0.5], [1.0, 0.0], "a tie, which they share, as in maximum and minimum")
        for name in ("fmax", "fmin")
        for x in (0.0, 1.0, -1.0, 2.0, -2.0, inf, -inf)
    },
    **{
        ("remainder", (x, y)): ([1.0, nan], [1.0, 1.0], "the value is infinite")
        for x, y in ((1.0, -inf), (2.0, -inf), (-1.0, inf), (-2.0, inf))
    },
    **{(name, (inf,)): ([1.0], [nan], "the limit, where PyTorch multiplies 0 by ∞") for name in ("silu", "gelu", "gelu tanh")},
}
# No digit of sin πx is known there; x ** (1/3) is no cbrt at 0; the angle of −0.0 is π here, as in NumPy, and 0 in PyTorch;
# at −∞ also the values of three are NaN in PyTorch.
LEFT_OUT = {("sinc", 1e300), ("sinc", -1e300), ("cbrt", 0.0), ("angle", 0.0)}
LEFT_OUT |= {("silu", -inf), ("gelu", -inf), ("gelu tanh", -inf)}
CASES = [(name, (x,)) for name in UNARY for x in AT if name != "cbrt" and (name, x) not in LEFT_OUT]
CASES += [(name, pair) for name in BINARY for pair in PAIRS_AT]


def same(ours, theirs):
    return np.allclose(ours, theirs, rtol=1e-12, atol=0, equal_nan=True)


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_slopes_at_edges(name):
    """Values and slopes at 0, ±∞, large, small and tied operands are PyTorch's, but for the differences listed."""
    ours, theirs = (UNARY | BINARY)[name][:2]
    for operands in [operands for operation, operands in CASES if operation == name]:
        xs = [Tensor(x, requires_grad=True) for x in operands]
        ys = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in operands]
        with np.errstate(all="ignore"):
            z, w = ours(*xs), theirs(*ys)
            z.backward(2.0)
        w.backward(torch.tensor(2.0, dtype=torch.float64))
        agree = np.allclose(z.data, w.item(), rtol=1e-12, atol=1e-16, equal_nan=True)
        assert agree, f"{name}{operands}: {z.data} here, {w.item()} in PyTorch"
        if np.isnan(z.data):
            continue
        here, there = [x.grad / 2 for x in xs], [y.grad.item() / 2 for y in ys]
        if (name, operands) in DIFFERENCES:
            stated_here, stated_there, _ = DIFFERENCES[name, operands]
            assert same(here, stated_here) and same(there, stated_there), f"{name}{operands}: {here} here, {there} in PyTorch"
            assert not same(here, there)
        else:
            assert same(here, there), f"{name}{operands}: {here} here, {there} in PyTorch"


def vector_norm(**options):
    return lambda x: torch.linalg.vector_norm(x, **options)


def matrix_norms(order):
    return lambda x: mg.matrix_norm(x, ord=order), lambda x: torch.linalg.matrix_norm(x, order)


# name: (here, in PyTorch, x)
ALONG_AN_AXIS = {
    "max of ties": (lambda x: mg.ops.max(x, 0), lambda x: x.amax(0), [2.0, 1.0, 2.0, 2.0]),
    "min of ties": (lambda x: mg.ops.min(x, 0), lambda x: x.amin(0), [1.0, 1.0, 2.0, 1.0]),
    "max of -inf": (lambda x: mg.ops.max(x, 0), lambda x: x.amax(0), [-inf, -inf]),
    "norm at 0": (mg.norm, vector_norm(), [0.0, 0.0]),
    "norm 1 at 0": (lambda x: mg.norm(x, 1), vector_norm(ord=1), [0.0, -2.0]),
    "norm inf of ties": (lambda x: mg.norm(x, inf), vector_norm(ord=inf), [3.0, -3.0, 1.0]),
    "prod with a zero": (lambda x: mg.prod(x, 0), lambda x: x.prod(0), [2.0, 0.0, 3.0]),
    "prod with two zeros": (lambda x: mg.prod(x, 0), lambda x: x.prod(0), [0.0, 2.0, 0.0]),
    "cumprod with zeros": (lambda x: mg.cumprod(x, 0), lambda x: x.cumprod(0), [2.0, 0.0, 3.0, 0.0, 4.0]),
    "var of a constant": (mg.var, lambda x: x.var(correction=0), [2.0, 2.0]),
    "var of one, ddof 1": (lambda x: mg.var(x, ddof=1), lambda x: x.var(correction=1), [2.0]),
    "softmax of large": (mg.softmax, lambda x: x.softmax(0), [1000.0, 0.0, -1000.0]),
    "softmax with -inf": (mg.softmax, lambda x: x.softmax(0), [-inf, 0.0, 1.0]),
    "log_softmax with -inf": (mg.log_softmax, lambda x: x.log_softmax(0), [-inf, 0.0, 1.0]),
    "logsumexp with -inf": (mg.logsumexp, lambda x: x.logsumexp(0), [-inf, 0.0, 1.0]),
    "sort of ties": (mg.sort, lambda x: x.sort(stable=True).values, [2.0, 1.0, 2.0, 1.0]),
    "det of a singular matrix": (mg.det, torch.linalg.det, [[1.0, 2.0], [2.0, 4.0]]),
    "det of zeros": (mg.det, torch.linalg.det, [[0.0, 0.0], [0.0, 0.0]]),
    "x of no elements": (lambda x: mg.ops.sum(x) + 1, lambda x: x.sum() + 1, []),
    "max_pool2d of ties": (
        lambda x: mg.max_pool2d(x, 2),
        lambda x: torch.nn.functional.max_pool2d(x[None], 2)[0],
        [[1.0] * 2] * 2,
    ),
    "std of a constant": (mg.std, lambda x: x.std(correction=0), [2.0, 2.0]),
    "logsumexp of -inf alone": (mg.logsumexp, lambda x: x.logsumexp(0), [-inf, -inf]),
    "max of ties along an axis": (lambda x: mg.ops.max(x, 0), lambda x: x.max(0).values, [1.0, 1.0]),
    "median of an even number": (mg.median, torch.median, [1.0, 2.0, 3.0, 3.5]),
    "median of an odd number": (mg.median, torch.median, [1.0, 2.0, 5.0]),
    "quantile between two": (lambda x: mg.quantile(x, 0.3), lambda x: x.quantile(0.3), [1.0, 2.0, 5.0, 4.0]),
    "nansum": (mg.nansum, torch.nansum, [1.0, nan]),
    "nanmean": (mg.nanmean, torch.nanmean, [1.0, nan, 3.0]),
    "nanquantile": (lambda x: mg.nanquantile(x, 0.3), lambda x: x.nanquantile(0.3), [1.0, nan, 3.0]),
    "Frobenius norm of zeros": (mg.matrix_norm, torch.linalg.matrix_norm, [[0.0, 0.0], [0.0, 0.0]]),
    "nuclear norm of zeros": (*matrix_norms("nuc"), [[0.0, 0.0], [0.0, 0.0]]),
    "spectral norm of zeros": (*matrix_norms(2), [[0.0, 0.0], [0.0, 0.0]]),
    "norm by rows of zeros": (*matrix_norms(inf), [[0.0, 0.0], [0.0, 0.0]]),
    "cholesky": (mg.cholesky, torch.linalg.cholesky, [[2.0, 1.0], [1.0, 3.0]]),
    "eigvalsh": (mg.eigvalsh, torch.linalg.eigvalsh, [[2.0, 1.0], [1.0, 3.0]]),
    "logsumexp with inf": (mg.logsumexp, lambda x: x.logsumexp(0), [inf, 0.0]),
}
DIFFERENT_ALONG_AN_AXIS = {
    "max_pool2d of ties": "here they share the gradient, as in max; in PyTorch the first takes it all",
    "det of a singular matrix": "here the cofactors, which are its gradient everywhere; in PyTorch 0",
    "logsumexp of -inf alone": "here 0, and in PyTorch NaN",
    "max of ties along an axis": "here they share the gradient; in PyTorch the first takes it all, but not of amax",
    "median of an even number": "here the mean of two, as in NumPy; in PyTorch the lower one",
    "nuclear norm of zeros": "here the subgradient of least norm, as for all norms; in PyTorch the identity",
    "spectral norm of zeros": "here the subgradient of least norm, as for all norms; in PyTorch half the identity",
    "cholesky": "here the gradient stands in the triangle that is read; in PyTorch half of it in each",
    "eigvalsh": "here the gradient stands in the triangle that is read; in PyTorch half of it in each",
}


@pytest.mark.filterwarnings("ignore:.*degrees of freedom is <= 0:UserWarning")  # PyTorch says so of ddof = n
@pytest.mark.parametrize("name", ALONG_AN_AXIS)
def test_slopes_along_an_axis_at_edges(name, rng):
    """Ties, zeros and infinities along an axis have PyTorch's values and gradients, but for the differences listed."""
    ours, theirs, x = ALONG_AN_AXIS[name]
    x = np.array(x)
    xs, ys = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    with np.errstate(all="ignore"):
        z, w = ours(xs), theirs(ys)
        dz = rng.normal(size=z.shape)
        z.backward(dz)
    w.backward(torch.tensor(dz))
    same_value = np.allclose(z.data, w.detach().numpy(), rtol=1e-12, atol=1e-15, equal_nan=True)
    assert same_value == (name != "median of an even number")
    agree = np.allclose(xs.grad, ys.grad.numpy(), rtol=1e-12, atol=1e-15, equal_nan=True)
    assert agree == (name not in DIFFERENT_ALONG_AN_AXIS), f"{xs.grad} here, {ys.grad.numpy()} in PyTorch"
