"""Random generators: whoever draws takes one, or a seed of one, or nothing."""

import contextlib
import inspect

import numpy as np
import pytest

import microgradnn
from microgradnn import nn, optim, training
from microgradnn.nn import init
from microgradnn.nn.randomness import random_generator


@pytest.mark.parametrize("rng", [np.random.default_rng(0), np.random.RandomState(0), np.random])
def test_a_generator_stays_what_it_is(rng):
    """Whatever draws normal numbers is a generator, and is handed back itself: what it draws next is not changed."""
    assert random_generator(rng) is rng


@pytest.mark.parametrize("seed", [7, np.int64(7), [7, 8], np.random.SeedSequence(7), np.random.PCG64(7)])
def test_a_seed_is_what_numpy_takes(seed):
    """Whatever NumPy's default_rng makes a generator of is a seed."""
    drawn = random_generator(seed).normal()
    assert np.isfinite(drawn) and (isinstance(seed, np.random.PCG64) or drawn == np.random.default_rng(seed).normal())


@pytest.mark.parametrize("given", ["7", 0.5, True])
def test_what_is_no_generator(given):
    """What is neither a generator nor a seed is refused, with an example of both."""
    with pytest.raises(
        TypeError, match=r"^rng is a random generator, such as np\.random\.default_rng\(0\), or a seed, such as 0; it was"
    ):
        random_generator(given)


def order_of_fit(rng):
    """The targets of two epochs of a training, in their order."""
    seen = []

    def loss(prediction, target):
        seen.append(target.reshape(-1))
        return nn.mse_loss(prediction, target)

    X, layer = np.arange(40.0).reshape(40, 1), nn.Linear(1, 1, rng=0)
    training.fit(layer, loss, optim.SGD(layer.parameters(), lr=0), X, X, epochs=2, rng=rng, batch_size=8, progress=False)
    return np.concatenate(seen)


DRAWS = {
    "Linear": lambda rng: nn.Linear(2, 3, rng=rng).W.data,
    "MLP": lambda rng: nn.MLP([2, 2, 2], rng=rng).out.W.data,
    "Conv1d": lambda rng: nn.Conv1d(1, 2, 3, rng=rng).W.data,
    "Conv2d": lambda rng: nn.Conv2d(1, 2, 3, rng=rng).W.data,
    "Embedding": lambda rng: nn.Embedding(3, 2, rng=rng).W.data,
    **{
        kind: lambda rng, kind=kind: getattr(nn, kind)(2, 3, layers=2, rng=rng).cells[1].Wh.data
        for kind in ("RNN", "LSTM", "GRU")
    },
    **{
        f"{kind}Cell": lambda rng, kind=kind: getattr(nn, f"{kind}Cell")(2, 3, rng=rng).Wh.data
        for kind in ("RNN", "LSTM", "GRU")
    },
    "MultiHeadAttention": lambda rng: nn.MultiHeadAttention(4, 2, rng=rng).parameters()[0].data,
    "TransformerBlock": lambda rng: nn.TransformerBlock(4, 2, dropout=0.5, rng=rng)(np.eye(4)[None]).data,
    "Dropout": lambda rng: nn.Dropout(0.5, rng=rng)(np.ones(60)).data,
    **{
        name: lambda rng, name=name: getattr(init, name)((2, 3), rng=rng)
        for name in ("uniform", "normal", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal")
    },
    "batches": lambda rng: np.concatenate([x for (x,) in training.batches(np.arange(40.0), size=3, shuffle=True, rng=rng)]),
    "fit": order_of_fit,
}
SAME_WITHOUT = {"zeros", "ones", "constant", "gradcheck", "check_op"}  # nothing is random, or not in what comes out
STATES = {"save_run", "load_run"}  # take generators to keep what they are at


def takers():
    """The names of all public functions and classes that take an `rng`, but for the one that makes generators."""
    for where in (microgradnn, nn, init, training):
        for name in {*where.__all__} if hasattr(where, "__all__") else {*vars(where)}:
            thing = getattr(where, name, None)
            with contextlib.suppress(TypeError, ValueError):
                if name[0] != "_" and name != "random_generator" and "rng" in inspect.signature(thing).parameters:
                    yield name


def test_all_are_here():
    """Nothing public that takes an `rng` is missing below, and each takes it by name, as an option."""
    assert {*takers()} == {*DRAWS, *SAME_WITHOUT, *STATES}


@pytest.mark.parametrize("name", DRAWS)
def test_whoever_draws_takes_a_seed(name):
    """A seed gives what its generator does; no seed (SPEC 7) something else each time."""
    draw = DRAWS[name]
    assert np.array_equal(draw(3), draw(3))
    assert np.array_equal(draw(3), draw(np.random.default_rng(3)))
    assert not np.array_equal(draw(None), draw(None))


def test_a_seed_is_one_generator_for_all_layers():
    """The layers of an MLP made with a seed differ, and so do the orders of the epochs of a training."""
    network = nn.MLP([3, 3, 3, 3], rng=0)
    assert not np.array_equal(network.hidden1.W.data, network.hidden2.W.data)
    seen = []

    def loss(prediction, target):
        seen.append(float(target[0, 0]))
        return nn.mse_loss(prediction, target)

    X = np.arange(8.0).reshape(8, 1)
    layer = nn.Linear(1, 1, rng=0)
    training.fit(layer, loss, optim.SGD(layer.parameters(), lr=0), X, X, epochs=2, rng=3, batch_size=1, progress=False)
    assert sorted(seen[:8]) == sorted(seen[8:]) and seen[:8] != seen[8:]
