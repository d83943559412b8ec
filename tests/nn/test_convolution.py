"""Layers for images and sequences: their operation with their weights, how wide their windows are, and how they read."""

import numpy as np
import pytest

from microgradnn import conv1d, conv2d, max_pool2d, nn


def test_a_convolution_is_its_operation_with_its_weights(rng):
    """W, b, stride and padding are those of the layer."""
    x = rng.normal(size=(2, 3, 6, 5))
    layer = nn.Conv2d(3, 4, (2, 3), stride=(2, 1), padding=1, rng=rng)
    layer.b.data[...] = rng.normal(size=4)
    np.testing.assert_array_equal(layer(x).data, conv2d(x, layer.W.data, layer.b.data, (2, 1), 1))
    x = rng.normal(size=(2, 3, 6))
    layer = nn.Conv1d(3, 4, 2, bias=False, rng=rng)
    assert layer.b is None
    np.testing.assert_array_equal(layer(x).data, conv1d(x, layer.W.data))


@pytest.mark.parametrize(
    ("kind", "size", "shape"),
    [
        (nn.Conv2d, 3, (8, 1, 3, 3)),
        (nn.Conv2d, (3, 5), (8, 1, 3, 5)),
        (nn.Conv2d, np.int64(2), (8, 1, 2, 2)),
        (nn.Conv1d, 3, (8, 1, 3)),
    ],
)
def test_a_window_has_a_length_along_each_axis(kind, size, shape, rng):
    """One number stands for all axes, be it Python's or NumPy's."""
    assert kind(1, 8, size, rng=rng).W.shape == shape


def test_what_is_not_the_default_is_shown(rng):
    """A layer reads as it was made; a square window is one number."""
    assert nn.Conv2d(1, 2, (3, 3), rng=rng).signature() == "Conv2d(1, 2, 3)"
    shown = "Conv2d(1, 2, (3, 1), stride=2, padding=(1, 0), bias=False)"
    assert nn.Conv2d(1, 2, (3, 1), 2, (1, 0), bias=False, rng=rng).signature() == shown


def test_pooling_hands_its_options_on(rng):
    """Window, stride and padding reach the operation."""
    x = rng.normal(size=(1, 2, 5, 5))
    expected = max_pool2d(x, 3, stride=1, padding=1)
    np.testing.assert_array_equal(nn.MaxPool2d(3, stride=1, padding=1)(x), expected)
