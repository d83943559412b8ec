"""SGD: a step against the gradient, what it refuses, and a line that it fits."""

import numpy as np
import pytest

from microgradnn import Tensor, nn, optim


def test_sgd_steps_against_the_gradient():
    """SGD takes W to W − α ∂L/∂W, in place, and leaves alone what has no gradient."""
    W, unused = Tensor([1.0, 2.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    data = W.data
    (W * W).sum().backward()
    optim.SGD([W, unused], lr=0.5).step()
    assert W.data is data
    assert W.data.tolist() == [0, 0]
    assert unused.data.tolist() == [5]


def test_sgd_of_nothing():
    """An optimiser without parameters, or with a negative learning rate, is refused."""
    with pytest.raises(ValueError, match=r"^SGD was given no parameters: pass network.parameters\(\), or a list of Tensors.$"):
        optim.SGD([], lr=0.1)
    with pytest.raises(ValueError, match=r"^The learning rate must not be negative; it is -1.$"):
        optim.SGD([Tensor(1.0, requires_grad=True)], lr=-1)


def test_training_fits_a_line(rng):
    """Gradient descent finds the line that the data lie on."""
    layer = nn.Linear(1, 1, rng=rng)
    descent = optim.SGD(layer.parameters(), lr=0.01)
    x = np.linspace(-1, 1, 20)[:, None]
    for _ in range(200):
        descent.zero_grad()
        nn.squared_error(layer(x), 3 * x - 1).backward()
        descent.step()
    assert layer.W.item() == pytest.approx(3)
    assert layer.b.item() == pytest.approx(-1)
