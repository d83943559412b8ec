"""Step 6. Arrays

A Node a number is slow, and nobody reads its picture. But look at your rules: dz * y is as good for arrays as for numbers, and
so are all others. Node, Op and backward stay as they are. Only what mixes elements needs rules of its own:

    z = sum of x      each element of x has its part 1 in z: all of them get dz
    Z = X Y           dX = dZ Yᵀ,   dY = Xᵀ dZ        with X (n, m), Y (m, k) and so Z, dZ (n, k)

These two need not be learnt by heart: a gradient has the shape of what it belongs to, and there is only one way to multiply
that fits.
"""

import numpy as np

from .step_01 import Node
from .step_03 import Op
from .step_04 import backward
from .step_05 import Power, Subtract, Tanh  # with them -, ** and tanh have rules

Node.shape = property(lambda node: np.shape(node.data))
Node.__array_ufunc__ = None  # array + node is ours: without this, NumPy would add the Node to each element


def array(values, name=None):
    """A Node that holds an array of floats. (Of two lists, + would join them.)"""
    return Node(np.asarray(values, float), name=name)


class Sum(Op):
    """z = the sum of all elements of x"""

    sign = "sum"

    def forward(self, x):
        return np.sum(x)

    def dx(self, dz, z, x):
        # gap 1: ∂L/∂x, of the shape of x: dz everywhere, by arithmetic. (dz is one number; in step 8, a Node.)
        # hint: np.ones(shape) is an array full of ones.
        # hint: dz times an array of ones, of the shape x.shape.
        # hint: return dz * np.ones(...)
        return dz * np.ones(x.shape)
        # end

    vjps = (dx,)


class MatrixProduct(Op):
    """Z = X Y, of two matrices"""

    sign = "@"

    def forward(self, x, y):
        return x @ y

    def dx(self, dz, z, x, y):
        # gap 2: ∂L/∂X, of the shape of x
        # hint: It stands at the top of this file. @ multiplies matrices, and .T turns one over.
        # hint: (n, k) times (k, m) gives (n, m): the first is dz, and what has the shape (k, m)?
        # hint: return dz @ ...
        return dz @ y.T
        # end

    def dy(self, dz, z, x, y):
        # gap 3: ∂L/∂Y, of the shape of y
        # hint: It needs x, which is (n, m), and dz, which is (n, k), to give (m, k).
        # hint: (m, n) times (n, k); what has the shape (m, n)?
        # hint: return x.T @ ...
        return x.T @ dz
        # end

    vjps = dx, dy


Node.sum = lambda x: Sum()(x)
Node.__matmul__ = lambda x, y: MatrixProduct()(x, y)


if __name__ == "__main__":
    x = array([[0.5, -1.2], [1.0, 0.3], [-0.7, 0.8]], "x")  # three samples, two inputs
    W = array([[0.3, -0.8, 0.1], [0.5, 0.2, -0.4]], "W")
    b = array([0.1, 0.0, -0.1], "b")
    L = ((x @ W + b).tanh() ** 2).sum()  # b is added to each of the three rows: NumPy broadcasts
    backward(L)
    print(f"∂L/∂W has the shape {W.grad.shape}, as W;")
    print(f"∂L/∂b has the shape {b.grad.shape}, and b has {b.shape}.  Why, and what to do? See step 7.")


# checks

from .checks import near, same


def moved(f, x, i, j, step=1e-5):
    """The slope of f, a function of an array, along its element i, j."""
    up, down = x.copy(), x.copy()
    up[i, j], down[i, j] = up[i, j] + step, down[i, j] - step
    return (f(array(up)).data - f(array(down)).data) / (2 * step)


def check_rule_of_sum():
    """Of a sum of 2 x 3 elements each gets dz."""
    same(Sum().dx(10.0, 6.0, np.ones((2, 3))), np.full((2, 3), 10.0))


def check_rule_of_sum_with_nodes():
    """It is arithmetic, which Nodes know as well: of a Node dz it makes a Node of the shape of x, as step 8 will need."""
    dx = Sum().dx(Node(10.0), Node(6.0), array(np.ones((2, 3))))
    same(type(dx), Node)
    same(dx.data, np.full((2, 3), 10.0))


def check_first_rule_of_the_product():
    """dX = dZ Yᵀ, of the shape of X."""
    x, y, dz = np.ones((2, 3)), np.array([[1.0], [2.0], [3.0]]), np.array([[10.0], [20.0]])
    same(MatrixProduct().dx(dz, x @ y, x, y), [[10.0, 20.0, 30.0], [20.0, 40.0, 60.0]])


def check_second_rule_of_the_product():
    """dY = Xᵀ dZ, of the shape of Y."""
    x, y, dz = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.ones((3, 1)), np.array([[10.0], [20.0]])
    same(MatrixProduct().dy(dz, x @ y, x, y), [[90.0], [120.0], [150.0]])


def check_against_slopes():
    """tanh(X W) squared and summed: the gradient of each element is the slope that differences find."""
    rng = np.random.default_rng(0)
    x, w = array(rng.normal(size=(4, 2))), rng.normal(size=(2, 3))

    def f(W):
        return ((x @ W).tanh() ** 2).sum()

    W = array(w)
    backward(f(W))
    near(W.grad, [[moved(f, w, i, j) for j in range(3)] for i in range(2)], digits=6)


def check_old_rules_take_arrays():
    """3 x x summed: your rule of * gives 6 x, element by element."""
    x = array([1.0, 2.0, 3.0])
    backward((3 * x * x).sum())
    same(x.grad, [6.0, 12.0, 18.0])
