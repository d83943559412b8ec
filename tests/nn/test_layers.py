"""Layers with weights, and dropout: how weights begin, what is random, what is refused, and how they read in code."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import generators

from microgradnn import Tensor, nn, unroll

# Initial weights


@pytest.mark.parametrize("make", [nn.Linear, nn.Embedding, lambda *sizes, **how: nn.Conv1d(*sizes, 2, **how)])
def test_init_makes_the_weights(make):
    """A layer's weights are what `init` makes of their shape and the generator; b begins at 0."""
    asked = []

    def init(shape, rng):
        asked.append((shape, rng))
        return nn.init.constant(shape, 0.5)

    rng = np.random.default_rng(0)
    layer = make(3, 4, rng=rng, init=init)
    assert asked == [(layer.W.shape, rng)]
    assert (layer.W.data == 0.5).all()
    assert [b.data.any() for path, b in layer.named_parameters() if path == "b"] in ([], [False])


@pytest.mark.parametrize("make", [partial(nn.Linear, 3, 2), partial(nn.Conv1d, 3, 2, 2)])
def test_biases_have_the_dtype_of_weights(rng, make):
    """Weights that are drawn in float32 get a bias in float32, so that nothing turns into float64."""
    layer = make(rng=rng, init=lambda shape, rng: rng.normal(size=shape).astype(np.float32))
    assert layer.b.dtype == np.float32


def test_names():
    """Linear and convolutions call W and b as they are told."""
    for layer in (nn.Linear(1, 1, rng=np.random.default_rng(0), names=("U", "c")), named_convolution()):
        assert (layer.W.name, layer.b.name) == ("U", "c")


def named_convolution():
    """A convolution whose weights have names."""
    return nn.Conv2d(1, 1, 1, rng=np.random.default_rng(0), names=("U", "c"))


# Embedding


def test_embedding_picks_rows(rng):
    """Each index gives its row, for any shape of indices, as lists, arrays or Tensors of whole numbers."""
    table = nn.Embedding(4, 3, rng=rng)
    for indices in (2, [0, 3, 3], np.array([[1], [0]], dtype=np.int8), Tensor(np.array([1, 2])), np.array([], dtype=int)):
        plain = indices.data if isinstance(indices, Tensor) else np.asarray(indices)
        assert np.array_equal(table(indices).data, table.W.data[plain])
    assert table([]).shape == (0, 3)


@given(rng=generators, indices=st.lists(st.integers(0, 3), max_size=8))
def test_embedding_adds_up(rng, indices):
    """A row's gradient is the sum over all places where it was taken."""
    table = nn.Embedding(4, 2, rng=rng)
    dz = rng.normal(size=(len(indices), 2))
    table(indices).backward(dz)
    rows = [np.outer(np.eye(4)[i], row) for i, row in zip(indices, dz, strict=True)]
    assert table.W.grad == pytest.approx(sum(rows, np.zeros((4, 2))))


def test_embedding_refuses(rng):
    """Negative, too large and fractional indices are refused."""
    table = nn.Embedding(4, 2, rng=rng)
    for wrong in (-1, 4):
        with pytest.raises(IndexError) as caught:
            table([0, wrong])
        assert str(caught.value) == (
            f"Embedding(4, 2) expects whole numbers from 0 to 3; {wrong} is none, in an array of shape (2,)."
        )
    for not_whole in ([1.0, 0.5], Tensor([1.0]), np.array([True])):
        with pytest.raises(TypeError, match=r"^Embedding\(4, 2\) expects whole numbers from 0 to 3; .*\nMake them whole"):
            table(not_whole)


# Dropout


def test_dropout_drops_and_enlarges():
    """Of many ones about a share p becomes 0 and the others 1 / (1 − p), so that the mean stays; so does the gradient."""
    x = Tensor(np.ones(100_000), requires_grad=True)
    z = nn.Dropout(0.2, rng=np.random.default_rng(0))(x)
    assert {*z.data} == {0, 1.25}
    assert z.data.mean() == pytest.approx(1, abs=0.01)
    z.sum().backward()
    assert np.array_equal(x.grad, z.data)


