"""Layers, losses and the optimiser: values, gradients, names, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import assert_gradient, generators, numeric_gradients

from microgradnn import Tensor, nn, optim


def test_linear_is_the_affine_map(rng):
    """Linear computes x W + b, with W of shape (inputs, outputs), for one sample or many."""
    layer = nn.Linear(3, 2, rng=rng)
    x = rng.normal(size=(5, 3))
    assert np.array_equal(layer(x).numpy(), x @ layer.W.numpy() + layer.b.numpy())
    assert layer(x[0]).shape == (2,)


def test_linear_without_bias(rng):
    """Without bias there is no b, among the parameters either."""
    layer = nn.Linear(3, 2, bias=False, rng=rng)
    assert [path for path, _ in layer.named_parameters()] == ["W"]
    assert layer(np.ones(3)).shape == (2,)


def test_the_same_seed_gives_the_same_weights():
    """Weights come from the generator given, and from nowhere else."""
    one, other = (nn.Linear(4, 4, rng=np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.W.numpy(), other.W.numpy())


class TwoLayers(nn.Module):
    """A network with layers by name and in a list."""

    def __init__(self, rng):
        self.hidden = nn.Linear(2, 3, rng=rng, names=("W", "b_h"))
        self.more = [nn.Linear(3, 3, rng=rng), self.hidden]
        self.scale = Tensor(1.0, requires_grad=True)
        self.constant = Tensor(1.0)

    def forward(self, x):
        return self.more[0](self.hidden(x).tanh()) * self.scale


def test_parameters_are_found_by_path(rng):
    """Parameters are named by the path of attributes that leads to them; a shared one appears once, a constant never."""
    network = TwoLayers(rng)
    assert [path for path, _ in network.named_parameters()] == ["hidden.W", "hidden.b", "more.0.W", "more.0.b", "scale"]


def test_parameters_are_named_by_path(rng):
    """A parameter without a name is called by its path from the outermost module; one that has a name keeps it."""
    network = TwoLayers(rng)
    assert [parameter.name for parameter in network.parameters()] == ["W", "b_h", "more.0.W", "more.0.b", "scale"]
    outer = nn.Module()
    outer.network = network
    assert [parameter.name for parameter in outer.parameters()] == [
        "W",
        "b_h",
        "network.more.0.W",
        "network.more.0.b",
        "network.scale",
    ]


def test_zero_grad(rng):
    """zero_grad takes gradients back to 'not computed'."""
    network = TwoLayers(rng)
    network(np.ones(2)).sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    network.zero_grad()
    assert all(parameter.grad is None for parameter in network.parameters())


def test_a_module_without_forward():
    """A module that does not say what it computes names what is missing."""
    with pytest.raises(NotImplementedError, match=r"^Module needs a method forward\(self, x\)$"):
        nn.Module()(1.0)


def test_squared_error():
    """The squared error is Σ (t − o)², in one operation."""
    o = Tensor([1.0, 2.0], requires_grad=True)
    L = nn.squared_error(o, [3.0, 3.0])
    L.backward()
    assert L.item() == 5
    assert o.grad.tolist() == [-4, -2]
    assert L.inputs[0] is o


def test_squared_error_refuses_to_broadcast():
    """Predictions of shape (n, 1) against targets of shape (n,) are refused, with the way out."""
    with pytest.raises(ValueError) as caught:
        nn.squared_error(Tensor(np.ones((3, 1))), np.ones(3))
    assert str(caught.value) == (
        "squared_error compares element with element, but the prediction has shape (3, 1) and the target (3,).\n"
        "Reshape one of them: target.reshape((3, 1))."
    )


@given(rng=generators, samples=st.integers(1, 4), classes=st.integers(2, 5))
def test_cross_entropy(rng, samples, classes):
    """Class indices and 0–1 codes give the same loss, −mean log p, and the gradient (p − t) / samples."""
    logits, y = rng.normal(size=(samples, classes)), rng.integers(classes, size=samples)
    codes = np.eye(classes)[y]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for target in (y, codes, Tensor(codes)):
        o = Tensor(logits, requires_grad=True)
        L = nn.cross_entropy(o, target)
        L.backward()
        assert L.item() == pytest.approx(-np.log(p[range(samples), y]).mean())
        assert o.grad == pytest.approx((p - codes) / samples)


def test_cross_entropy_of_one_sample():
    """For one sample, logits have one axis and the class is one integer."""
    logits = np.array([0.3, -0.2, 0.5])
    L = nn.cross_entropy(Tensor(logits), 1)
    assert L.item() == pytest.approx(np.log(np.exp(logits).sum()) - logits[1])


def test_cross_entropy_stays_finite():
    """Logits of ±1000 give a finite loss and gradient."""
    o = Tensor([1000.0, -1000.0], requires_grad=True)
    L = nn.cross_entropy(o, 1)
    L.backward()
    assert L.item() == 2000
    assert o.grad.tolist() == [1, -1]


@pytest.mark.parametrize("target", [[0, 3], [-1, 0]])
def test_cross_entropy_with_an_unknown_class(target):
    """A class that has no logit is refused; −1 does not count from the end."""
    with pytest.raises(ValueError, match=r"^cross_entropy: there are 3 classes, 0 to 2; the target has "):
        nn.cross_entropy(Tensor(np.zeros((2, 3))), target)


def test_cross_entropy_with_a_wrong_shape():
    """A target of another shape is refused, with both that would do."""
    with pytest.raises(ValueError) as caught:
        nn.cross_entropy(Tensor(np.zeros((2, 3))), [0, 1, 2])
    assert str(caught.value) == (
        "cross_entropy: logits of shape (2, 3) need a target of whole numbers of shape (2,), or of shape (2, 3); "
        "this one has shape (3,) and dtype int64."
    )


@pytest.mark.parametrize(
    ("target", "way"),
    [
        (Tensor([0, 1]), "Make the classes whole numbers: np.asarray(target, dtype=int)."),
        (np.array([0.0, 1.0]), "Make the classes whole numbers: np.asarray(target, dtype=int)."),
        (np.array([[0], [1]]), "Reshape it: target.reshape((2,))."),
    ],
)
def test_cross_entropy_shows_the_way_out(target, way):
    """Classes as floats, or as a column, are refused with what to do; a logit alone is refused too."""
    with pytest.raises(ValueError) as caught:
        nn.cross_entropy(Tensor(np.zeros((2, 3))), target)
    assert str(caught.value).splitlines()[1] == way
    with pytest.raises(ValueError, match="^cross_entropy takes logits with the classes along the last axis; it was given one"):
        nn.cross_entropy(Tensor(0.0), 0)


def test_a_network_against_differences(rng):
    """Gradients of a whole network's parameters are difference quotients of its loss."""
    network = TwoLayers(rng)
    x, y = rng.normal(size=(4, 2)), rng.integers(3, size=4)
    nn.cross_entropy(network(x), y).backward()
    parameters = network.parameters()

    def loss(*values):
        for parameter, value in zip(parameters, values, strict=True):
            parameter.data = value
        return nn.cross_entropy(network(x), y).item()

    values = [parameter.data.copy() for parameter in parameters]
    expected = numeric_gradients(loss, values)
    for (path, parameter), dx in zip(network.named_parameters(), expected, strict=True):
        assert_gradient(path, parameter.grad, dx, "central differences")


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
