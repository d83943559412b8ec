"""Functions, recorded with examples: what they are given, what their parameters are called, which sizes are taken."""

import copy
import re

import numpy as np
import pytest
from unrolled import assert_equals_backward

from microgradnn import Tensor, grad, nn, no_grad
from microgradnn.programs.unrolling import unroll

W = Tensor(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), requires_grad=True, name="W")
w = Tensor([1.0, -2.0, 3.0], requires_grad=True, name="w")


def test_parameters_of_an_unrolled_function():
    """Examples come first, called as the function calls them, classes too; then what it reaches from outside."""

    def loss(x, k, scale, what):
        return nn.cross_entropy(x @ W, k) * scale

    x, k = np.ones((4, 3)), [0, 1, 1, 0]
    by_hand = unroll(loss, x, k, 0.5, "a name")
    assert list(by_hand.parameters) == ["x", "k", "scale", "W"]
    assert by_hand.dtypes["k"] == np.int64
    for n in (4, 1, 9):
        x, k = np.arange(3.0 * n).reshape(n, 3) / n, np.arange(n) % 2
        L = loss(Tensor(x), k, 0.25, None)
        assert_equals_backward(by_hand, L, [W], {"x": x, "k": k, "scale": 0.25, "W": W.data})


def test_examples_that_require_a_gradient():
    """A Tensor that requires a gradient is handed over itself; it is differentiated by, and has no batch."""
    V = Tensor(np.ones((4, 2)), requires_grad=True)
    by_hand = unroll(lambda V, x: ((x @ V) ** 2).mean(), V, np.ones((4, 4)))
    value, (dV,) = by_hand(V.data, np.ones((7, 4)))
    assert value == 16
    assert dV.shape == (4, 2)


def test_a_function_that_takes_no_other_size():
    """Who calls with another size is told what the function raises for it, or that the programs differ."""
    T = np.ones((4, 2))
    with pytest.raises(ValueError, match=r"leaves no other batch size.\nOf another size, the function raises ValueError"):
        unroll(lambda x: ((x @ W - T) ** 2).mean(), np.ones((4, 3)))(np.ones((5, 3)), W, c1=T)
    with pytest.raises(ValueError, match=r"All shapes are those recorded. .* leaves no other batch size\.$"):
        unroll(lambda x: sum(row.sum() for row in x @ W), np.ones((4, 3)))(np.ones((5, 3)), W)


def test_a_row_that_small_batches_lack():
    """A function that looks at its tenth row is still for any batch that has one."""
    by_hand = unroll(lambda x: ((x @ W)[9] * 2).sum(), np.ones((12, 3)))
    assert by_hand(np.ones((20, 3)), W)[0] == 42


def test_parameters_that_are_others_for_other_sizes():
    """A function that uses another parameter for another size has no one program."""
    weights = [Tensor(np.ones(3) * i, requires_grad=True) for i in range(40)]
    by_hand = unroll(lambda x: (x @ weights[len(x)]).sum(), np.ones((4, 3)))
    with pytest.raises(ValueError, match="leaves no other batch size"):
        by_hand(np.ones((5, 3)), np.ones(3))


def mean_of_squares(x, t):
    e = x @ w - t
    return (e * e).sum() / min(len(x), 50)


def test_a_size_that_is_special():
    """A size at which the function does something else, above all that were tried, is refused when it comes."""
    rng = np.random.default_rng(0)
    by_hand = unroll(mean_of_squares, rng.normal(size=(7, 3)), rng.normal(size=7))
    for n in (1, 2, 7, 40, 100, 40):
        x, t = rng.normal(size=(n, 3)), rng.normal(size=n)
        if n > 50:
            with pytest.raises(ValueError, match=r"For a batch of 100 samples, .*\n7 of its examples: .*\n.*examples of 100"):
                by_hand(x, t, w.data)
        else:
            assert by_hand(x, t, w.data)[0] == pytest.approx(mean_of_squares(Tensor(x), Tensor(t)).item())


@pytest.mark.parametrize(
    "made",
    [
        lambda x, t: ((x @ w - t) ** 2).sum() / x.data.std(),
        lambda x, t: ((x @ w - t) ** 2).sum() / (1 + int((t.data > 1.5).sum())),
        lambda x, t: (x @ w)[int(np.argmax(t.data))] ** 2,
        lambda x, t: (x @ w).sum() if float(t.sum()) > 0 else (x @ w).mean(),
        lambda x, t: ((x @ w) ** 2).sum() if (x @ w).data.max() < 100 else (x @ w).sum(),
        lambda x, t: (x @ w).sum() * t.sum().item(),
        lambda x, t: (x @ w).sum() if x[0, 0] else (x @ w).mean(),
    ],
)
def test_values_that_the_function_reads(made):
    """What the function makes of values that it reads, numbers and branches, would be frozen: reading them is refused."""
    x, t = np.arange(9.0).reshape(3, 3), np.array([1.0, 3.0, 2.0])
    with pytest.raises(TypeError, match=r"f reads the values of .* by [\w.()]+, and what it makes of them"):
        unroll(made, x, t)


