"""The comments of a program: the formula that a line computes, and whose gradient that is."""

import numpy as np

from microgradnn import Tensor
from microgradnn.programs.unrolling import unroll


def test_one_value_for_two():
    """Where two tensors were computed alike and so have one value, a comment says that each brings a part of its gradient."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    source = unroll((np.exp(x) / (1 + np.exp(x))).sum(), x).source
    assert "dz1 = 1 / z2  # ∂L/∂z1 in part = 1 / z2" in source
    a, b = np.exp(x).named("a"), np.exp(x).named("b")
    assert "db = 1 / z2 + dz2  # ∂L/∂a in part" in unroll((a * a * a + b / (1 + b)).sum(), x).source
    assert "in part" not in unroll(((a * 1).reshape(2) / 2 + a).sum(), [x, a]).source


def test_a_forward_value_is_not_called_a_gradient():
    """Where a value of the forward pass happens to be a gradient too, as u M is ∂L/∂z of L = u M z, it is called a value."""
    u, M, z = (Tensor(np.ones(shape), requires_grad=True, name=name) for name, shape in [("u", 2), ("M", (2, 3)), ("z", 3)])
    source = unroll((u @ M @ z).named("L"), [M, z]).source
    assert "    z1 = u @ M\n    L = z1 @ z\n" in source
    assert "dz = z1  # ∂L/∂z = z1" in source


def test_long_comments_end_in_dots():
    """A formula that does not fit is left out; what fits not even then is cut where one sees it."""
    names = ["observations", "encoder_hidden_weights_and_more", "decoder_hidden_weights_and_more_of_them"]
    x, W, V = (Tensor(np.ones((2, 2)), requires_grad=True, name=name) for name in names)
    source = unroll(((x @ W @ V) ** 2).sum().named("reconstruction_loss_of_all")).source
    for line in source.splitlines():
        assert not line.endswith(" ")
        assert len(line) <= 88 or "#" not in line
