"""One row for every operation: how to draw an instance of it with arrays to apply it to.

The tests of test_ops.py hold for each row, and one of them fails while an operation has none. For most a row is one line:
which values its operands may have. `check_op` is what holds a rule against differences; test_ops.py proves that it fails
on wrong ones.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from hypothesis.strategies import SearchStrategy
from strategies import (
    STEP,
    above_one,
    assert_gradient,
    axes,
    complex_gradients,
    fraction,
    generators,
    indices,
    invertible,
    is_floating,
    mask,
    nonzero,
    numeric_gradients,
    off_whole,
    one_axis,
    positive,
    positive_definite,
    real,
    shapes,
    some_zeros,
    spaced,
    whole,
    with_values,
)

from microgradnn import Tensor, grad, ops
from microgradnn.errors import operand_letters


class Row(NamedTuple):
    """How an operation is tested."""

    cases: SearchStrategy  # draws (op, [array, ...])
    complex_step: bool = False  # whether forward takes complex numbers and is analytic
    is_written: bool = True  # whether programs are written of it
    numbers_only: str = ""  # why the rules cannot run on symbols, if they cannot; formulas then give way to numbers


# Ways to draw a case: an operation, and the arrays it is applied to


@st.composite
def elementwise(draw, op, *operands):
    """Operands of shapes that broadcast; each is a function of values (real, nonzero, positive, mask)."""
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=len(operands), max_dims=3, max_side=3))
    rng = draw(generators)
    return op, [values(shape, rng, i) for i, (values, shape) in enumerate(zip(operands, drawn.input_shapes, strict=True))]


@st.composite
def with_parameters(draw, parameters, values=real, min_dims=0):
    """One operand, and the operation drawn to suit its shape."""
    shape = draw(shapes(min_dims))
    return draw(parameters(shape)), [values(shape, draw(generators))]


def reduction(op_class):
    """An operation that takes `axis` (none, one or several) and `keepdims`."""
    return with_parameters(lambda shape: st.builds(op_class, axes(shape), st.booleans()))


def along_axis(op_class):
    """An operation that takes one axis."""
    return with_parameters(lambda shape: st.builds(op_class, one_axis(shape)), min_dims=1)


def reshapes(shape):
    size = int(np.prod(shape))
    return st.sampled_from([(size,), (-1,), shape[::-1], (1, size), (*shape, 1)]).map(ops.Reshape)


def transposes(shape):
    negative = [axis - len(shape) for axis in range(len(shape))]
    orders = st.permutations(range(len(shape))) | st.permutations(negative)
    return st.builds(ops.Transpose, st.none() | orders.map(tuple))


def broadcasts(shape):
    others = hnp.broadcastable_shapes(shape, max_dims=3, max_side=3)
    return others.map(lambda other: ops.BroadcastTo(np.broadcast_shapes(shape, other)))


def expansions(shape):
    ndim = len(shape) + 1
    return st.sampled_from([*range(-ndim, ndim), (0, ndim), (-1, 0)]).map(ops.ExpandDims)


def squeezes(shape):
    ones = [axis for axis, length in enumerate(shape) if length == 1]
    return st.sampled_from([None, *ones, *(axis - len(shape) for axis in ones), tuple(ones)]).map(ops.Squeeze)


def pickings(shape):
    return indices(shape).map(ops.Getitem)


@st.composite
def scatterings(draw):
    shape = draw(shapes())
    index = draw(indices(shape))
    return ops.Scatter(index, shape), [real(np.shape(np.zeros(shape)[index]), draw(generators))]


@st.composite
def assignments(draw, op_class, repeating):
    shape, rng = draw(shapes()), draw(generators)
    index = draw(indices(shape).filter(lambda index: repeating or is_each_once(index, shape)))
    return op_class(index), [real(shape, rng), real(np.shape(np.zeros(shape)[index]), rng, 1)]


@st.composite
def insertions(draw):
    shape, rng = draw(shapes(min_dims=1)), draw(generators)
    axis = draw(st.integers(0, len(shape) - 1))
    new = np.array(draw(st.permutations([False] * shape[axis] + [True] * draw(st.integers(1, 2)))))
    before = (slice(None),) * axis
    longer = (*shape[:axis], new.size, *shape[axis + 1 :])
    values = np.zeros(longer)[(*before, new)]
    return ops.Insert((*before, new), (*before, ~new), longer), [real(shape, rng), real(values.shape, rng, 1)]


def is_each_once(index, shape):
    """Whether an index picks no element twice."""
    picked = np.arange(np.prod(shape, dtype=int)).reshape(shape)[index]
    return np.unique(picked).size == np.size(picked)


@st.composite
def matrix_products(draw):
    """Rows, columns, matrices and batches that broadcast."""
    drawn = draw(hnp.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, max_side=3))
    rng = draw(generators)
    return ops.Matmul(), [real(shape, rng, i) for i, shape in enumerate(drawn.input_shapes)]


@st.composite
def cross_products(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3))
    rng = draw(generators)
    return ops.Cross(), [real((*shape, 3), rng, i) for i, shape in enumerate(drawn.input_shapes)]


@st.composite
def affine_maps(draw):
    """A sample or batches of them, a matrix, and one bias for each output or for all."""
    k, m = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rng = draw(generators)
    shape_b = draw(st.sampled_from([(m,), (1,), ()]))
    return ops.Affine(), [real((*draw(shapes(max_dims=2)), k), rng), real((k, m), rng, 1), real(shape_b, rng, 2)]


@st.composite
def concatenations(draw):
    shape, rng = draw(shapes(min_dims=1)), draw(generators)
    axis = draw(one_axis(shape))
    lengths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    at = axis % len(shape)
    arrays = [real((*shape[:at], length, *shape[at + 1 :]), rng) for length in lengths]
    return ops.Concatenate(axis, np.cumsum(lengths).tolist()), arrays


@st.composite
def stacks(draw):
    shape, rng = draw(shapes()), draw(generators)
    count = draw(st.integers(1, 3))
    return ops.Stack(draw(one_axis((*shape, 1))), count), [real(shape, rng) for _ in range(count)]


def conversions(shape):
    return st.sampled_from([np.float64, np.longdouble]).map(ops.Astype)  # exact, so that differences can be taken


def along_axis_with_zeros(op_class):
    """An operation that takes one axis, of numbers among which are zeros."""
    return with_parameters(lambda shape: st.builds(op_class, one_axis(shape)), some_zeros, min_dims=1)


def spreads(op_class):
    """var or std over any axes, with fewer lost degrees of freedom than there are."""
    return lambda shape: st.builds(op_class, axes(shape), st.sampled_from([0, 0.5]), st.booleans())


def quantiles(shape):
    q = st.sampled_from([np.array(0.3), np.array(1), np.array([0.2, 0.55])])
    methods = st.sampled_from(["linear", "nearest", "hazen"])
    return st.builds(ops.Quantile, q, axes(shape), st.booleans(), methods, st.booleans())


@st.composite
def rolls(draw, shape):
    shifts = st.integers(-3, 3)
    if draw(st.booleans()):
        return ops.Roll((draw(shifts),), None)
    chosen = draw(st.lists(st.integers(0, len(shape) - 1), max_size=2))
    return ops.Roll(tuple(draw(shifts) for _ in chosen), tuple(chosen))


def tiles(shape):
    lengths = st.sampled_from([shape, (1, *shape)])
    return lengths.flatmap(lambda all_: st.builds(ops.Tile, st.just(all_), st.tuples(*[st.integers(1, 2)] * len(all_))))


def traces(shape):
    return st.integers(-2, 2).map(ops.Trace)


def products(shape):
    return st.builds(ops.Prod, one_axis(shape), st.booleans())


def pads(shape):
    widths = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=len(shape), max_size=len(shape))
    return st.builds(ops.Pad, widths.map(tuple), st.sampled_from([0, 1.5]))


@st.composite
def matrices(draw, op, values, batch_dims=1):
    """One square matrix, or a batch of them."""
    side = draw(st.integers(1, 3))
    batch = draw(shapes(max_dims=batch_dims))
    return op, [values((*batch, side, side), draw(generators))]


@st.composite
def systems(draw):
    """Matrices a and columns b; the axes in front broadcast."""
    drawn = draw(hnp.mutually_broadcastable_shapes(signature="(n,n),(n,k)->(n,k)", max_dims=1, max_side=3))
    rng = draw(generators)
    return ops.Solve(), [values(shape, rng) for values, shape in zip((invertible, real), drawn.input_shapes, strict=True)]


@st.composite
def decompositions(draw, op, wide=False):
    """A matrix with singular values 1, 2, 3 or so, or a batch, with more rows than columns or, for some, fewer."""
    side, more = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    x = with_values((*draw(shapes(max_dims=1)), side + more, side), draw(generators))
    x = x.swapaxes(-1, -2) if wide and draw(st.booleans()) else x
    assume(not signs_may_change(op, x))
    return op, [x]


@st.composite
def least_squares(draw):
    """A matrix with singular values 1, 2, 3 or so, with more rows than columns or fewer, and a right-hand side."""
    _, [a] = draw(decompositions(ops.Svdvals(), wide=True).filter(lambda case: case[1][0].ndim == 2))
    return ops.Lstsq(), [a, real((len(a), *draw(st.sampled_from([(), (1,), (2,)]))), draw(generators), 1)]


@st.composite
def residuals(draw):
    m, n, k = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    rng = draw(generators)
    return ops.SquaredResiduals(), [real((m, n), rng), real((n, k), rng, 1), real((m, k), rng, 2)]


@st.composite
def trapezoids(draw):
    """Values and places, of one axis or of as many as the values."""
    shape, rng = draw(shapes(min_dims=1)), draw(generators)
    axis = draw(one_axis(shape))
    at = axis % len(shape)
    along = tuple(length if i == at else 1 for i, length in enumerate(shape))
    return ops.Trapezoid(axis), [real(shape, rng), real(draw(st.sampled_from([shape, along])), rng, 1)]


@st.composite
def interpolations(draw):
    """Places between points that are about 1 apart, and beyond their ends."""
    n, rng = draw(st.integers(1, 4)), draw(generators)
    x = rng.integers(-1, n, draw(shapes())) + rng.uniform(0.3, 0.7)
    return ops.Interp(), [x, np.arange(n) + rng.uniform(-0.2, 0.2, n), real((n,), rng, 1)]


@st.composite
def gradients_along(draw):
    """Values with two or more along an axis."""
    shape = draw(shapes(min_dims=1))
    axis = draw(one_axis(shape))
    longer = tuple(length + 1 if i == axis % len(shape) else length for i, length in enumerate(shape))
    return ops.UnitGradient(axis), [real(longer, draw(generators))]


@st.composite
def correlations(draw):
    """A row, and one that is not longer."""
    n, more, rng = draw(st.integers(1, 3)), draw(st.integers(0, 3)), draw(generators)
    return ops.Correlate(), [real((n + more,), rng), real((n,), rng, 1)]


@st.composite
def masked_spreads(draw, op_class):
    """var or std of those elements that a mask leaves: along each axis one or more."""
    shape, rng = draw(shapes()), draw(generators)
    op, left = draw(spreads(op_class)(shape)), np.asarray(mask(shape, rng))
    left = left | ~left.any(axis=op.axis, keepdims=True)
    return op, [left, real(shape, rng, 1)]


@st.composite
def symmetric_matrices(draw, op_class=ops.Eigh):
    """Matrices whose eigenvalues are 1, 2, 3 or so, symmetric but for the triangle that is not read."""
    uplo, side, rng = draw(st.sampled_from("LU")), draw(st.integers(1, 3)), draw(generators)
    vectors = np.linalg.qr(rng.normal(size=(*draw(shapes(max_dims=1)), side, side)))[0]
    x = vectors * spaced(side, rng) @ vectors.swapaxes(-1, -2)
    x = x + (np.triu(x, 1) if uplo == "L" else np.tril(x, -1))
    op = op_class(uplo)
    assume(not signs_may_change(op, x))
    return op, [x]


def signs_may_change(op, x):
    """Whether LAPACK turns a vector around within a difference's step, or in lower precision: its sign is its own choice."""
    steps = [np.zeros(x.shape), *(STEP * np.eye(x.size) if x.size else [])]
    nearby = [x + sign * np.reshape(step, x.shape) for step in steps for sign in (1, -1)]
    return any(np.abs(op(y.astype(kind)) - op(x)).max() > 0.01 for y in nearby for kind in (float, np.float32))


