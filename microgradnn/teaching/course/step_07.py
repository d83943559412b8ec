"""Step 7. Broadcasting, and back

x + b adds one b, of shape (3,), to each row of x, of shape (4, 3): NumPy uses every element of b four times. And where a value
is used several times, its gradients add up (step 4):

    forward    b (3,)  ──►  repeated to (4, 3)       so       backward    db (3,)  ◄── summed over the rows ──  (4, 3)

How do axes get repeated? Those that b has not are put in front; those in which it has the length 1 are stretched. Both are
undone in one place, in the loop, and no rule needs to know: neither + nor *, nor any that is still to come.
"""

import numpy as np

from .step_01 import Node
from .step_04 import youngest_first
from .step_06 import array


def unbroadcast(dx, shape):
    """Sum dx over the axes along which something of this shape was repeated."""
    # gap 1: sum over the axes in front that shape has not, until both have as many
    # hint: len(dx.shape) and len(shape) say how many axes there are; dx.sum(axis=0) adds up along the first.
    # hint: As long as dx has more axes than shape: sum over its first one.
    # hint: while len(dx.shape) > len(shape):
    # hint+     dx = dx.sum(axis=...)
    while len(dx.shape) > len(shape):
        dx = dx.sum(axis=0)
    # end
    for axis, length in enumerate(shape):
        # gap 2: an axis that is 1 long in shape, and longer in dx, was stretched: sum over it, and keep it
        # hint: length is that of shape, dx.shape[axis] that of dx.
        # hint: dx.sum(axis=axis, keepdims=True) sums, and leaves the axis there, 1 long.
        # hint: if length == 1 and dx.shape[axis] > 1:
        # hint+     dx = dx.sum(...)
        if length == 1 and dx.shape[axis] > 1:
            dx = dx.sum(axis=axis, keepdims=True)
        # end
    return dx


def backward(output):
    """Leave ∂output/∂x in the `.grad` of every Node that `output` was computed from; it has the shape of x."""
    grads = {output: np.ones(output.shape)}
    for node in youngest_first(output):
        dz = node.grad = grads[node]
        if node.op is None:
            continue
        z, xs = node.data, [x.data for x in node.inputs]
        for x, vjp in zip(node.inputs, node.op.vjps, strict=True):
            # gap 3: as in step 4, dx is what the rule gives; but with the shape of x
            # hint: The rule is called as before, and its result is handed to unbroadcast.
            # hint: The shape wanted is x.shape.
            # hint: dx = unbroadcast(vjp(node.op, dz, z, *xs), ...)
            dx = unbroadcast(vjp(node.op, dz, z, *xs), x.shape)
            # end
            grads[x] = grads[x] + dx if x in grads else dx


def network(X, W, b, V, c):
    """The network of the question, for all samples at once."""
    return (X @ W + b).tanh() @ V + c


def train(parameters, X, T, steps, rate):
    """Gradient descent on the mean squared error; returns the losses."""
    losses = []
    for _ in range(steps):
        L = ((T - network(X, *parameters)) ** 2).sum() * (1 / len(T))
        backward(L)
        for p in parameters:
            p.data = p.data - rate * p.grad
        losses.append(float(L.data))
    return losses


def begin(seed, hidden=4):
    """Random parameters for two inputs and one output."""
    rng = np.random.default_rng(seed)
    return [
        array(rng.normal(size=(2, hidden)), "W"),
        array(np.zeros(hidden), "b"),
        array(rng.normal(size=(hidden, 1)), "V"),
        array(np.zeros(1), "c"),
    ]


X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T = np.array([[0.0], [1.0], [1.0], [0.0]])  # one or the other, but not both: no straight line parts them


if __name__ == "__main__":
    parameters = begin(seed=0)
    losses = train(parameters, Node(X), T, steps=1000, rate=0.2)
    print(f"loss {losses[0]:.3f} → {losses[-1]:.1e}")
    print("wanted", *T.ravel(), "  learnt", *network(Node(X), *parameters).data.ravel().round(2))


# checks

from .checks import near, same


def check_axes_in_front():
    """(4, 3) back to (3,): the rows are summed; and (2, 4, 3) to () is all of it."""
    same(unbroadcast(np.ones((4, 3)), (3,)), [4.0, 4.0, 4.0])
    same(unbroadcast(np.ones((2, 4, 3)), ()), 24.0)


def check_axes_of_length_one():
    """(4, 3) back to (4, 1) and to (1, 3): summed along the axis, which stays."""
    same(unbroadcast(np.ones((4, 3)), (4, 1)), np.full((4, 1), 3.0))
    same(unbroadcast(np.ones((4, 3)), (1, 3)), np.full((1, 3), 4.0))


def check_nothing_to_do():
    """What has the shape already stays as it is."""
    same(unbroadcast(np.arange(6.0).reshape(2, 3), (2, 3)), np.arange(6.0).reshape(2, 3))


def check_bias():
    """The gradient of a bias has the bias's shape: each row has its part in it."""
    x, b = array(np.ones((4, 3))), array([1.0, 2.0, 3.0])
    backward((x * b).sum())
    same(b.grad, [4.0, 4.0, 4.0])
    same(x.grad, np.tile([1.0, 2.0, 3.0], (4, 1)))


def check_numbers():
    """A number that is multiplied with an array gets one number back: the sum of the array."""
    x = Node(2.0)
    backward((x * array([1.0, 2.0, 3.0])).sum())
    same(x.grad, 6.0)


def check_it_learns():
    """The network learns "one or the other, but not both": its outputs come within 0.1."""
    parameters = begin(seed=0)
    train(parameters, Node(X), T, steps=1000, rate=0.2)
    near(np.abs(T - network(Node(X), *parameters).data).max() < 0.1, True)


def check_the_library_agrees():
    """microgradnn gives the same gradients, to the last digits."""
    from ... import Tensor

    parameters = begin(seed=1)
    L = ((T - network(Node(X), *parameters)) ** 2).sum()
    backward(L)
    theirs = [Tensor(p.data, requires_grad=True) for p in parameters]
    ((T - network(Tensor(X), *theirs)) ** 2).sum().backward()
    for p, their in zip(parameters, theirs, strict=True):
        near(p.grad, their.grad, digits=12)
