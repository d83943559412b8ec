"""The operations of layers and losses: which shapes affine takes, and the layers and losses as one operation."""

import numpy as np
import pytest
from messages import message
from networks import leaf

from microgradnn import Tensor, affine


@pytest.mark.parametrize(
    ("W", "b", "said"),
    [
        (np.ones(2), 3.0, "W = an array of shape (2,), b = the number 3.0"),
        (np.ones((2, 2)), np.ones(3), "W = an array of shape (2, 2), b = an array of shape (3,)"),
    ],
)
def test_affine_of_what_does_not_fit(W, b, said):
    """affine names its matrix and its bias, and says which shapes they should have."""
    text = message(ValueError, lambda: affine(leaf([1.0, 2.0]), W, b))
    assert text.startswith(f"affine(x, W, b) cannot be computed for {said}: the shapes do not fit.\n")
    assert "b has one number for each output" in text


@pytest.mark.parametrize(("shape_W", "shape_b"), [((3,), (2,)), ((2, 3, 2), (2,)), ((3, 2), (3,)), ((3, 2), (4, 2))])
def test_affine_refuses_what_is_no_layer(shape_W, shape_b):
    """affine takes a matrix W, and one number for each output or one for all: another b would make the result larger."""
    W, b = Tensor(np.ones(shape_W), requires_grad=True, name="W"), np.ones(shape_b)
    with pytest.raises(ValueError, match=r"^affine\(x, W, b\) cannot be computed for W = 'W'(.|\n)*a row for each input"):
        affine(np.ones(3), W, b)
    assert affine(np.ones(3), Tensor(np.ones((3, 2))), np.ones(1)).shape == (2,)
