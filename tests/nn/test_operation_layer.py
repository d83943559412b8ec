"""Operations as layers: which options they take."""

import pytest

from microgradnn import nn


def test_options_of_an_operation():
    """Options are those of the operation; others are refused by the layer's name, with what there is."""
    assert repr(nn.LeakyReLU(0.2)) == repr(nn.LeakyReLU(negative_slope=0.2)) == "LeakyReLU(negative_slope=0.2)"
    with pytest.raises(TypeError, match=r"^LeakyReLU\(negative_slope=0.01\): got an unexpected keyword argument 'slope'.$"):
        nn.LeakyReLU(slope=0.2)
    with pytest.raises(TypeError, match=r"^MaxPool2d\(kernel_size, stride=None, padding=0\): missing a required argument"):
        nn.MaxPool2d()
