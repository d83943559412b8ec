"""Unrolled functions for batches: which size is taken, what becomes a parameter, and what is refused."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unrolled import assert_array_equals, assert_equals_backward, network, of, unrolled_network, values

from microgradnn import Op, Tensor, leaky_relu, matrix_power, nn, norm, relu, softmax, softplus, tanh
from microgradnn.programs.unrolling import unroll


@pytest.mark.parametrize("buffers", [False, True])
def test_other_batch_sizes(buffers):
    """A function recorded for 8 samples is right for any number of them; its n is the length of the data."""
    by_hand = unrolled_network(8, buffers)
    assert "2 / n" in by_hand.source
    for samples in (8, 3, 1, 20, 8):
        loss, data, leaves = network(samples)
        assert_equals_backward(by_hand, loss, leaves, values(data + leaves))


def test_classes_and_positions_become_parameters():
    """Classes are data, not a part of the source: a parameter. Rows that are counted are none."""
    rng = np.random.default_rng(0)
    X, W = Tensor(rng.normal(size=(6, 4)), name="X"), Tensor(rng.normal(size=(4, 3)), requires_grad=True, name="W")
    loss = nn.cross_entropy(X @ W, np.array([0, 2, 1, 1, 0, 2]))
    by_hand = unroll(loss, [W])
    assert list(by_hand.parameters) == ["X", "W", "c1"]
    assert "rows = np.arange(n)" in by_hand.source
    assert_equals_backward(by_hand, loss, [W], values([X, W]))
    X, classes = Tensor(rng.normal(size=(4, 4)), name="X"), np.array([2, 2, 0, 1])
    loss = nn.cross_entropy(X @ W, classes)
    assert_equals_backward(by_hand, loss, [W], {**values([X, W]), "c1": classes})
    assert_equals_backward(by_hand, loss, [W], {"X": X, "W": W, "c1": classes.tolist()})
    with pytest.raises(ValueError, match="'c1' has shape") as failure:
        by_hand(X.data, W.data, **by_hand.recorded)
    assert str(failure.value) == (
        "'c1' has shape (6,), but the function takes (n,) with n = 4.\n"
        "The batch size n may vary; it is the same in all parameters."
    )
    with pytest.raises(TypeError, match=r"^'c1' takes numbers of int64; \[0.5, 1, 1, 2\] are others"):
        by_hand(X.data, W.data, [0.5, 1, 1, 2])


@pytest.mark.parametrize(
    "forward",
    [
        "x + 0 * np.sum(x, axis=0 if len(x) == 4 else None)",
        "x + 0 * np.roll(x, len(x) ** 2, axis=0)",
        "x + 0 * np.clip(x, 0, float(len(x) // 2))",
    ],
)
def test_what_does_not_follow_the_batch_is_for_one_batch_size(forward):
    """An argument that depends on the batch size in no simple way leaves the recorded size only."""
    x, w = Tensor(np.ones((4, 3)), name="x"), Tensor(np.ones((3, 1)), requires_grad=True, name="w")
    loss = of(forward)(x @ w).sum()
    by_hand = unroll(loss, [w])
    assert_equals_backward(by_hand, loss, [w], {"x": x.data, "w": w.data})
    with pytest.raises(ValueError, match=r"takes \(4, 3\).\n.*leaves no other batch size"):
        by_hand(np.ones((5, 3)), w.data)


def test_a_rule_that_is_another_for_one_sample():
    """A function whose rule would be another for a batch of one refuses that batch, and takes others."""
    x, w = Tensor(np.ones((4, 3)), name="x"), Tensor(np.ones((3, 1)), requires_grad=True, name="w")
    by_hand = unroll(of(dx="2 * dz if len(x) > 1 else dz")(x @ w).sum(), w)
    assert_array_equals(by_hand(np.ones((2, 3)), w.data)[1], np.full((3, 1), 4.0))
    with pytest.raises(ValueError, match="The batch has one sample, but the function takes 2 or more"):
        by_hand(np.ones((1, 3)), w.data)


SIZES = (1, 2, 3, 7, 100)
MEANS = {  # ways to divide a sum by hand: e is a Tensor with n rows, k some number
    "/ e.size": lambda e, k: (e * e).sum() / e.size,
    "/ (n - 1)": lambda e, k: (e * e).sum() / (len(e) - 1),
    "/ sqrt(n)": lambda e, k: (e * e).sum() / np.sqrt(len(e)),
    "/ n**2": lambda e, k: (e * e).sum() / len(e) ** 2,
    "* (k / n)": lambda e, k: (e * e).sum() * (k / len(e)),
    "0.1 / n": lambda e, k: 0.1 / len(e) * (e * e).sum(),
    "/ len(e)": lambda e, k: (e * e).sum() / len(e),
    "/ n, k times": lambda e, k: k * (e * e).sum() / len(e),
    "float32": lambda e, k: (e * e).sum() * np.float32(1 / len(e)),
    "Bessel": lambda e, k: (e * e).mean() * len(e) / (len(e) - 1),
    "/ (k n + 1)": lambda e, k: (e * e).sum() / (k * len(e) + 1),
    "mean": lambda e, k: (e * e).mean(),
    "k/2 mean": lambda e, k: k / 2 * (e * e).mean(),
    "rows added in a loop": lambda e, k: sum((e[i] * e[i]).sum() for i in range(len(e))) / len(e),
    "first half": lambda e, k: (e * e)[: len(e) // 2].sum() / len(e),
    "last row": lambda e, k: (e[len(e) - 1] * e[0]).sum(),
    "e to the power n": lambda e, k: (e**2).sum() ** (1 / len(e)),
    "reshaped": lambda e, k: e.reshape(len(e), -1).sum(axis=1).mean() ** 2,
    "repeated": lambda e, k: np.broadcast_to((e * e).mean(), (len(e), 2)).sum() * k,
    "log n": lambda e, k: (e * e).mean() * np.log(len(e) + 1),
}
ANY_SIZE = set(MEANS) - {"rows added in a loop", "first half", "log n", "float32", "e to the power n"}


@pytest.mark.parametrize("form", MEANS)
@settings(max_examples=4)
@given(k=st.sampled_from([2, 3, 0.7, 100]), features=st.integers(1, 3), samples=st.sampled_from(SIZES), data=st.data())
def test_hand_made_means(form, k, features, samples, data):
    """Whatever a sum is divided by: the function gives the loss and the gradient of any batch size, or refuses that size."""
    rng = np.random.default_rng(0)
    W = Tensor(rng.normal(size=(2, features)), requires_grad=True, name="W")

    def loss(x, t):
        return MEANS[form](x @ W - t, k)

    def batch(n):
        return np.random.default_rng(n).normal(size=(n, 2)), np.random.default_rng(n).normal(size=(n, features))

    with np.errstate(all="ignore"):
        x, t = batch(samples)
        buffers = data.draw(st.booleans())
        functions = {"graph": unroll(loss(Tensor(x, name="x"), Tensor(t, name="t")), W, buffers)}
        functions["function"] = unroll(loss, x, t, wrt=W, buffers=buffers)
        taken = {kind: taken_sizes(by_hand, loss, W, batch) for kind, by_hand in functions.items()}
    assert samples in taken["graph"]
    assert samples in taken["function"]
    assert taken["graph"] == {samples} or form == "mean"
    if form in ANY_SIZE and samples > 2:
        assert taken["function"] >= {2, 3, 7, 100, 105}


def taken_sizes(by_hand, loss, W, batch):
    """The batch sizes that a function takes; for all of them it must be right."""
    taken = set()
    for n in (*SIZES, 105):
        x, t = batch(n)
        try:
            value, dW = by_hand(
                **{name: given for name, given in [("x", x), ("t", t), ("W", W.data)] if name in by_hand.parameters}
            )
        except (ValueError, TypeError) as refused:
            assert re.search("All shapes are those recorded|The batch has|missing", str(refused))
            continue
        W.grad = None
        L = loss(Tensor(x), Tensor(t))
        L.backward()
        np.testing.assert_allclose(value, L.data, rtol=1e-11)
        np.testing.assert_allclose(dW, W.grad, rtol=1e-9, atol=1e-12)
        taken.add(n)
    return taken


def scaled(k):
    """An operation of the user's, whose rules reach a number outside of them."""

    class Scaled(Op):
        def forward(self, x):
            return by_k(x)

        def dx(self, dz, z, x):
            return by_k(dz)

        vjps = (dx,)

    def by_k(x):
        return k * x

    return Scaled()


