"""What the tests of unrolled functions share: networks, and the comparison with backward()."""

import numpy as np

from microgradnn import Op, Tensor, affine, nn, tanh, unroll


def assert_equals_backward(by_hand, loss, leaves, arguments=None):
    """The function gives the loss and the gradients of backward(), to the last bit; what has no name may be as recorded."""
    for x in leaves:
        x.grad = None
    loss.backward()
    value, gradients = by_hand(**{**by_hand.recorded, **(arguments or {})})
    assert np.array_equal(value, loss.data, equal_nan=True)
    for x, dx in zip(leaves, gradients, strict=True):
        assert dx.shape == x.shape
        assert dx.dtype == x.dtype
        assert np.array_equal(dx, x.grad, equal_nan=True), by_hand.source


def home():
    """L and the leaves of the source's network: W, b_h, V, b_o."""
    rng = np.random.default_rng(0)
    x, t = Tensor([0.5, -1.2, 0.3], name="x"), Tensor(1.0, name="t")
    shapes = {"W": (3, 3), "b_h": (3,), "V": (3,), "b_o": ()}
    W, b_h, V, b_o = leaves = [Tensor(rng.normal(size=s), requires_grad=True, name=name) for name, s in shapes.items()]
    h = tanh(x @ W + b_h).named("h")
    o = (h @ V + b_o).named("o")
    return ((t - o) ** 2).named("L"), leaves


HOME = '''"""L and its gradient with respect to W, b_h, V, b_o, forward and backward."""

import numpy as np


def loss_and_gradients(x, W, b_h, V, b_o, t):
    """L and its gradient with respect to W, b_h, V, b_o.

    Shapes: x (3,), W (3, 3), b_h (3,), V (3,), b_o (), t ().
    """
    # forward
    h = np.tanh(x @ W + b_h)
    o = h @ V + b_o
    z1 = t - o
    L = z1**2

    # backward
    do = -2 * z1  # ∂L/∂o = −2 z1
    dh = do * V  # ∂L/∂h = do · Vᵀ
    dV = h * do  # ∂L/∂V = hᵀ · do
    db_h = dh * (1 - h * h)  # ∂L/∂b_h = dh ⊙ (1 − h²)
    dW = x[:, None] * db_h  # ∂L/∂W = xᵀ · db_h
    db_o = do  # ∂L/∂b_o = do
    return L, (dW, db_h, dV, db_o)
'''


def network(samples):
    """A 2-5-1 network on a batch, its data and its leaves."""
    rng = np.random.default_rng(1)
    X, T = Tensor(rng.normal(size=(samples, 2)), name="X"), Tensor(rng.normal(size=(samples, 1)), name="T")
    leaves = network_leaves()
    return network_loss(leaves)(X, T), [X, T], leaves


def network_leaves():
    """The parameters of that network, always the same."""
    rng = np.random.default_rng(2)
    hidden, out = nn.Linear(2, 5, rng=rng, names=("W1", "b1")), nn.Linear(5, 1, rng=rng, names=("W2", "b2"))
    return [hidden.W, hidden.b, out.W, out.b]


def network_loss(leaves):
    """Its loss as a function of the data."""
    W1, b1, W2, b2 = leaves

    def loss(X, T):
        y = affine(tanh(affine(X, W1, b1)).named("h"), W2, b2).named("y")
        return ((y - T) ** 2).mean().named("L")

    return loss


def unrolled_network(samples, buffers=False):
    """That function unrolled, with examples of so many samples."""
    _, (X, T), leaves = network(samples)
    return unroll(network_loss(leaves), X, T, buffers=buffers)


def values(tensors):
    return {x.name: x.data for x in tensors}


def assert_array_equals(received, expected):
    assert np.array_equal(received, expected), received


def of(forward="x * 1", dx="dz"):
    """An operation of one operand with this forward and this vjp."""

    class Written(Op):
        def forward(self, x):
            return eval(forward, {"np": np, "x": x})

        def dx(self, dz, z, x):
            return eval(dx, {"np": np, "dz": dz, "z": z, "x": x})

        vjps = (dx,)

    return Written()


def many_lines():
    """A graph with long names, a long signature, np.errstate, statements and slices."""
    rng = np.random.default_rng(0)
    names = ["the_weights_of_the_first_layer", "l", "lambda", "hidden.0.W", "np", "n", "dW"]
    leaves = [Tensor(rng.normal(size=(3, 3)), requires_grad=True, name=name) for name in names]
    a, b, c, d, e, f, g = leaves
    z = tanh(a @ b + c).logsumexp(axis=0).named("log of the sum")
    return ((d * z)[1:, ::-1] ** 3).sum() + (e[[0, 0, 1]] * abs(f) ** g.sigmoid()).max(axis=1).mean() + a[0, 1], leaves
