"""Normalisation: PyTorch's running statistics, what each channel becomes, and what has no variance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layer_literals import IN_USE, RUNNING_MEAN, RUNNING_VAR
from layer_table import PHASES, made, wave
from strategies import generators

from microgradnn import Tensor, nn, no_grad


def test_batch_norm_keeps_pytorchs_statistics():
    """Running mean and variance after three batches, and what is made of them in eval mode, are those that PyTorch gave."""
    layer = made("BatchNorm")
    for phase in PHASES:
        layer(wave((4, 2), phase))
    assert layer.running_mean.data == pytest.approx(RUNNING_MEAN, abs=1e-6)
    assert layer.running_var.data == pytest.approx(RUNNING_VAR, abs=1e-6)
    layer.eval()
    before = layer.state_dict()
    assert layer(wave((1, 2), 3.0)).data.ravel() == pytest.approx(IN_USE, abs=1e-6)
    assert all(np.array_equal(before[name], array) for name, array in layer.state_dict().items())


@given(rng=generators, shape=st.sampled_from([(5, 3), (2, 3, 4), (2, 3, 2, 2)]))
def test_batch_norm_normalises_each_channel(rng, shape):
    """Whatever goes in, each channel of what comes out has mean 0 and variance 1."""
    z = nn.BatchNorm(3, eps=0)(rng.normal(2, 5, size=shape))
    others = (0, *range(2, len(shape)))
    assert z.data.mean(axis=others) == pytest.approx(np.zeros(3), abs=1e-9)
    assert z.data.var(axis=others) == pytest.approx(np.ones(3))


def test_batch_norm_of_one_sample():
    """One value of each feature has no variance: it is refused in training, not in eval mode."""
    layer = nn.BatchNorm(2)
    with pytest.raises(ValueError) as caught:
        layer(np.ones((1, 2)))
    assert str(caught.value) == (
        "BatchNorm(2) needs two or more values of each feature in training; shape (1, 2) has not.\n"
        "To use a trained network, call its eval() first. To train it, use a batch size that leaves no batch of one."
    )
    assert layer.running_mean.data.tolist() == [0, 0]
    assert layer.eval()(np.ones((1, 2))).shape == (1, 2)
    assert nn.BatchNorm(2)(np.ones((1, 2, 3))).shape == (1, 2, 3)


def test_batch_norm_without_recording():
    """In training, statistics are kept within no_grad too; the graph of an old batch does not see new ones."""
    layer = nn.BatchNorm(1).eval()
    x = Tensor([[1.0], [2.0]], requires_grad=True)
    z = layer(x)
    with no_grad():
        layer.train()(np.array([[10.0], [20.0]]))
    assert layer.running_mean.data == pytest.approx([1.5])
    z.sum().backward()
    assert x.grad == pytest.approx(np.full((2, 1), 1 / np.sqrt(1 + 1e-5)))


def test_running_statistics_keep_their_dtype():
    """A batch of float64 does not turn float32 statistics into float64."""
    layer = nn.BatchNorm(1)
    layer.running_mean.data, layer.running_var.data = np.zeros(1, np.float32), np.ones(1, np.float32)
    layer(np.array([[1.0], [2.0]]))
    assert (layer.running_mean.dtype, layer.running_var.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("layer", [nn.BatchNorm(3), nn.LayerNorm(3)])
def test_of_whole_numbers(layer):
    """The value is that of the same numbers as floats: squares of uint8 would wrap around."""
    x = np.array([[200, 100, 250], [0, 255, 3]], np.uint8)
    np.testing.assert_allclose(layer(Tensor(x)).data, layer(Tensor(x.astype(float))).data, rtol=1e-14)