NUMBERS = {  # numbers that a program may make of the batch size
    "n": lambda n: n,
    "n - 1": lambda n: n - 1,
    "n + 1": lambda n: n + 1,
    "n - 2": lambda n: n - 2,
    "-n": lambda n: -n,
    "2 n": lambda n: 2 * n,
    "n % 2": lambda n: n % 2,
    "n // 2": lambda n: n // 2,
    "min(n, 2)": lambda n: min(n, 2),
    "1 / n": lambda n: 1 / n,
    "-1 / n": lambda n: -1 / n,
    "NumPy's n": np.int64,
}
PLACES = {  # where it may be put: e is a Tensor with n rows of 3 numbers, k the number
    "order of a norm": lambda e, k: norm(e, k, 1),
    "order of a norm of all": lambda e, k: norm(e.ravel(), k),
    "order of a matrix norm": lambda e, k: norm(e, ord=k),
    "order of a vector norm": lambda e, k: np.linalg.vector_norm(e, ord=k),
    "axis of a norm": lambda e, k: norm(e, axis=k),
    "axis of a sum": lambda e, k: e.sum(axis=k),
    "axis of a mean": lambda e, k: e.mean(k, keepdims=True) * e,
    "axis of a softmax": lambda e, k: softmax(e, axis=k) * e,
    "axis of a stack": lambda e, k: np.stack([e, e * e], k)[..., 0],
    "axis of a join": lambda e, k: np.concatenate([e, tanh(e)], k) ** 2,
    "axis of an order": lambda e, k: np.sort(e, axis=k) * e,
    "axis of a product": lambda e, k: np.cumprod(e, axis=k),
    "axes exchanged": lambda e, k: np.swapaxes(e, 0, k) @ e.T if k % 2 == 0 else np.swapaxes(e, 0, k) @ e,
    "a new axis": lambda e, k: np.expand_dims(e, k).sum(axis=0),
    "a power": lambda e, k: e**k,
    "a power of a matrix": lambda e, k: matrix_power(e.T @ e, k),
    "a base": lambda e, k: k**e,
    "how often to repeat": lambda e, k: e.repeat(k, axis=1) ** 2,
    "how often to tile": np.tile,
    "where to roll": lambda e, k: np.roll(e, k, axis=1) * e,
    "where to roll all": lambda e, k: np.roll(e.ravel(), k)[:3],
    "how often to turn": lambda e, k: np.rot90(e @ e.T, k) * (e @ e.T),
    "a lower bound": lambda e, k: np.clip(e, k, None),
    "an upper bound": lambda e, k: np.clip(e, None, k),
    "freedom lost": lambda e, k: np.var(e, axis=None, ddof=k),
    "freedom lost by name": lambda e, k: np.std(e, correction=k),
    "a column": lambda e, k: e[:, k],
    "a slice of columns": lambda e, k: e[:, :k],
    "columns taken": lambda e, k: np.take(e, [0, k], axis=1),
    "columns taken by position": lambda e, k: np.take_along_axis(e, np.full((len(e), 1), 0) + 0 * k, k % 2),
    "a place to set": lambda e, k: e.at[:, k].set(1.0),
    "a value to set": lambda e, k: e.at[:, 0].multiply(k),
    "a column left out": lambda e, k: np.delete(e, k, axis=1),
    "a column put in": lambda e, k: np.insert(e, k, 2.0, axis=1) ** 2,
    "a diagonal": lambda e, k: np.diagonal(e, k) ** 2,
    "a triangle": np.triu,
    "a difference's order": lambda e, k: np.diff(e, k, axis=1) ** 2,
    "a distance": lambda e, k: np.trapezoid(e, dx=k, axis=1),
    "a frame": lambda e, k: np.pad(e, ((0, 0), (k, 1)), constant_values=0.5) ** 2,
    "a frame of copies": lambda e, k: np.pad(e, ((0, 0), (k, 1)), mode="edge") ** 2,
    "what the frame is made of": lambda e, k: np.pad(e, ((0, 0), (1, 1)), constant_values=k) ** 2,
    "a term more": lambda e, k: np.sum(e, axis=1, initial=k) ** 2,
    "a factor more": lambda e, k: np.prod(e, axis=1, initial=k),
    "a least maximum": lambda e, k: np.max(e, axis=1, initial=k),
    "in place of NaN": lambda e, k: np.nan_to_num(np.sqrt(e), nan=k),
    "a fraction": lambda e, k: np.quantile(e, k, axis=1),
    "a fraction of all": np.quantile,
    "a slope": leaky_relu,
    "a slope of a layer": lambda e, k: nn.LeakyReLU(k)(e),
    "a window": lambda e, k: nn.MaxPool2d(k)(e[None, None]),
    "a sharpness": lambda e, k: softplus(e, beta=k),
    "a threshold of a loss": lambda e, k: nn.huber_loss(e, np.zeros(e.shape), delta=k),
    "a smoothing": lambda e, k: nn.cross_entropy(e, np.zeros(len(e), int), label_smoothing=k),
    "a small number": lambda e, k: nn.LayerNorm(3, eps=k)(e) ** 3,
    "an axis of a layer": lambda e, k: nn.Softmax(k)(e) * e,
    "from where to flatten": lambda e, k: nn.Flatten(k)(e).sum(axis=0) ** 2,
    "digits": lambda e, k: np.round(e, k) + e,
    "a condition": lambda e, k: np.where(e > 0, e, k),
    "a shape": lambda e, k: np.reshape(e, (3, k)) ** 2,
    "a shape that follows": lambda e, k: e.reshape(k) ** 2,
    "labels of axes": lambda e, k: np.einsum(e, [0, 1], e, [0, k], [0]) ** 2,
    "a remainder": lambda e, k: e % k,
    "an operation's own": lambda e, k: scaled(k)(e),
    "an edge's order": lambda e, k: np.gradient(e, axis=1, edge_order=k),
    "a period": lambda e, k: np.unwrap(e, axis=1, period=k),
    "a fill": lambda e, k: np.interp(e, [-1.0, 0.0, 1.0], [0.0, 1.0, 3.0], left=k),
}
STEPS = [lambda e: e, tanh, lambda e: e * e, lambda e: np.exp(-e * e), lambda e: e + e.mean(), np.square]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Cannot convert .* safely to an integer")  # NumPy 2.5, of np.triu(x, -0.25)
@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=10)
@given(
    number=st.sampled_from(sorted(NUMBERS)),
    samples=st.sampled_from(SIZES),
    before=st.sampled_from(STEPS),
    after=st.sampled_from(STEPS),
)
def test_a_number_in_any_place(place, number, samples, before, after):
    """A number made of the batch size, given to whatever takes one: a graph's function gives what eager gives, or refuses."""
    rng = np.random.default_rng(0)
    W = Tensor(rng.normal(size=(2, 3)), requires_grad=True, name="W")

    def loss(x, t):
        e = before(x @ W - t)
        return after(PLACES[place](e, NUMBERS[number](len(e)))).sum()

    def batch(n):
        return np.random.default_rng(n).normal(size=(n, 2)), np.random.default_rng(n).normal(size=(n, 3))

    with np.errstate(all="ignore"):
        x, t = batch(samples)
        try:
            L = loss(Tensor(x, name="x"), Tensor(t, name="t"))
            by_hand = unroll(L, W)
        except (ValueError, TypeError, IndexError, ArithmeticError):  # NumPy takes no such number there, or there is no source
            return
        assert taken_sizes(by_hand, loss, W, batch) <= {samples}


