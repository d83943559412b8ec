"""The networks of the demo's live page: a dozen small ones, each for something that can be seen there."""

import numpy as np

from .. import nn
from ..ops import relu, sigmoid, softmax, tanh
from ..tensor import Tensor


def given(name, x):
    """Data, or targets."""
    return Tensor(np.array(x, float), name=name)


def weights(name, *shape, rng=None, scale=1.0):
    """A parameter, drawn at random; zeros without a generator."""
    return Tensor(np.zeros(shape) if rng is None else scale * rng.normal(size=shape), requires_grad=True, name=name)


def source_network():
    """Three tanh units and a linear output, for one sample: the network of the question."""
    rng = np.random.default_rng(0)
    x, t = given("x", [0.5, -1.2, 0.3]), given("t", 1)
    W, V = weights("W", 3, 3, rng=rng), weights("V", 3, rng=rng)
    h = tanh(x @ W + weights("b_h", 3)).named("h")
    o = (h @ V + weights("b_o")).named("o")
    return ((t - o) ** 2).named("L")


def one_neuron():
    """All numbers are scalars: the chain rule as it is written on a blackboard."""
    x, t = given("x", 0.5), given("t", 1)
    w, b = Tensor(0.8, requires_grad=True, name="w"), Tensor(-0.1, requires_grad=True, name="b")
    z = (w * x + b).named("z")
    return ((t - tanh(z).named("o")) ** 2).named("L")


def line():
    """A straight line through four points, which has one best answer: what learning rate breaks it?"""
    x, t = given("x", [-1, 0, 1, 2]), given("t", [-1.1, 0.2, 0.9, 2.2])
    w, b = Tensor(-0.5, requires_grad=True, name="w"), Tensor(1.0, requires_grad=True, name="b")
    o = (w * x + b).named("o")
    return ((t - o) ** 2).mean().named("L")


def two_layers():
    """Two hidden layers: a weight of the first reaches the loss through each unit of the second."""
    rng = np.random.default_rng(1)
    x, t = given("x", [0.5, -1.2]), given("t", 1)
    h = tanh(x @ weights("W", 2, 3, rng=rng) + weights("b", 3)).named("h")
    k = tanh(h @ weights("U", 3, 2, rng=rng) + weights("c", 2)).named("k")
    return ((t - (k @ weights("V", 2, rng=rng)).named("o")) ** 2).named("L")


def xor():
    """Four samples that one unit cannot fit: equal units stay equal, and stay worse."""
    rng = np.random.default_rng(3)
    X, t = given("X", [[0, 0], [0, 1], [1, 0], [1, 1]]), given("t", [0, 1, 1, 0])
    h = tanh(X @ weights("W", 2, 3, rng=rng) + weights("b", 3, rng=rng)).named("h")
    o = (h @ weights("V", 3, rng=rng) + weights("c")).named("o")
    return ((t - o) ** 2).mean().named("L")


def classifier():
    """Three classes: softmax and cross-entropy, whose gradient is p − y."""
    rng = np.random.default_rng(5)
    x, y = given("x", [0.5, -1.2, 0.3]), given("y", [0, 1, 0])
    z = (x @ weights("W", 3, 3, rng=rng) + weights("b", 3)).named("z")
    p = softmax(z).named("p")
    return (-(y * np.log(p)).sum()).named("L")


def saturating():
    """Sigmoids one after the other, far from their middle: what flows back vanishes."""
    x, t = given("x", 1), given("t", 0)
    h = x
    for i in range(1, 5):
        h = sigmoid(Tensor(4.0, requires_grad=True, name=f"w_{i}") * h).named(f"h_{i}")
    return ((t - h) ** 2).named("L")


def dying():
    """ReLU units whose sums are negative: no gradient comes through, and no update brings them back."""
    x, t = given("x", [1, 2]), given("t", 1)
    W = Tensor([[0.5, -0.8, -0.3], [0.4, -0.2, -0.6]], requires_grad=True, name="W")
    h = relu(x @ W + Tensor([0.1, -0.5, 0.2], requires_grad=True, name="b")).named("h")
    return ((t - (h @ Tensor([1.0, -1.0, 0.5], requires_grad=True, name="V")).named("o")) ** 2).named("L")


def residual():
    """A way around each layer: what flows back is added to itself, and does not vanish."""
    rng = np.random.default_rng(7)
    h, t = given("x", [0.5, -1.2]), given("t", 1)
    for i in range(1, 4):
        h = (h + tanh(h @ weights(f"W_{i}", 2, 2, rng=rng, scale=0.3))).named(f"h_{i}")
    return ((t - (h @ weights("V", 2, rng=rng)).named("o")) ** 2).named("L")


def recurrent():
    """Four steps of a recurrence: its weights are used in each, and the paths add up."""
    rng = np.random.default_rng(4)
    W, U, V = weights("W", 1, 2, rng=rng), weights("U", 2, 2, rng=rng, scale=0.7), weights("V", 2, rng=rng)
    h = given("h_0", [0, 0])
    for i, x in enumerate([0.5, -1.0, 0.8, 0.3], start=1):
        h = tanh(given(f"x_{i}", [x]) @ W + h @ U).named(f"h_{i}")
    return ((h @ V - given("t", 1)) ** 2).named("L")


def attention():
    """softmax(q kᵀ / √3) v: a weight of one place takes from the others."""
    rng = np.random.default_rng(6)
    q, k, v = weights("q", 2, 3, rng=rng), weights("k", 3, 3, rng=rng), weights("v", 3, 2, rng=rng)
    A = softmax(q @ k.T / np.sqrt(3), axis=-1).named("A")
    return ((A @ v).named("y") ** 2).sum().named("L")


def convolution():
    """A kernel that slides over an image: each of its numbers is used in every place."""
    rng = np.random.default_rng(8)
    image = given("x", rng.normal(size=(1, 1, 4, 4)).round(1))
    conv = nn.Conv2d(1, 1, 2, bias=False, rng=rng)
    h = relu(conv(image)).named("h")
    return ((h.sum() - given("t", 1)) ** 2).named("L")


NETWORKS = {
    "The question's network": source_network,
    "One neuron": one_neuron,
    "A line through four points": line,
    "Two hidden layers": two_layers,
    "XOR: equal units": xor,
    "Softmax classifier": classifier,
    "Sigmoids that saturate": saturating,
    "ReLU units that die": dying,
    "Residual layers": residual,
    "An RNN over four steps": recurrent,
    "Attention": attention,
    "A convolution": convolution,
}
