"""The samples of a batch: found where row i of the loss is of row i of the data, and learnt from alone or summed."""

import numpy as np
import pytest
from live_pages import attention, batch, classifier, convolution, home, parameter, recurrent, two_layers

from microgradnn import Tensor
from microgradnn.pages.live_samples import Samples


def autoencoder():
    """One sample of three features: the loss is a sum, but not over samples."""
    rng = np.random.default_rng(0)
    x = Tensor([1.0, 2.0, 3.0], name="x")
    return ((x - x @ parameter(rng, "W", 3, 3)) ** 2).sum().named("L")


def normalised():
    """A batch whose samples are seen together: each term depends on all of them."""
    X = Tensor([[1.0], [2.0], [4.0]], name="X")
    h = X @ parameter(np.random.default_rng(0), "W", 1, 1)
    return ((h - h.mean(axis=0)) ** 2).mean().named("L")


def two_outputs():
    """A batch of three samples with two outputs each, and ½ in the loss."""
    rng = np.random.default_rng(1)
    X, T = Tensor(rng.normal(size=(3, 4)), name="X"), Tensor(rng.normal(size=(3, 2)), name="T")
    return (((X @ parameter(rng, "W", 4, 2) - T) ** 2).mean() * 0.5).named("L")


@pytest.mark.parametrize(
    ("network", "count", "kind", "weight"),
    [(batch, 4, "mean", 1), (classifier, 2, "mean", 1), (two_outputs, 3, "mean", 0.25)],
)
def test_samples_are_found(network, count, kind, weight):
    """How many there are, and what the loss of one changes by with a term: half the mean of its two outputs is a quarter."""
    samples = Samples(network())
    assert (samples.count, samples.kind, samples.weight) == (count, kind, weight)


@pytest.mark.parametrize("network", [home, two_layers, attention, recurrent, convolution, autoencoder, normalised])
def test_what_is_no_batch_has_no_samples(network):
    """A sum over features, over units, or over samples that depend on each other is not one over samples."""
    assert Samples(network()).terms is None