def test_a_number_of_a_formula():
    """A number that is made of the batch size stands in the source as a formula in it."""
    W = Tensor(np.ones(3), requires_grad=True, name="W")
    by_hand = unroll(lambda x: ((x @ W) * (0.1 / len(x))).sum() + (W * W).sum() / (len(x) - 1), np.ones((10, 3)))
    assert "x @ W * (0.1 / n)" in by_hand.source
    assert "/ (n - 1)" in by_hand.source
    with pytest.raises(ValueError, match="The batch has one sample, but the function takes 2 or more"):
        by_hand(np.ones((1, 3)), W)


def test_a_number_that_may_be_made_of_the_batch_size():
    """A graph with such a number is for its own size; who asks for another is told which number it is, and the way out."""
    X, w = Tensor(np.ones((5, 3)), name="X"), Tensor(np.ones(3), requires_grad=True, name="w")
    by_hand = unroll(((X @ w) * (1 / 5)).sum(), w)
    np.testing.assert_allclose(by_hand(X, w)[0], 3)
    with pytest.raises(ValueError, match="batch size: 0.2 in multiply") as failure:
        by_hand(np.ones((7, 3)), w)
    assert str(failure.value) == (
        "'X' has shape (7, 3), but the function takes (5, 3).\n"
        "All shapes are those recorded. A number in the graph may be made of the batch size: 0.2 in multiply, as the 0.01 of a "
        "mean of 100 is. So this size is the only one.\n"
        "For any size, unroll the function that computes the loss, with examples: unroll(f, x, t)."
    )