@st.composite
def sums_of_products(draw):
    """Up to three operands with some of four letters each; lengths of 1 among them, which broadcast."""
    lengths = {letter: draw(st.integers(1, 3)) for letter in "ijkl"}
    words = draw(st.lists(st.lists(st.sampled_from("ijkl"), unique=True, max_size=3), min_size=1, max_size=3))
    rng = draw(generators)
    used = sorted({letter for word in words for letter in word})
    result = draw(st.lists(st.sampled_from(used), unique=True)) if used else []
    shapes = [tuple(1 if draw(st.integers(0, 4)) == 0 else lengths[letter] for letter in word) for word in words]
    optimize = draw(st.booleans()) and len(words) < 2  # with more, NumPy takes Symbols that stand alone out of their arrays
    op = ops.Einsum(",".join(map("".join, words)) + "->" + "".join(result), optimize)
    return op, [real(shape, rng, i) for i, shape in enumerate(shapes)]


steps = st.tuples(st.integers(1, 2), st.integers(1, 2))


@st.composite
def windows(draw):
    shape = draw(shapes(min_dims=2, max_dims=3))
    size = tuple(draw(st.integers(1, n)) for n in shape[-2:])
    return ops.Windows(size, draw(steps)), [real(shape, draw(generators))]


@st.composite
def pools(draw):
    op, operands = draw(windows())
    return ops.MaxPool2d(op.size, op.stride), operands


