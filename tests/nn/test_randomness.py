"""Random generators: whoever draws takes one, or a seed of one, or nothing."""

import numpy as np
import pytest

from microgradnn import nn, optim, training
from microgradnn.nn import init
from microgradnn.nn.randomness import random_generator


@pytest.mark.parametrize("rng", [np.random.default_rng(0), np.random.RandomState(0), np.random])
def test_a_generator_stays_what_it_is(rng):
    """Whatever draws normal numbers is a generator, and is handed back itself: what it draws next is not changed."""
    assert random_generator(rng) is rng


@pytest.mark.parametrize("given", ["7", [7], 0.5, True])
def test_what_is_no_generator(given):
    """What is neither a generator nor a seed is refused, with an example of both."""
    with pytest.raises(
        TypeError, match=r"^rng is a random generator, such as np\.random\.default_rng\(0\), or a seed, such as 0; it was"
    ):
        random_generator(given)


DRAWS = {
    "Linear": lambda rng: nn.Linear(2, 3, rng=rng).W.data,
    "MLP": lambda rng: nn.MLP([2, 2, 2], rng=rng).out.W.data,
    "Conv2d": lambda rng: nn.Conv2d(1, 2, 3, rng=rng).W.data,
    "Embedding": lambda rng: nn.Embedding(3, 2, rng=rng).W.data,
    "LSTM": lambda rng: nn.LSTM(2, 3, layers=2, rng=rng).cells[1].Wh.data,
    "Dropout": lambda rng: nn.Dropout(0.5, rng=rng)(np.ones(60)).data,
    "init": lambda rng: init.normal((2, 3), rng=rng),
}


@pytest.mark.parametrize("name", [*DRAWS, "batches"])
def test_whoever_draws_takes_a_seed(name):
    """A seed gives what its generator does; no seed (SPEC 7) something else each time, but for batches, which stay in order."""
    draw = DRAWS.get(name, lambda rng: np.concatenate([x for (x,) in training.batches(np.arange(40.0), size=3, rng=rng)]))
    assert np.array_equal(draw(3), draw(3))
    assert np.array_equal(draw(3), draw(np.random.default_rng(3)))
    assert np.array_equal(draw(None), draw(None)) is (name == "batches")


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