@pytest.mark.parametrize(
    "made",
    [
        lambda x, t, m: ((x @ w - t) ** 2 * m).sum() / m.sum(),
        lambda x, t, m: np.average((x @ w - t) ** 2, weights=m),
        lambda x, t, m: ((x @ w - t) ** 2).sum() * m.max(),
        lambda x, t, m: ((x @ w - t) ** 2).sum() / len(np.unique(m)),
        lambda x, t, m: ((x @ w - t) ** 2).sum() / np.count_nonzero(t),
        lambda x, t, m: ((x @ w - t) ** 2).sum() * (x.std() / abs(x).max() + m.sum()),
    ],
)
@pytest.mark.parametrize(
    "mask", [np.array([1, 1, 0]), np.array([True, False, True]), np.ones(3, int), np.ones(3, bool)], ids=repr
)
def test_numbers_made_of_the_examples(made, mask):
    """A number that is computed from data, without anybody reading them, is part of the program or refused: never frozen."""
    x, t = np.arange(1.0, 10).reshape(3, 3), np.array([1.0, 3.0, 2.0])
    try:
        by_hand = unroll(made, x, t, mask)
    except TypeError as error:
        assert re.search("on the values of the examples|reads the values", str(error))
        return
    X, T, M = x**2 - 20, np.array([0.0, 5.0, 0.0]), np.array([0, 1, 0], mask.dtype)
    assert by_hand(X, T, M, w.data)[0] == pytest.approx(made(Tensor(X), Tensor(T), Tensor(M)).item())


def test_a_number_that_is_given():
    """A number that is an argument of the function is one of the program."""
    x, t = np.arange(6.0).reshape(2, 3), np.ones(2)
    by_hand = unroll(lambda x, t, scale: ((x @ w - t) ** 2).sum() / scale, x, t, x.std())
    assert by_hand(x + 1, t, 2.0, w.data)[0] == ((x + 1) @ w.data - t) @ ((x + 1) @ w.data - t) / 2


def test_what_calls_change_is_put_back():
    """The averages of a BatchNorm are afterwards what they were before the function was called."""
    norm = nn.BatchNorm(3)
    before = {name: array.copy() for name, array in norm.state_dict().items()}
    unroll(lambda x: (norm(x) @ w).sum(), np.arange(15.0).reshape(5, 3))
    for name, array in norm.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_what_is_made_of_data_is_in_the_program():
    """Where a function uses an example only as what it makes of it, flattened, the program makes it too, for any size."""
    by_hand = unroll(lambda x: (np.tile(w, len(x)) * x.reshape(-1)).sum(), np.ones((5, 3)))
    for n in (5, 2, 7):
        x = np.arange(3.0 * n).reshape(n, 3)
        assert by_hand(x, w.data)[0] == (x @ w.data).sum()


@pytest.mark.parametrize(
    "made",
    [
        lambda x, t: ((x @ w - 2 * t) ** 2).sum(),
        lambda x, t: ((x @ w - np.exp(t)) ** 2).sum(),
        lambda x, t: ((x @ w) * np.maximum(t, 2)).sum(),
        lambda x, t: ((x @ w) * (t > 1)).sum(),
        lambda x, t: ((x @ w) * np.where(t > 1, 1.0, 2.0)).sum(),
        lambda x, t: ((x - x.mean(axis=0)) @ w * t).sum(),
        lambda x, t: ((x @ w) * np.sort(t)).sum(),
        lambda x, t: (x @ w).sum() * t.max(),
        lambda x, t: nn.cross_entropy((x @ w)[:, None] * np.ones(3), t.astype(int) % 3),
    ],
)
@pytest.mark.parametrize("t", [np.array([0.0, 3.0, 1.0, 2.0]), np.array([0, 3, 1, 2])], ids=["floats", "integers"])
@pytest.mark.parametrize("given", [np.asarray, Tensor], ids=["arrays", "Tensors"])
def test_an_example_is_an_argument_or_refused(made, t, given):
    """What is made of an example alone, to which no gradient goes, never stands where the example is given."""
    x = np.arange(12.0).reshape(4, 3)
    try:
        by_hand = unroll(made, x, given(t))
        received = [by_hand(x, T, w.data)[0] for T in (t, t[::-1].copy())]
    except TypeError as error:
        assert re.search(r"unroll\(f, \*examples\)|c1 is missing", str(error))
        return
    assert received == pytest.approx([made(Tensor(x), Tensor(T)).item() for T in (t, t[::-1].copy())])