@st.composite
def overlays(draw):
    op, [image] = draw(windows())
    return ops.Overlay(op.stride, image.shape), [real(op(image).shape, draw(generators))]


@st.composite
def convolutions(draw):
    n, c, o, *image = (draw(st.integers(1, most)) for most in (2, 2, 2, 4, 3))
    size = [draw(st.integers(1, length)) for length in image]
    rng = draw(generators)
    return ops.Conv2d(draw(steps)), [real((n, c, *image), rng), real((o, c, *size), rng, 1)]


@st.composite
def sequences(draw):
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rng = draw(generators)
    return ops.Convolve(), [real((n,), rng), real((m,), rng, 1)]


def roundings(shape):
    return st.sampled_from([0, -1]).map(ops.Round)  # of numbers that are off whole ones, and between −3 and 3


def leaky_relus(shape):
    return st.sampled_from([0.01, 0, 0.5, -1, 2.0]).map(ops.LeakyRelu)


def elus(shape):
    return st.sampled_from([1.0, 0.5, 2]).map(ops.Elu)


def nowhere_undefined(shape):
    return st.just(ops.OnlyDefined(np.zeros((*shape[:-2], shape[-1]), bool), "eigh"))


SORTED = "what a number is next to in size is asked of numbers"
LAPACK = "the rule inverts a matrix or solves a system, which NumPy does in LAPACK, for numbers alone"

