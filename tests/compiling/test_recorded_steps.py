"""Recorded steps: what the parameters of the program are bound to."""

import numpy as np

from microgradnn import Tensor, nn
from microgradnn.compiling.recorded_steps import recorded_step


def test_what_parameters_are_bound_to():
    """Arguments by their position, Tensors that are there in each call, and arrays that the function makes, as constants."""
    W, mask = Tensor(np.ones(3), requires_grad=True, name="W"), Tensor(np.array([1.0, 0.0, 1.0]), name="mask")

    def loss(text, x):
        return (W * x * mask * Tensor([1.0, 2.0, 3.0], name="made")).sum()

    recorded = recorded_step(loss, lambda args: (loss(*args), []), [W], ["first", np.ones(3)])
    kinds = {recorded.program.parameters[x].name: slot for x, slot in recorded.slots.items()}
    assert kinds["x"] == ("argument", 1)
    assert kinds["W"][0] == kinds["mask"][0] == "tensor"
    assert kinds["made"][0] == "constant"
    assert recorded.wanted == [W] or recorded.wanted[0] is W


def test_modules_that_were_called():
    """They are known, so that their mode can be looked at."""
    layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
    recorded = recorded_step(layer, lambda args: (layer(*args).sum(), []), layer.parameters(), [np.ones((1, 3))])
    assert recorded.modules == [layer]