WAYS_OUT = {  # of a value out of the graph, whose result has the shape of what was given
    "detached": lambda x: x.detach(),
    "unrecorded": lambda x: quietly(lambda: 2 * x),
    "unrecorded, with a name": lambda x: quietly(lambda: (x - x.mean()).named("s")),
    "a copy": copy.copy,
    "a deep copy": copy.deepcopy,
    "a Tensor of it": lambda x: Tensor(x.detach(), name="w"),
    "another name": lambda x: x.named("w"),
    "a mask": lambda x: x > 0,
    "a sign": np.sign,
    "an order": lambda x: np.sort(x.detach()),
    "positions": np.argsort,
    "NaN": lambda x: np.isnan(x) * 1.0,
    "its shape": lambda x: np.ones(x.shape),
    "zeros": np.zeros_like,
    "a gradient": lambda x: grad((w * w).sum(), w),
    "a mean": lambda x: quietly(x.mean),
    "a branch": lambda x: x if (x > 2).any() else 2 * x,
    "a text": lambda x: x if "9" in str(x.tolist()) else 2 * x,
}


def quietly(made):
    with no_grad():
        return made()


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("of", ["x", "t", "both", "w", "x @ w"])
@pytest.mark.parametrize("style", ["parameters", "a list", "a method"])
def test_examples_keep_their_places(way, of, style):
    """Called with what the function takes, and then the leaves, all of one shape, an unrolled function is right or refuses."""
    out = WAYS_OUT[way]

    def loss(x, t):
        if of == "w":
            return (x * w - t * out(w)).sum()
        if of == "x @ w":
            return ((x * w - t) * out(x * w)).sum()
        return ((x if of == "t" else out(x)) * w - (t if of == "x" else out(t))).sum() + (w * w).sum()

    class Losses:
        def of(self, t, x):  # in this order it takes them
            return loss(t, x)

    written = {"parameters": loss, "a list": lambda *given: loss(given[0], given[1]), "a method": Losses().of}[style]
    rng = np.random.default_rng(0)
    before = w.data
    try:
        by_hand = unroll(written, *rng.normal(size=(2, 3)), wrt=w, buffers=style == "a list")
        for _ in range(4):
            x, t, w.data = rng.normal(size=(3, 3)) * 3
            L = loss(Tensor(x), Tensor(t))
            w.grad = None
            L.backward()
            value, dw = by_hand(x, t, w.data)
            np.testing.assert_allclose(value, L.data)
            np.testing.assert_allclose(dw, w.grad)
    except TypeError as error:
        assert re.search(r"unroll\(f, \*examples\)|(is|are) missing|takes .*; it was given|no function of NumPy", str(error))
    finally:
        w.data = before


def test_what_is_unrecorded_is_in_the_program():
    """What a function computes in no_grad(), of data alone or of weights, or detaches, is computed for each call's values."""

    def straight_through(x, t, unused):
        p = x @ w
        with no_grad():
            scale = (w * w).sum() + t.max()
        return (((p + (np.round(p) - p).detach()) - (t - t.mean()) / (t.std() + 1)) ** 2).mean() / scale

    rng = np.random.default_rng(0)
    by_hand = unroll(straight_through, rng.normal(size=(4, 3)), rng.normal(size=4), np.ones(4))
    assert list(by_hand.parameters) == ["x", "t", "unused", "w"]
    before = w.data
    try:
        for n in (4, 9, 2):
            x, t, w.data = 3 * rng.normal(size=(n, 3)), rng.normal(size=n), rng.normal(size=3)
            L = straight_through(Tensor(x), Tensor(t), None)
            w.grad = None
            L.backward()
            value, (dw,) = by_hand(x, t, np.ones(n), w.data)
            np.testing.assert_allclose(value, L.data)
            np.testing.assert_allclose(dw, w.grad)
    finally:
        w.data = before


def test_one_array_in_two_places():
    """An array that is given twice, and that the function reaches from outside too, stands for three parameters."""
    A = np.arange(3.0)
    by_hand = unroll(lambda *given: (given[0] * w - given[1] * 2 + A).sum(), A, A)
    value, (dw,) = by_hand(np.array([1.0, 0, 2]), np.ones(3), w.data, A)
    assert value == w.data @ [1, 0, 2] - 6 + 3
    assert dw.tolist() == [1, 0, 2]


def test_a_refusal_that_the_function_catches():
    """A function that catches what is raised where it reads values is refused all the same."""

    def loss(x):
        try:
            return (x * w).sum() if float(x.sum()) > 0 else (x + w).sum()
        except TypeError:
            return (x * w).sum()

    with pytest.raises(TypeError, match="f reads the values of"):
        unroll(loss, np.ones(3))


def test_masked_arrays_are_refused():
    """A mask would be lost where an unrolled function is recorded, or called."""
    masked = np.ma.masked_array(np.ones(3), [True, False, False])
    by_hand = unroll(lambda x: (x * w).sum(), np.ones(3))
    for refused in (lambda: by_hand(masked, w), lambda: unroll(lambda x: (x * w).sum(), masked)):
        with pytest.raises(TypeError, match="A Tensor has no mask"):
            refused()