TABLE = {
    ops.Add: Row(elementwise(ops.Add(), real, real), complex_step=True),
    ops.Subtract: Row(elementwise(ops.Subtract(), real, real), complex_step=True),
    ops.Multiply: Row(elementwise(ops.Multiply(), real, real), complex_step=True),
    ops.Divide: Row(elementwise(ops.Divide(), real, nonzero), complex_step=True),
    ops.Negative: Row(elementwise(ops.Negative(), real), complex_step=True),
    ops.Power: Row(elementwise(ops.Power(), positive, real), complex_step=True),
    ops.Maximum: Row(elementwise(ops.Maximum(), real, real)),
    ops.Minimum: Row(elementwise(ops.Minimum(), real, real)),
    ops.Where: Row(elementwise(ops.Where(), mask, real, real), complex_step=True),
    ops.Logaddexp: Row(elementwise(ops.Logaddexp(), real, real)),
    ops.Logaddexp2: Row(elementwise(ops.Logaddexp2(), real, real)),
    ops.Exp: Row(elementwise(ops.Exp(), real), complex_step=True),
    ops.Exp2: Row(elementwise(ops.Exp2(), real), complex_step=True),
    ops.Expm1: Row(elementwise(ops.Expm1(), real), complex_step=True),
    ops.Log: Row(elementwise(ops.Log(), positive), complex_step=True),
    ops.Log2: Row(elementwise(ops.Log2(), positive), complex_step=True),
    ops.Log10: Row(elementwise(ops.Log10(), positive), complex_step=True),
    ops.Log1p: Row(elementwise(ops.Log1p(), positive), complex_step=True),
    ops.Sqrt: Row(elementwise(ops.Sqrt(), positive), complex_step=True),
    ops.Cbrt: Row(elementwise(ops.Cbrt(), nonzero)),
    ops.Square: Row(elementwise(ops.Square(), real), complex_step=True),
    ops.Reciprocal: Row(elementwise(ops.Reciprocal(), nonzero), complex_step=True),
    ops.Abs: Row(elementwise(ops.Abs(), real)),
    ops.Sign: Row(elementwise(ops.Sign(), real)),
    ops.Floor: Row(elementwise(ops.Floor(), off_whole)),
    ops.Ceil: Row(elementwise(ops.Ceil(), off_whole)),
    ops.Trunc: Row(elementwise(ops.Trunc(), off_whole)),
    ops.Round: Row(with_parameters(roundings, off_whole)),
    ops.FloorDivide: Row(elementwise(ops.FloorDivide(), off_whole, whole)),
    ops.Remainder: Row(elementwise(ops.Remainder(), off_whole, whole)),
    ops.Fmod: Row(elementwise(ops.Fmod(), off_whole, whole)),
    ops.Heaviside: Row(elementwise(ops.Heaviside(), nonzero, real)),
    ops.Copysign: Row(elementwise(ops.Copysign(), real, real)),
    ops.Erf: Row(elementwise(ops.Erf(), real)),
    ops.Astype: Row(with_parameters(conversions)),
    ops.Sin: Row(elementwise(ops.Sin(), real), complex_step=True),
    ops.Cos: Row(elementwise(ops.Cos(), real), complex_step=True),
    ops.Tan: Row(elementwise(ops.Tan(), fraction), complex_step=True),
    ops.Arcsin: Row(elementwise(ops.Arcsin(), fraction), complex_step=True),
    ops.Arccos: Row(elementwise(ops.Arccos(), fraction), complex_step=True),
    ops.Arctan: Row(elementwise(ops.Arctan(), real), complex_step=True),
    ops.Arctan2: Row(elementwise(ops.Arctan2(), nonzero, nonzero)),
    ops.Hypot: Row(elementwise(ops.Hypot(), nonzero, nonzero)),
    ops.Sinh: Row(elementwise(ops.Sinh(), real), complex_step=True),
    ops.Cosh: Row(elementwise(ops.Cosh(), real), complex_step=True),
    ops.Tanh: Row(elementwise(ops.Tanh(), real), complex_step=True),
    ops.Arcsinh: Row(elementwise(ops.Arcsinh(), real), complex_step=True),
    ops.Arccosh: Row(elementwise(ops.Arccosh(), above_one), complex_step=True),
    ops.Arctanh: Row(elementwise(ops.Arctanh(), fraction), complex_step=True),
    ops.Sinc: Row(elementwise(ops.Sinc(), real), complex_step=True),
    ops.Sigmoid: Row(elementwise(ops.Sigmoid(), real)),
    ops.Relu: Row(elementwise(ops.Relu(), real)),
    ops.LeakyRelu: Row(with_parameters(leaky_relus)),
    ops.Elu: Row(with_parameters(elus)),
    ops.Matmul: Row(matrix_products(), complex_step=True),
    ops.Cross: Row(cross_products(), complex_step=True),
    ops.Affine: Row(affine_maps(), complex_step=True),
    ops.SquaredDistance: Row(elementwise(ops.SquaredDistance(), real, real), complex_step=True),
    ops.MeanSquaredDistance: Row(elementwise(ops.MeanSquaredDistance(), real, real), complex_step=True),
    ops.LogisticLoss: Row(elementwise(ops.LogisticLoss(), real, real)),
    ops.Sum: Row(reduction(ops.Sum), complex_step=True),
    ops.Mean: Row(reduction(ops.Mean), complex_step=True),
    ops.Max: Row(reduction(ops.Max)),
    ops.Min: Row(reduction(ops.Min)),
    ops.Prod: Row(with_parameters(products, some_zeros, min_dims=1), complex_step=True),
    ops.Norm: Row(reduction(ops.Norm), complex_step=True),
    ops.OneNorm: Row(reduction(ops.OneNorm)),
    ops.PNorm: Row(reduction(partial(ops.PNorm, 3))),
    ops.Var: Row(with_parameters(spreads(ops.Var)), complex_step=True),
    ops.Std: Row(with_parameters(spreads(ops.Std)), complex_step=True),
    ops.Cumsum: Row(along_axis(ops.Cumsum), complex_step=True),
    ops.Cumprod: Row(along_axis_with_zeros(ops.Cumprod), complex_step=True),
    ops.Logsumexp: Row(reduction(ops.Logsumexp), complex_step=True),
    ops.Softmax: Row(along_axis(ops.Softmax), complex_step=True),
    ops.LogSoftmax: Row(along_axis(ops.LogSoftmax), complex_step=True),
    ops.Reshape: Row(with_parameters(reshapes), complex_step=True),
    ops.Transpose: Row(with_parameters(transposes), complex_step=True),
    ops.BroadcastTo: Row(with_parameters(broadcasts), complex_step=True),
    ops.ExpandDims: Row(with_parameters(expansions), complex_step=True),
    ops.Squeeze: Row(with_parameters(squeezes), complex_step=True),
    ops.Getitem: Row(with_parameters(pickings), complex_step=True),
    ops.Scatter: Row(scatterings(), complex_step=True),
    ops.SetAt: Row(assignments(ops.SetAt, repeating=False)),
    ops.MultiplyAt: Row(assignments(ops.MultiplyAt, repeating=False)),
    ops.AddAt: Row(assignments(ops.AddAt, repeating=True)),
    ops.Insert: Row(insertions()),
    ops.Trapezoid: Row(trapezoids(), complex_step=True),
    ops.UnitTrapezoid: Row(along_axis(ops.UnitTrapezoid), complex_step=True),
    ops.Unwrap: Row(along_axis(lambda axis: ops.Unwrap(None, axis, 2.5)), numbers_only=SORTED),
    ops.Median: Row(reduction(ops.Median), numbers_only=SORTED),
    ops.NanMedian: Row(reduction(ops.NanMedian), numbers_only=SORTED),
    ops.Quantile: Row(with_parameters(quantiles), numbers_only=SORTED),
    ops.Interp: Row(interpolations()),
    ops.Roll: Row(with_parameters(rolls, min_dims=1), complex_step=True),
    ops.Tile: Row(with_parameters(tiles), complex_step=True),
    ops.Trace: Row(with_parameters(traces, min_dims=2), complex_step=True),
    ops.NanMean: Row(reduction(ops.NanMean)),
    ops.NanMax: Row(reduction(ops.NanMax)),
    ops.NanMin: Row(reduction(ops.NanMin)),
    ops.MaskedVar: Row(masked_spreads(ops.MaskedVar)),
    ops.MaskedStd: Row(masked_spreads(ops.MaskedStd)),
    ops.Angle: Row(elementwise(ops.Angle(), real)),
    ops.Resize: Row(with_parameters(lambda _: st.builds(ops.Resize, shapes()))),
    ops.UnitGradient: Row(gradients_along(), complex_step=True),
    ops.Correlate: Row(correlations()),
    ops.Diff: Row(along_axis(ops.Diff), complex_step=True),
    ops.Concatenate: Row(concatenations(), complex_step=True),
    ops.Stack: Row(stacks(), complex_step=True),
    ops.Pad: Row(with_parameters(pads, min_dims=1), complex_step=True),
    ops.Einsum: Row(sums_of_products(), complex_step=True),
    ops.Solve: Row(systems(), complex_step=True, numbers_only=LAPACK),
    ops.Inv: Row(matrices(ops.Inv(), invertible), complex_step=True),
    ops.Det: Row(matrices(ops.Det(), invertible), complex_step=True, numbers_only=LAPACK),
    ops.Logabsdet: Row(matrices(ops.Logabsdet(), invertible), numbers_only=LAPACK),
    ops.Cofactors: Row(matrices(ops.Cofactors(), invertible), is_written=False, numbers_only=LAPACK),
    ops.Lstsq: Row(least_squares(), is_written=False, numbers_only=LAPACK),
    ops.SquaredResiduals: Row(residuals(), complex_step=True),
    ops.Svdvals: Row(decompositions(ops.Svdvals(), wide=True), is_written=False, numbers_only=LAPACK),
    ops.Pinv: Row(decompositions(ops.Pinv(), wide=True), is_written=False, numbers_only=LAPACK),
    ops.Qr: Row(decompositions(ops.Qr()), is_written=False, numbers_only=LAPACK),
    ops.Eigh: Row(symmetric_matrices(), is_written=False, numbers_only=LAPACK),
    ops.Eigvalsh: Row(symmetric_matrices(ops.Eigvalsh), is_written=False, numbers_only=LAPACK),
    ops.Svd: Row(decompositions(ops.Svd(), wide=True), is_written=False, numbers_only=LAPACK),
    ops.OnlyDefined: Row(with_parameters(nowhere_undefined, min_dims=2), is_written=False),
    ops.Cholesky: Row(matrices(ops.Cholesky(), positive_definite), numbers_only=LAPACK),
    ops.Windows: Row(windows(), complex_step=True),
    ops.Overlay: Row(overlays(), complex_step=True),
    ops.Convolve: Row(sequences(), complex_step=True),
    ops.Conv2d: Row(convolutions(), complex_step=True),
    ops.MaxPool2d: Row(pools()),
}


