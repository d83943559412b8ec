"""Arrays of other libraries: whatever speaks NumPy's protocols can be in a Tensor, and nothing here computes it too early.

Dask's arrays are plans for work on blocks, done only when somebody asks; so a batch larger than memory, or on a cluster of
machines, goes forward and backward by the same rules. The last tests do that with two worker processes.
"""

import dask
import dask.array as da
import numpy as np
import pytest
from dask.distributed import Client, LocalCluster
from hypothesis import given, settings
from hypothesis import strategies as st
from largest import Largest
from op_table import TABLE, gradients
from strategies import generators, invertible, is_floating, positive_definite, real

from microgradnn import Tensor, det, grad, nn, ops, pinv, slogdet

ROWS, INPUTS, HIDDEN, CLASSES = 200, 10, 6, 3  # of one block


def refuse(*args, **kwargs):
    """A scheduler that computes nothing."""
    raise AssertionError("something was computed before anybody asked")


def in_blocks(x):
    """A NumPy array as one of Dask, of two blocks along each axis that is long enough."""
    return da.from_array(x, chunks=tuple(-(-length // 2) for length in x.shape))


def one_block(x):
    """A NumPy array as one of Dask, uncut."""
    return da.from_array(x, chunks=x.shape)


def assert_same_as_numpy(op, arrays, dz, cut=in_blocks):
    """Values and gradients of an operation on Dask's arrays are those on NumPy's, and come when asked for."""
    with dask.config.set(scheduler=refuse):
        leaves = [Tensor(cut(x), requires_grad=is_floating(x)) for x in arrays]
        z = op(*leaves)
        z.backward(da.from_array(dz, chunks=z.data.chunks))
    computed = [z.data, *[x.grad for x in leaves if x.requires_grad]]
    expected = [op(*arrays), *[dx for dx in gradients(op, arrays, dz) if dx is not None]]
    assert all(isinstance(x, da.Array) for x in computed)
    for found, wanted in zip(dask.compute(*computed, scheduler="sync"), expected, strict=True):
        assert found.shape == np.shape(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


# Every operation. Of these, Dask can do some things only; what it lacks stands below, case by case.

IN_PART = {ops.Reshape, ops.Getitem, ops.Scatter, ops.SetAt, ops.MultiplyAt, ops.AddAt, ops.Insert, ops.Diff, ops.Convolve}
IN_PART |= {ops.Solve, ops.Inv, ops.Cholesky, ops.Det, ops.Logabsdet}
IN_PART |= {ops.Cross, ops.Cofactors, ops.Pinv, ops.Qr, ops.Eigh, ops.Svd, ops.OnlyDefined}
IN_PART |= {ops.Lstsq, ops.Svdvals, ops.Eigvalsh, ops.Median, ops.Unwrap, ops.Correlate, ops.Resize}
IN_PART |= {ops.Interp, ops.NanMedian, ops.Quantile}


@pytest.mark.parametrize("op_class", [op_class for op_class in TABLE if op_class not in IN_PART])
@settings(max_examples=max(settings.default.max_examples // 5, 1))
@given(data=st.data())
def test_operations_on_blocks(op_class, data):
    """Forward and vjps run unchanged on Dask's arrays, lazily, and give NumPy's numbers."""
    op, arrays = data.draw(TABLE[op_class].cases)
    dz = data.draw(generators).normal(size=np.shape(op(*arrays)))
    assert_same_as_numpy(op, arrays, dz)


SLICES = [0, -1, np.int64(2), ..., slice(1, None), slice(None, None, -2), (0, 1), (slice(None), 1), (0, ..., 1), (..., -1)]


@pytest.mark.parametrize("index", SLICES, ids=repr)
def test_slices_of_blocks(index, rng):
    """Numbers, slices and ... pick from Dask's arrays, and their gradients go back to where the elements came from."""
    x = real((3, 4), rng)
    assert_same_as_numpy(ops.Getitem(index), [x], real(x[index].shape, rng, 1))
    assert_same_as_numpy(ops.Scatter(index, x.shape), [x[index]], real(x.shape, rng, 1))


def test_rows_by_a_mask(rng):
    """A mask of rows picks them, inserts between them, and their gradients go back."""
    x, mask = real((3, 4), rng), np.array([True, False, True])
    assert_same_as_numpy(ops.Getitem(mask), [x], real((2, 4), rng, 1))
    assert_same_as_numpy(ops.Insert(mask, ~mask, (3, 4)), [x[:1], x[1:]], real((3, 4), rng, 1))


@pytest.mark.parametrize("op_class", [ops.SetAt, ops.MultiplyAt, ops.AddAt])
@pytest.mark.parametrize("index", [0, slice(1, None), (slice(None), 1), (..., -1)], ids=repr)
def test_assignments_to_blocks(op_class, index, rng):
    """Numbers, slices and ... say what is replaced in Dask's arrays."""
    x = real((3, 4), rng)
    assert_same_as_numpy(op_class(index), [x, real(x[index].shape, rng, 1)], real((3, 4), rng, 2))


def test_differences_across_blocks(rng):
    """Neighbours in different blocks, along either axis."""
    for axis in (0, 1):
        x = real((3, 4), rng)
        assert_same_as_numpy(ops.Diff(axis), [x], real(np.diff(x, axis=axis).shape, rng, 1))


@pytest.mark.parametrize("shape", [(24,), -1, (1, 24), (2, 2, 6), (4, 2, 3), (4, 6, 1)], ids=str)
def test_reshapes_of_blocks(shape, rng):
    """Axes of Dask's arrays can be merged and split."""
    assert_same_as_numpy(ops.Reshape(shape), [real((4, 6), rng)], real((4, 6), rng, 1).reshape(shape))


def test_matrices_in_one_block(rng):
    """Inverses and solutions for a matrix that is one block have NumPy's values and gradients."""
    x, dz = invertible((3, 3), rng), real((3, 3), rng, 1)
    assert_same_as_numpy(ops.Inv(), [x], dz, one_block)
    assert_same_as_numpy(ops.Solve(), [x, real((3, 2), rng)], dz[:, :2], one_block)


def index_by(index):
    return lambda rng: assert_same_as_numpy(ops.Getitem(index), [real((3, 4), rng)], real(np.zeros((3, 4))[index].shape, rng))


def batch(op, *values):
    return lambda rng: assert_same_as_numpy(op, [x((2, 3, 3), rng) for x in values], real((2, 3, 3), rng), one_block)


def value_of(function):
    return lambda rng: function(Tensor(one_block(invertible((3, 3), rng))))


LACKING = {
    "a reshape that neither merges nor splits axes": lambda rng: assert_same_as_numpy(
        ops.Reshape((3, 2)), [real((2, 3), rng)], real((3, 2), rng)
    ),
    "gradient of a list as index: np.add.at": index_by([0, 0, 2]),
    "gradient of a mask as index: the shape is unknown": index_by(np.eye(3, 4) > 0),
    "gradient of a new axis as index: assignment to x[None] (expand_dims has one)": index_by(None),
    "an array of two axes as index": index_by(np.array([[0, 1], [1, 1]])),
    "several arrays as index": index_by((np.array([0, 1]), np.array([1, 1]))),
    "np.convolve": lambda rng: assert_same_as_numpy(ops.Convolve(), [real((3,), rng), real((2,), rng, 1)], real((4,), rng)),
    "det": value_of(det),
    "pinv": value_of(pinv),
    "eigh": value_of(ops.Eigh()),
    "svd of several blocks": lambda rng: ops.Svd()(Tensor(in_blocks(invertible((4, 4), rng)))),
    "cross": lambda rng: ops.Cross()(Tensor(one_block(real((2, 3), rng))), real((2, 3), rng)),
    "slogdet": value_of(slogdet),
    "inverses of a batch": batch(ops.Inv(), invertible),
    "solutions for a batch": batch(ops.Solve(), invertible, real),
    "Cholesky's lower triangle: np.linalg.cholesky gives the upper one": lambda rng: assert_same_as_numpy(
        ops.Cholesky(), [positive_definite((3, 3), rng)], real((3, 3), rng), one_block
    ),
}


@pytest.mark.xfail(strict=True, reason="Dask lacks it")
@pytest.mark.parametrize("attempt", LACKING.values(), ids=LACKING.keys())
def test_what_dask_lacks(attempt, rng):
    """Each of these fails, for want of something in Dask; one that begins to work makes this test fail, and moves up."""
    attempt(rng)


def test_what_does_not_fit():
    """Errors of Dask name the operation, the operands and the way out, as those of NumPy do."""
    x, y = Tensor(da.ones((6, 3), chunks=2), name="X"), np.ones((4, 2))
    with pytest.raises(ValueError, match=r"matmul cannot be computed for x = 'X' of shape \(6, 3\).*\n.*transpose one of them"):
        x @ y
    with pytest.raises(ValueError, match=r"reshape.*'X' of shape \(6, 3\): a reshape keeps the number of elements"):
        x.reshape(5, 5)


# The gradients themselves


def test_gradients_are_dasks_until_computed():
    """Gradients of leaves, of numbers and of what lies between stay Dask's; more are added lazily; no two are one array."""
    with dask.config.set(scheduler=refuse):
        x, y = (Tensor(da.ones(4, chunks=2), requires_grad=True) for _ in range(2))
        scale = Tensor(3.0, requires_grad=True)
        z = scale * (x + y)
        for _ in range(2):
            z.sum().backward()
        (dx,) = grad(z.sum(), [x])
        assert all(isinstance(dx, da.Array) for dx in (x.grad, y.grad, scale.grad, z.grad, dx))
        assert x.grad is not y.grad
        assert repr(z).startswith("Tensor(dask.array<") and z.size == 4
    np.testing.assert_array_equal(x.grad.compute(scheduler="sync"), [6, 6, 6, 6])
    assert scale.grad.compute(scheduler="sync") == 2 * 8 and dx.compute(scheduler="sync").tolist() == [3, 3, 3, 3]


class Measured(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of nobody's: it speaks both protocols, notes what was asked of it, and refuses to become a NumPy array."""

    def __init__(self, array, asked):
        self.array, self.asked = array, asked
        self.shape, self.dtype, self.ndim, self.size = array.shape, array.dtype, array.ndim, array.size

    def apply(self, function, args, kwargs):
        self.asked.append(function)
        result = function(*[x.array if isinstance(x, Measured) else x for x in args], **kwargs)
        return Measured(np.asarray(result), self.asked)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        assert method == "__call__"
        return self.apply(ufunc, inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return self.apply(function, args, kwargs)

    def __array__(self, dtype=None, copy=None):
        raise TypeError("a Measured array does not become one of NumPy")

    def sum(self, **kwargs):
        return self.apply(np.sum, (self,), kwargs)

    def mean(self, **kwargs):
        return self.apply(np.mean, (self,), kwargs)

    def swapaxes(self, *axes):
        return self.apply(np.swapaxes, (self, *axes), {})

    def astype(self, dtype):
        return self.apply(np.astype, (self, dtype), {})


def test_any_array_that_speaks_numpys_protocols(rng):
    """A class that Tensor never heard of goes through the network and back, and is never made a NumPy array."""
    X, W, b, asked = real((5, 3), rng), real((3, 2), rng), real((2,), rng), []
    plain = Tensor(X, requires_grad=True)
    (np.tanh(plain @ W + b) ** 2).mean().backward()
    x = Tensor(Measured(X, asked), requires_grad=True)
    weight = Tensor(W, requires_grad=True)
    (np.tanh(x @ weight + b) ** 2).mean().backward()
    assert isinstance(x.grad, Measured) and isinstance(weight.grad, Measured)
    np.testing.assert_allclose(x.grad.array, plain.grad, rtol=1e-14)
    assert {np.matmul, np.tanh, np.mean, np.ones_like, np.swapaxes} <= set(asked)


# A cluster


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 50}
    with LocalCluster(**options) as workers, Client(workers) as client:
        yield client


def right_class(x):
    """The class of each sample, 0–1 coded: whichever of its first numbers is the largest."""
    x = x[:, :CLASSES]
    return (x == x.max(axis=1, keepdims=True)).astype(float)


def mean_squared_error(o, t):
    return ((t - o) ** 2).mean()


def network(X, t, weights, loss):
    """h = tanh(X W + b), o = h V + c, and the loss, gone backward through."""
    parameters = [Tensor(w, requires_grad=True) for w in weights]
    W, b, V, c = parameters
    h = np.tanh(X @ W + b)
    o = h @ V + c
    L = loss(o, t)
    L.backward()
    return L, [p.grad for p in parameters], h


@pytest.mark.parametrize(
    ("loss", "weights_as"),
    [(mean_squared_error, np.asarray), (nn.cross_entropy, one_block)],
    ids=["mean squared error, NumPy's weights", "cross-entropy, Dask's weights"],
)
def test_network_on_a_cluster(loss, weights_as, cluster, rng):
    """Loss and gradients by two workers are NumPy's; only blocks are ever there, few at a time; nothing before .compute()."""
    blocks, shapes = 50, [(INPUTS, HIDDEN), (HIDDEN,), (HIDDEN, CLASSES), (CLASSES,)]
    weights = [rng.normal(0, 0.3, shape) for shape in shapes]
    cluster.register_plugin(Largest(), name="largest")
    with dask.config.set(scheduler=refuse):
        X = da.random.default_rng(0).normal(size=(blocks * ROWS, INPUTS), chunks=(ROWS, INPUTS))  # each where it is used
        t = right_class(X)
        L, gradients, h = network(X, t, [weights_as(w) for w in weights], loss)
        assert h.grad.shape == (blocks * ROWS, HIDDEN) and h.grad.numblocks[0] == blocks
    found = dask.compute(L.data, *gradients)
    measured = cluster.run(lambda dask_worker: (dask_worker.plugins["largest"].one, dask_worker.plugins["largest"].together))
    cluster.unregister_worker_plugin("largest")

    block = ROWS * INPUTS * 8
    assert len(measured) == 2 and all(0 < one <= block for one, _ in measured.values())
    assert all(together <= 0.5 * blocks * block for _, together in measured.values())

    whole_X, whole_t = dask.compute(X, t, scheduler="sync")
    whole_L, expected, _ = network(Tensor(whole_X), whole_t, weights, loss)
    for one, other in zip(found, [whole_L.data, *expected], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-16)


def test_training_on_a_cluster(cluster, rng):
    """Loss and gradients computed in one go, then a step as ever: the same weights as without a cluster, and a smaller loss."""
    X, t = rng.normal(size=(1000, 4)), rng.normal(size=(1000, 1))
    start = rng.normal(size=(4, 1))

    def train(X, t, compute):
        W, losses = Tensor(start, requires_grad=True), []
        for _ in range(3):
            L = mean_squared_error(X @ W, t)
            W.grad = None
            L.backward()
            loss, W.grad = compute(L.data, W.grad)
            W.data -= 0.1 * W.grad
            losses.append(loss)
        return W.data, losses

    W, losses = train(da.from_array(X, chunks=(100, 4)), da.from_array(t, chunks=(100, 1)), dask.compute)
    expected, expected_losses = train(Tensor(X), t, lambda *arrays: arrays)
    np.testing.assert_allclose(W, expected, rtol=1e-12)
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-12)
    assert losses[2] < losses[0]
