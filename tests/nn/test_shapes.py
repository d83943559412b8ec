"""Inputs that do not fit: what a layer says of them."""

import numpy as np
import pytest
from layer_table import made

from microgradnn import Tensor, nn


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("Linear", (5, 4), "Linear(3, 2) expects an input of shape (..., 3); it was given 'x' of shape (5, 4)."),
        ("Linear", (), "Linear(3, 2) expects an input of shape (..., 3); it was given 'x' of shape ()."),
        (
            "Conv2d",
            (2, 3, 3),
            "Conv2d(2, 1, 2) expects an input of shape (n, 2, height, width); it was given 'x' of shape (2, 3, 3).",
        ),
        (
            "Conv1d",
            (1, 3, 4),
            (
                "Conv1d(2, 2, 3, stride=2, padding=1) expects an input of shape (n, 2, length); "
                "it was given 'x' of shape (1, 3, 4)."
            ),
        ),
        ("BatchNorm", (2,), "BatchNorm(2) expects an input of shape (n, 2, ...); it was given 'x' of shape (2,)."),
        ("BatchNorm", (4, 3), "BatchNorm(2) expects an input of shape (n, 2, ...); it was given 'x' of shape (4, 3)."),
        ("LayerNorm", (3, 2), "LayerNorm(3) expects an input of shape (..., 3); it was given 'x' of shape (3, 2)."),
        (
            "LayerNorm over two axes",
            (2,),
            "LayerNorm((2, 2), eps=0.01) expects an input of shape (..., 2, 2); it was given 'x' of shape (2,).",
        ),
        ("Flatten", (), "Flatten() expects an input of shape (n, ...); it was given 'x' of shape ()."),
        (
            "AvgPool2d",
            (4,),
            "AvgPool2d(kernel_size=2) expects an input of shape (..., height, width); it was given 'x' of shape (4,).",
        ),
        (
            "MaxPool1d",
            (),
            "MaxPool1d(kernel_size=2) expects an input of shape (..., length); it was given 'x' of shape ().",
        ),
    ],
)
def test_shapes_that_do_not_fit(name, shape, message):
    """A wrong shape is refused by the layer's name, with what it expects and what it got."""
    with pytest.raises(ValueError) as caught:
        made(name)(Tensor(np.ones(shape), name="x"))
    assert str(caught.value) == message


def test_a_refusal_says_which_layer(rng):
    """Within a network a layer is called by the path to it."""
    network = nn.Module()
    network.body = nn.Sequential(nn.Linear(3, 3, rng=rng), nn.Linear(4, 4, rng=rng))
    with pytest.raises(ValueError, match=r"^body.1: Linear\(4, 4\) expects"):
        network.body(np.ones(3))
