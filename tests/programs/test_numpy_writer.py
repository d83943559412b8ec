"""The text of unrolled functions reads as one would write it."""

import numpy as np
from unrolled import HOME, home

from microgradnn import Tensor, nn
from microgradnn.programs.unrolling import unroll


def test_the_source_network_by_hand():
    """The home case reads as the source's own derivation: ∂L/∂W₁₁ = −2(t − o) · V₁ · (1 − h₁²) x₁."""
    loss, leaves = home()
    assert unroll(loss, leaves).source == HOME


def test_windows_are_gathered_in_one_array():
    """The gradient of a pooled image is one array, to which each place of the window adds its part."""
    images = Tensor(np.arange(16.0).reshape(1, 1, 4, 4), requires_grad=True, name="images")
    _, _, backward = unroll(nn.MaxPool2d(2)(images).sum(), images).source.partition("# backward\n")
    start = "    dimages = np.zeros((1, 1, 4, 4))  # ∂L/∂images\n    dimages[..., 0:4:2, 0:4:2] += u10[..., 0, 0]\n"
    assert start in backward
    assert backward.count("+=") == 4
    assert backward.count("zeros") == 1
