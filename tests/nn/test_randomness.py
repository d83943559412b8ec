"""Random generators: whoever draws takes one, and a seed in its place is refused."""

import numpy as np
import pytest

from microgradnn import nn, training
from microgradnn.nn import init
from microgradnn.nn.randomness import random_generator


@pytest.mark.parametrize("rng", [np.random.default_rng(0), np.random.RandomState(0), np.random])
def test_a_generator_stays_what_it_is(rng):
    """Whatever draws normal numbers is a generator, and is handed back itself: what it draws next is not changed."""
    assert random_generator(rng) is rng


@pytest.mark.parametrize(("given", "seed"), [(7, 7), (None, 0), ("7", 0), ([7], 0)])
def test_what_is_no_generator(given, seed):
    """A seed is refused with the generator that it would make, and what is no seed either with an example."""
    with pytest.raises(TypeError) as caught:
        random_generator(given)
    assert str(caught.value) == (f"rng is a random generator, such as np.random.default_rng({seed}); it was given {given!r}.")


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: nn.Linear(2, 3, rng=rng),
        lambda rng: nn.Conv2d(1, 2, 3, rng=rng),
        lambda rng: nn.Dropout(0.5, rng=rng),
        lambda rng: init.normal((2, 3), rng=rng),
        lambda rng: list(training.batches(np.ones((4, 1)), size=2, rng=rng)),
    ],
    ids=["Linear", "Conv2d", "Dropout", "init", "batches"],
)
def test_whoever_draws_refuses_a_seed(draw):
    """Layers, initialisers and batches refuse a seed alike, when they are made; each takes a generator."""
    with pytest.raises(TypeError, match=r"^rng is a random generator, such as np\.random\.default_rng\(3\)"):
        draw(3)
    draw(np.random.default_rng(3))