def test_parameters_in_any_order(rng):
    """Arrays without a name that were used before those with one do not keep a function from batches of one."""
    X, h, T = (Tensor(rng.normal(size=shape), name=name) for name, shape in [("X", (5, 3, 2)), ("h", (5, 4)), ("T", (5, 4))])
    W, V = (Tensor(rng.normal(size=shape), requires_grad=True, name=name) for name, shape in [("W", (2, 4)), ("V", (4, 4))])
    e = tanh(X.detach().named(None) @ np.ones(2) @ np.ones((3, 2)) @ W + h @ V) - T
    by_hand = unroll((e * e).mean(), [W, V])
    assert list(by_hand.parameters) == ["W", "h", "V", "T", "c1"]
    assert by_hand.least == 1


def test_mean_over_another_batch(rng):
    """A mean over the samples stays one for another batch size, also where it was recorded with a single sample."""
    for recorded in (5, 1):
        layer = nn.Linear(3, 2, rng=rng)
        x, t = (Tensor(rng.normal(size=(recorded, n)), name=name) for name, n in (("x", 3), ("t", 2)))
        by_hand = unroll(nn.mse_loss(layer(x), t), layer.parameters())
        x, t = rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
        L = nn.mse_loss(layer(x), t)
        L.backward()
        loss, (dW, db) = by_hand(x=x, t=t, W=layer.W.data, b=layer.b.data)
        np.testing.assert_allclose(loss, L.data, rtol=1e-14)
        np.testing.assert_allclose(dW, layer.W.grad, rtol=1e-12)
        np.testing.assert_allclose(db, layer.b.grad, rtol=1e-12)