# What holds for every row


def check_op(op, arrays, rng):
    """Hold the rules of an operation against differences: first order, linearity in dz, second order.

    Always with a random upstream gradient: summing would take g² for g, since there every g is 1.

    Raises
    ------
    AssertionError
        That names function, input, element, received and expected.
    """
    dz = rng.normal(size=np.shape(op(*arrays)))
    check_first_order(op, arrays, dz)
    check_linearity(op, arrays, dz)
    check_second_order(op, arrays, dz, rng)


def check_first_order(op, arrays, dz):
    """The gradients of ⟨dz, z⟩ are its difference quotients."""
    compare(op, gradients(op, arrays, dz), numeric_gradients(projection(op, dz), arrays), "∂L/∂", "central differences")


def check_complex_step(op, arrays, dz):
    """The gradients of ⟨dz, z⟩ are its derivatives by complex step, to rounding."""
    compare(op, gradients(op, arrays, dz), complex_gradients(projection(op, dz), arrays), "∂L/∂", "complex step", rtol=1e-12)


def check_linearity(op, arrays, dz):
    """A vjp is linear in the upstream gradient: vjp(a·dz) = a·vjp(dz)."""
    a = -2.5
    expected = [dx if dx is None else a * dx for dx in gradients(op, arrays, dz)]
    compare(op, gradients(op, arrays, a * dz), expected, "linearity of ∂L/∂", "a·vjp(dz) for a = −2.5", rtol=1e-12)


