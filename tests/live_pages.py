"""Networks whose live pages the tests open, and what Python computes with the numbers of a page."""

import functools

import numpy as np

from microgradnn import Tensor, nn, ops
from microgradnn.pages.live_page import OPTIMISERS
from microgradnn.programs.program import recomputed


def parameter(rng, name, *shape):
    return Tensor(rng.normal(size=shape), requires_grad=True, name=name)


def home():
    """The source's network: h = tanh(x W + b_h), o = h V + b_o, L = (t − o)²."""
    rng = np.random.default_rng(0)
    x, t = Tensor([0.5, -1.2, 0.3], name="x"), Tensor(1.0, name="t")
    W, V = parameter(rng, "W", 3, 3), parameter(rng, "V", 3)
    b_h, b_o = Tensor(np.zeros(3), requires_grad=True, name="b_h"), Tensor(0.0, requires_grad=True, name="b_o")
    h = np.tanh(x @ W + b_h).named("h")
    o = (h @ V + b_o).named("o")
    return ((t - o) ** 2).named("L")


def two_layers():
    """Two hidden layers: as many paths to an element of W as the second layer has units."""
    rng = np.random.default_rng(1)
    x, t = Tensor([0.5, -1.2], name="x"), Tensor(1.0, name="t")
    h = np.tanh(x @ parameter(rng, "W", 2, 3) + parameter(rng, "b", 3)).named("h")
    k = np.tanh(h @ parameter(rng, "U", 3, 2) + parameter(rng, "c", 2)).named("k")
    return ((t - (k @ parameter(rng, "V", 2)).named("o")) ** 2).named("L")


def batch():
    """XOR, all four samples at once: a path for each of them."""
    rng = np.random.default_rng(3)
    X, t = Tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], name="X"), Tensor([0.0, 1.0, 1.0, 0.0], name="t")
    h = np.tanh(X @ parameter(rng, "W", 2, 3) + parameter(rng, "b", 3)).named("h")
    o = (h @ parameter(rng, "V", 3) + parameter(rng, "c")).named("o")
    return ((t - o) ** 2).mean().named("L")


def classifier():
    """Softmax and cross-entropy."""
    rng = np.random.default_rng(5)
    x = Tensor(rng.normal(size=(2, 3)), name="x")
    z = (x @ parameter(rng, "W", 3, 3) + parameter(rng, "b", 3)).named("z")
    return nn.cross_entropy(z, np.array([0, 2])).named("L")


def attention():
    """softmax(q kᵀ / 2) v: a matrix is transposed, numbers of a row depend on each other."""
    rng = np.random.default_rng(6)
    A = ops.softmax(parameter(rng, "q", 2, 3) @ parameter(rng, "k", 3, 3).T / 2, axis=-1).named("A")
    return ((A @ parameter(rng, "v", 3, 2)).named("y") ** 2).sum().named("L")


def recurrent():
    """Four steps of a recurrence: W and U are used in each."""
    rng = np.random.default_rng(4)
    W, U, V = parameter(rng, "W", 1, 2), parameter(rng, "U", 2, 2), parameter(rng, "V", 2)
    h = Tensor(np.zeros(2), name="h_0")
    for i in range(1, 5):
        h = np.tanh(Tensor(rng.normal(size=1), name=f"x_{i}") @ W + h @ U).named(f"h_{i}")
    return ((h @ V - Tensor(1.0, name="t")) ** 2).named("L")


def convolution():
    """A convolution and a relu, which is 0 in places."""
    rng = np.random.default_rng(5)
    conv = nn.Conv2d(1, 1, 2, rng=rng)
    h = ops.relu(conv(Tensor(rng.normal(size=(1, 1, 4, 4)), name="x"))).named("h")
    return (h.reshape(-1) @ parameter(rng, "V", 9)).named("L")


NETWORKS = (home, two_layers, batch, classifier, attention, recurrent, convolution)


class Python:
    """A network of which Python computes what its page does."""

    def __init__(self, network, output):
        self.network, self.output, self.wanted = network, output, network.wanted

    def put(self, numbers):
        """Give the leaves the numbers of the page: a dict of node number to list."""
        for i, values in numbers.items():
            leaf = self.network.nodes[int(i)]
            leaf.data = np.array(values, leaf.data.dtype).reshape(leaf.data.shape)

    def numbers(self):
        """The loss, and the gradients one after the other, as one array."""
        loss, gradients = recomputed(self.output, self.wanted)
        return np.concatenate([np.ravel(x) for x in (loss, *gradients)])

    def train(self, optimiser, rate, count):
        """Update the parameters so many times."""
        kind, settings, _ = OPTIMISERS[optimiser]
        rule = kind(self.wanted, lr=rate, **settings)
        for _ in range(count):
            for W, gradient in zip(self.wanted, recomputed(self.output, self.wanted)[1], strict=True):
                W.grad = np.array(gradient)
            rule.step()


@functools.cache
def text_of(network):
    """The page of one of the networks."""
    from microgradnn import live

    return live(network()).page()


def frames(page, count=2):
    """Wait until the page has drawn what changed."""
    page.driver.execute_async_script(
        "let n = arguments[0]; const next = () => n-- ? requestAnimationFrame(next) : arguments[1](); next()", count
    )
