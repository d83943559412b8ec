"""Step 5. It learns

Three more operations, and the engine can train a network. Are their rules right? One can know without trusting them: move x by
a little, and see how far f moves, (f(x + ε) − f(x − ε)) / 2ε.

Then the question that this library began with. Two hidden units see the same inputs,

    h₁ = tanh(x₁ W₁₁ + x₂ W₂₁),  h₂ = tanh(x₁ W₁₂ + x₂ W₂₂),  o = h₁ V₁ + h₂ V₂,  L = (t − o)²

Will their weights not become the same? Fill the gaps, run the file, and see where both begin equal, and where at random.
"""

import numpy as np

from .step_01 import Node
from .step_03 import Op
from .step_04 import backward


class Subtract(Op):
    """z = x − y"""

    sign = "-"

    def forward(self, x, y):
        return x - y

    def dx(self, dz, z, x, y):
        return dz

    def dy(self, dz, z, x, y):
        # gap 1: ∂L/∂y of z = x − y
        # hint: If y grows by 1, what does z do?
        # hint: ∂z/∂y = −1.
        # hint: return -...
        return -dz
        # end

    vjps = dx, dy


class Power(Op):
    """z = xⁿ, with a fixed n: an operation may have parameters of its own."""

    sign = "^"

    def __init__(self, n):
        self.n = n

    def forward(self, x):
        return x**self.n

    def dx(self, dz, z, x):
        # gap 2: ∂L/∂x of z = xⁿ; n is self.n
        # hint: The derivative of x³ is 3 x², and of xⁿ?
        # hint: ∂z/∂x = n xⁿ⁻¹, and dz is multiplied with it.
        # hint: return dz * self.n * x ** (...)
        return dz * self.n * x ** (self.n - 1)
        # end

    vjps = (dx,)


class Tanh(Op):
    """z = tanh(x)"""

    sign = "tanh"

    def forward(self, x):
        return np.tanh(x)

    def dx(self, dz, z, x):
        # gap 3: ∂L/∂x of z = tanh(x); with z at hand, it needs no second tanh
        # hint: The derivative of tanh is 1 − tanh².
        # hint: tanh(x) is here already: it is z.
        # hint: return dz * (1 - ...)
        return dz * (1 - z * z)
        # end

    vjps = (dx,)


Node.__sub__, Node.__rsub__ = (lambda x, y: Subtract()(x, y)), (lambda y, x: Subtract()(x, y))
Node.__pow__ = lambda x, n: Power(n)(x)
Node.tanh = lambda x: Tanh()(x)


def slope(f, x, step=1e-5):
    """The derivative of a function of one number at x, by central differences."""
    # gap 4: how far f moves from x − step to x + step, divided by how far x moves
    # hint: The formula stands at the top of this file; step is ε.
    # hint: Over 2 · step the function moves by f(x + step) − f(x − step).
    # hint: return (f(x + step) - f(...)) / (2 * ...)
    return (f(x + step) - f(x - step)) / (2 * step)
    # end


def loss(x, t, W, V):
    """The loss of one sample. W[i][j] leads from input i to hidden unit j."""
    h = [(x[0] * W[0][j] + x[1] * W[1][j]).tanh() for j in range(2)]
    o = h[0] * V[0] + h[1] * V[1]
    return (t - o) ** 2


def descend(parameters, rate):
    """One step of gradient descent: each parameter goes a little against its gradient."""
    for p in parameters:
        # gap 5: the new p.data
        # hint: The loss falls if p goes against the gradient p.grad; rate says how far.
        # hint: W ← W − rate · ∂L/∂W
        # hint: p.data = p.data - rate * ...
        p.data = p.data - rate * p.grad
        # end


def train(W, V, steps=200, rate=0.1):
    """Train on one sample; returns the loss before each step."""
    losses = []
    for _ in range(steps):
        L = loss([0.5, -1.2], 1.0, W, V)
        backward(L)
        descend([*W[0], *W[1], *V], rate)
        losses.append(L.data)
    return losses


def weights(numbers):
    """W and V of six numbers."""
    w = [Node(float(number)) for number in numbers]
    return [w[0:2], w[2:4]], w[4:6]


if __name__ == "__main__":
    for how, numbers in {
        "equal": [0.1, 0.1, 0.1, 0.1, 0.5, 0.5],
        "random": np.random.default_rng(0).normal(size=6),
    }.items():
        W, V = weights(numbers)
        losses = train(W, V)
        rows = [[round(float(w.data), 4) for w in row] for row in W]
        print(f"began {how:7} loss {losses[0]:.4f} → {losses[-1]:.1e}   W = {rows}   (columns are the units)")


# checks

from .checks import near, same


def check_rule_of_subtract():
    """What is subtracted gets −dz."""
    same(Subtract().dy(10.0, -1.0, 2.0, 3.0), -10.0)


def check_rule_of_power():
    """z = x³ at 2, with dz = 10: 10 · 3 · 2²."""
    near(Power(3).dx(10.0, 8.0, 2.0), 120.0)


def check_rule_of_tanh():
    """At x = 0.5, with dz = 10: 10 (1 − tanh²(0.5))."""
    near(Tanh().dx(10.0, np.tanh(0.5), 0.5), 7.864477)


def check_slope():
    """The slope of x³ at 2 is 12, to seven digits."""
    near(slope(lambda x: x**3, 2.0), 12.0, digits=7)


def check_rules_against_slopes():
    """(tanh(3 x) − x)³ − 2 x: the backward pass and the differences agree."""

    def f(x):
        return ((3 * x).tanh() - x) ** 3 - 2 * x

    x = Node(0.3)
    backward(f(x))
    near(x.grad, slope(lambda number: f(Node(number)).data, 0.3), digits=7)


def check_a_step_of_descent():
    """From 1, with gradient 2 and rate 0.1, a parameter goes to 0.8."""
    p = Node(1.0)
    p.grad = 2.0
    descend([p], 0.1)
    near(p.data, 0.8)


def check_the_formula_of_the_question():
    """∂L/∂W₁₁ = 2 V₁ (t − o) x₁ (h₁² − 1), as one derives it by hand."""
    W, V = weights([0.3, -0.8, 0.5, 0.2, -1.1, 0.7])
    backward(loss([0.5, -1.2], 1.0, W, V))
    h = np.tanh([0.5 * 0.3 - 1.2 * 0.5, 0.5 * -0.8 - 1.2 * 0.2])
    o = h @ [-1.1, 0.7]
    near(W[0][0].grad, 2 * -1.1 * (1.0 - o) * 0.5 * (h[0] ** 2 - 1))


def check_equal_units_stay_equal():
    """Units that begin equal stay equal, to the last bit; the loss falls all the same."""
    W, V = weights([0.1, 0.1, 0.1, 0.1, 0.5, 0.5])
    losses = train(W, V, steps=20)
    same([W[0][0].data, W[1][0].data], [W[0][1].data, W[1][1].data])
    assert losses[-1] < losses[0] / 2


def check_other_units_do_not():
    """Units that begin otherwise learn otherwise."""
    W, V = weights([0.3, -0.8, 0.5, 0.2, -1.1, 0.7])
    train(W, V, steps=20)
    assert W[0][0].data != W[0][1].data