def check_second_order(op, arrays, dz, rng):
    """Gradients of gradients, with respect to the inputs and to dz, are difference quotients of the gradients."""
    directions = [rng.normal(size=np.shape(x)) if is_floating(x) else None for x in arrays]

    def slope(*arrays_and_dz):
        *arrays, dz = arrays_and_dz
        return sum(np.sum(dx * u) for dx, u in zip(gradients(op, arrays, dz), directions, strict=True) if u is not None)

    leaves, upstream = as_leaves(arrays), Tensor(dz, requires_grad=True)
    firsts = grad(op(*leaves), [x for x in leaves if x.requires_grad], gradient=upstream, create_graph=True)
    sum((dx * u).sum() for dx, u in zip(firsts, [u for u in directions if u is not None], strict=True)).backward()
    leaves.append(upstream)
    received = [np.zeros(x.shape) if x.grad is None else x.grad for x in leaves]  # None: the slope does not depend on it
    expected = numeric_gradients(slope, [*arrays, dz])
    compare(op, received, expected, "second order: ∂/∂", "differences of the gradients")


def gradients(op, arrays, dz):
    """The gradients of ⟨dz, z⟩ by the rules of the operation; None for a mask."""
    leaves = as_leaves(arrays)
    op(*leaves).backward(dz)
    return [x.grad for x in leaves]


def as_leaves(arrays):
    """A Tensor for each array; it requires a gradient if it can."""
    return [Tensor(x, requires_grad=is_floating(x)) for x in arrays]


def projection(op, dz):
    """The function of the arrays that `gradients` differentiates: ⟨dz, z⟩, one number."""

    def projected(*arrays):
        return np.sum(dz * op(*arrays))

    return projected


def compare(op, received, expected, what, measured_by, rtol=1e-6):
    """Compare the gradients of each input, in a message by its letter."""
    letters = [*operand_letters(op, len(expected)), "dz"]
    for letter, dx, dx_expected in zip(letters, received, expected, strict=False):
        if dx_expected is not None:
            assert_gradient(f"{op!r}: {what}{letter}", dx, dx_expected, measured_by, rtol)
