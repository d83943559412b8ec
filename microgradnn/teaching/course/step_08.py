"""Step 8. Derivatives of derivatives

    rule           handed arrays: dz, x, y             handed Nodes: dz, x, y
    dz * y         an array                            a Node, which remembers how it was made

A rule only says `dz * y`. Hand it Nodes, and the backward pass is itself recorded as a graph, through which one can go back:
that is a second derivative, and nobody has written a rule for it. All that the loop needs is to be told what a rule shall see
of a Node: `read`. For numbers it reads the value; for derivatives of derivatives, the Node itself.
"""

import numpy as np

from .step_01 import Node
from .step_03 import Op
from .step_04 import youngest_first
from .step_05 import Power, Tanh  # with them **, - and tanh have rules
from .step_06 import array
from .step_07 import unbroadcast


def negative(x):
    """-x, which rules say of dz."""
    return -1 * x


Node.__neg__ = negative


class SumTo(Op):
    """unbroadcast as an operation: what is recorded must have a rule."""

    sign = "sum to shape"

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        return unbroadcast(x, self.shape)

    def dx(self, dz, z, x):
        return dz * np.ones(x.shape)

    vjps = (dx,)


def backpropagate(output, doutput, read):
    """The loop: returns ∂output/∂(node) of all Nodes that output was computed from. Rules see of a Node what `read` gives."""
    grads = {output: doutput}
    for node in youngest_first(output):
        if node.op is None:
            continue
        # gap 1: dz as ever; z and xs, the list of the operands: what `read` gives of the node, and of its inputs
        # hint: In step 7: z, xs = node.data, [x.data for x in node.inputs]. Who says .data here?
        # hint: dz is grads[node], as always. Instead of node.data it is read(node), and likewise for each input.
        # hint: dz, z, xs = grads[node], read(node), [... for x in node.inputs]
        dz, z, xs = grads[node], read(node), [read(x) for x in node.inputs]
        # end
        for x, vjp in zip(node.inputs, node.op.vjps, strict=True):
            dx = vjp(node.op, dz, z, *xs)
            if np.shape(dx) != x.shape:
                dx = SumTo(x.shape)(dx) if isinstance(dx, Node) else unbroadcast(dx, x.shape)
            grads[x] = grads[x] + dx if x in grads else dx
    return grads


def value(node):
    """Read a Node as its number or array."""
    return node.data


def itself(node):
    """Read a Node as the Node: what rules do with it is recorded."""
    return node


def backward(output):
    """Leave ∂output/∂x in every `.grad`, as before."""
    for node, dz in backpropagate(output, np.ones(output.shape), value).items():
        node.grad = dz


def grad(output, x):
    """∂output/∂x as a Node, that can be differentiated again."""
    # gap 2: the gradient of x, from a pass that is recorded: it begins with a Node of ones, and reads each Node as itself
    # hint: backpropagate returns a dict, in which [x] is the gradient of x.
    # hint: doutput must be a Node: Node(np.ones(output.shape)); read must not take the data out.
    # hint: return backpropagate(output, Node(np.ones(output.shape)), ...)[x]
    return backpropagate(output, Node(np.ones(output.shape)), itself)[x]
    # end


def newton(f, x, steps):
    """Where f has its minimum: x ← x − f′(x) / f″(x), with both derivatives from `grad`."""
    for _ in range(steps):
        node = Node(x)
        first = grad(f(node), node)
        # gap 3: the second derivative, as a Node
        # hint: What is the derivative of `first`?
        # hint: grad takes any Node that was computed from x: `first` is one.
        # hint: second = grad(..., node)
        second = grad(first, node)
        # end
        x = x - first.data / second.data
    return x


if __name__ == "__main__":
    x = Node(2.0, name="x")
    y = x**4
    for order in range(5):
        print(f"derivative {order} of x⁴ at 2 is {float(y.data)}")
        y = grad(y, x)
    print("the minimum of x⁴ − 3 x is at", round(float(newton(lambda x: x**4 - 3 * x, 1.0, 8)), 6), "= (3/4)^(1/3)")


# checks

from .checks import near, same


def check_first_derivatives_as_before():
    """backward gives what it gave in step 7, for a bias too."""
    x, b = array(np.ones((4, 3))), array([1.0, 2.0, 3.0])
    backward((x * b).sum())
    same(b.grad, [4.0, 4.0, 4.0])


def check_a_gradient_is_a_node():
    """grad gives a Node, which remembers the operation that made it."""
    x = Node(3.0)
    first = grad(x * x, x)
    assert isinstance(first, Node), "grad returned no Node: was the pass recorded?"
    same(first.data, 6.0)
    assert first.op is not None, "the gradient was not recorded: what did the rules see of the Nodes?"


def check_four_derivatives():
    """x⁴ at 2: 32, 48, 48, 24."""
    x = Node(2.0)
    y = x**4
    for expected in (32.0, 48.0, 48.0, 24.0):
        y = grad(y, x)
        near(y.data, expected)


def check_second_derivative_of_tanh():
    """tanh″ = −2 tanh (1 − tanh²): nobody wrote it down, your rule of tanh gave it."""
    x = Node(0.5)
    t = np.tanh(0.5)
    near(grad(grad(x.tanh(), x), x).data, -2 * t * (1 - t * t))


def check_through_a_bias():
    """Also where something was broadcast: the second derivative of the sum of (x b)² is 2 Σ x²."""
    x, b = array([1.0, 2.0, 3.0]), Node(2.0)
    near(grad(grad(((x * b) ** 2).sum(), b), b).data, 28.0)


def check_newton():
    """The minimum of x⁴ − 3 x, to twelve digits, in eight steps."""
    near(newton(lambda x: x**4 - 3 * x, 1.0, 8), 0.75 ** (1 / 3), digits=12)