@pytest.mark.parametrize("buffers", [False, True])
@pytest.mark.parametrize("samples", [1, 2, 3, 4])
def test_a_batch_as_long_as_something_else(samples, buffers, rng):
    """Where the batch has by chance the length of another axis, or is one sample, the function is for any size still."""
    W = Tensor(rng.normal(size=(3, 4)), requires_grad=True, name="W")
    V = Tensor(rng.normal(size=(4, 3)), requires_grad=True, name="V")

    def loss_of(X, k):
        z = relu(X @ W)
        return nn.cross_entropy((z - softmax(z)) @ V, k) + relu(W).mean() + (softmax(z.T).T * z).sum()

    by_hand = unroll(loss_of(Tensor(rng.normal(size=(samples, 3)), name="X"), rng.integers(3, size=samples)), [W, V], buffers)
    for n in (samples, 7, 2):
        X, k = Tensor(rng.normal(size=(n, 3)), name="X"), rng.integers(3, size=n)
        given = {"X": X.data, "W": W.data, "V": V.data, "c1": k}
        assert_equals_backward(by_hand, loss_of(X, k), [W, V], given)


def test_a_flattened_batch(rng):
    """Flatten leaves the batch size open."""
    network = nn.Sequential(nn.Conv2d(1, 2, 3, rng=rng), nn.Flatten(), nn.Linear(8, 2, rng=rng))
    images = Tensor(rng.normal(size=(5, 1, 4, 4)), name="images")
    by_hand = unroll(nn.mse_loss(network(images), np.zeros((5, 2))))
    images = Tensor(rng.normal(size=(3, 1, 4, 4)), name="images")
    arguments = [images.data, *(p.data for p in network.parameters()), np.zeros((3, 2))]
    given = dict(zip(by_hand.parameters, arguments, strict=True))
    assert_equals_backward(by_hand, nn.mse_loss(network(images), np.zeros((3, 2))), network.parameters(), given)


def test_a_special_size():
    """Where the recorded size is a special one, such as 1 for squeeze into a buffer, the function is for this one only."""
    x, c = Tensor([[1.0, 2.0]], requires_grad=True, name="x"), Tensor([[3.0]], name="c")
    z = (c @ x).squeeze()
    by_hand = unroll((z * z).sum(), [x, z], buffers=True)
    assert_equals_backward(by_hand, (z * z).sum(), [x, z], {"x": x.data, "c": c.data})
    with pytest.raises(ValueError, match="leaves no other batch size"):
        by_hand(x=x.data, c=np.ones((2, 1)))