@pytest.mark.parametrize("x", [np.full(1000, 9), np.full(1000, fill_value=True), np.full(1000, 9, np.uint8)])
def test_dropout_of_whole_numbers(x):
    """Whole numbers are divided by 1 − p like others: the result is a floating-point one."""
    z = nn.Dropout(0.1, rng=np.random.default_rng(0))(x)
    assert {*z.data} == {0, x[0] / 0.9}


def test_dropout_in_use():
    """In eval mode, and with p = 0, the input is handed through, and the generator is not touched."""
    x = Tensor([1.0, 2.0], requires_grad=True)
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    assert nn.Dropout(0.5, rng=rng).eval()(x) is x
    assert nn.Dropout(0, rng=rng)(x) is x
    assert rng.bit_generator.state == before


def test_dropout_is_random_by_its_generator():
    """Two calls have two masks; the same seed has the same."""
    one, other = (nn.Dropout(0.5, rng=np.random.default_rng(3)) for _ in range(2))
    x = np.ones(50)
    first, second = one(x).data, one(x).data
    assert not np.array_equal(first, second)
    assert np.array_equal(first, other(x).data)
    assert np.array_equal(second, other(x).data)


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, np.nan])
def test_dropout_refuses(p):
    """A probability of 1 or more, or below 0, is refused."""
    with pytest.raises(ValueError, match="^Dropout: p is the probability that a number is dropped, at least 0 and less than 1"):
        nn.Dropout(p, rng=np.random.default_rng(0))


def test_unrolled_dropout_asks_for_the_masks(rng):
    """No randomness is frozen into unrolled code: the masks are parameters, without which it cannot be called."""
    V = Tensor(rng.normal(size=4), requires_grad=True, name="V")
    drop = nn.Dropout(0.5, rng=rng)
    by_hand = unroll(drop(drop(Tensor(rng.normal(size=(5, 4)), name="x") * V).sum(axis=1)).sum().named("L"))
    assert {*by_hand.parameters} == {"x", "mask", "V", "mask_2"}
    assert not by_hand.recorded
    x, one, other = rng.normal(size=(5, 4)), rng.normal(size=(5, 4)), rng.normal(size=5)
    with pytest.raises(TypeError, match="mask, mask_2 are missing"):
        by_hand(x=x, V=V.data)
    loss, dV = by_hand(x=x, V=V.data, mask=one, mask_2=other)
    assert loss == pytest.approx(other @ (x * one) @ V.data)
    assert dV[0] == pytest.approx(other @ (x * one))


def test_unrolled_dropout_of_the_data(rng):
    """Data that was dropped out is a parameter too, and not kept as it happened to be."""
    V = Tensor(rng.normal(size=4), requires_grad=True, name="V")
    by_hand = unroll((nn.Dropout(0.5, rng=rng)(rng.normal(size=(5, 4))) @ V).sum())
    assert {*by_hand.parameters} == {"dropped", "V"}
    assert not by_hand.recorded


# Linear


def test_linear_is_the_affine_map(rng):
    """Linear computes x W + b, with W of shape (inputs, outputs), for one sample or many."""
    layer = nn.Linear(3, 2, rng=rng)
    x = rng.normal(size=(5, 3))
    assert np.array_equal(layer(x).numpy(), x @ layer.W.numpy() + layer.b.numpy())
    assert layer(x[0]).shape == (2,)


def test_linear_without_bias(rng):
    """Without bias there is no b, among the parameters either."""
    layer = nn.Linear(3, 2, bias=False, rng=rng)
    assert [path for path, _ in layer.named_parameters()] == ["W"]
    assert layer(np.ones(3)).shape == (2,)


def test_the_same_seed_gives_the_same_weights():
    """Weights come from the generator given, and from nowhere else."""
    one, other = (nn.Linear(4, 4, rng=np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.W.numpy(), other.W.numpy())
