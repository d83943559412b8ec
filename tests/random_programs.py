"""Programs that nobody wrote: graphs grown operation by operation, with sharing, against differences.

Hypothesis draws the steps; each takes nodes that are already there, so that a node can be used many times and in several
places. Every operation keeps its values between about −1 and 1, so that a difference quotient is exact to many digits
however long the program is. When one fails, Hypothesis prints the shortest program that still does.
"""

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, precondition, rule
from invariants import Invariants
from strategies import assert_gradient, generators, numeric_gradients, real

from microgradnn import Tensor, concatenate, sigmoid, softmax, stack

SHAPES = [(), (3,), (2, 3), (2, 1), (1, 3)]  # all broadcast against each other


def average(x, y):
    return (x + y) / 2


def half_difference(x, y):
    return (x - y) / 2


def product(x, y):
    return x * y


def quotient(x, y):
    return x / (2 + y)


def power(x, y):
    return (1.5 + x / 2) ** y / 4


def root(x):
    return np.sqrt(1.5 + x) / 2


def squared(x):
    return x**2


def logarithm(x):
    return np.log(2 + x)


def exponential(x):
    return np.exp(x) / 4


def total(x):
    return x.sum() / max(x.size, 1)


def column_means(x):
    return x.mean(axis=0)


def row_sums(x):
    return x.sum(axis=-1, keepdims=True) / x.shape[-1]


def reach(x):
    return np.linalg.norm(x, axis=0) / 2


def competition(x):
    return softmax(x, axis=0)


def log_of_sum(x):
    return x.logsumexp(axis=-1) / 4


def gram(x):
    return x @ x.T / max(x.size, 1)


def first_and_last(x):
    return x[[0, -1, 0]]


def last_axis_backwards(x):
    return x[..., ::-1]


def transposed(x):
    return x.T


def in_one_row(x):
    return x.reshape(-1)


def matrix_product(x, y):
    return x @ y / x.shape[-1]


def joined(x, y):
    return concatenate([x.reshape(-1), y.reshape(-1), x.reshape(-1)])[:6]


def stacked(x, y):
    return stack([x.mean(), y.mean(), x.mean()])


UNARY = [np.tanh, sigmoid, root, squared, logarithm, exponential, total, transposed, in_one_row]
WITH_AXES = [column_means, row_sums, reach, competition, log_of_sum, gram, first_and_last, last_axis_backwards]
BINARY = [average, half_difference, product, quotient, power]
JOINING = [joined, stacked]


class Programs(RuleBasedStateMachine):
    """Grows a program; `steps` says how to run it again from other leaves."""

    nodes = Bundle("nodes")

    def __init__(self):
        super().__init__()
        self.leaves = []  # arrays
        self.steps = []  # (function, positions of its operands among the values)
        self.values = []

    @initialize(target=nodes, drawn=st.lists(st.sampled_from(SHAPES), min_size=2, max_size=3), rng=generators)
    def start(self, drawn, rng):
        """A few small leaves; every second one lies in memory column by column."""
        self.rng = rng
        self.leaves = [(real(shape[::-1], rng).T if i % 2 else real(shape, rng)) / 2 for i, shape in enumerate(drawn)]
        self.values = [Tensor(x, requires_grad=True) for x in self.leaves]
        return multiple(*range(len(self.leaves)))

    @rule(target=nodes, function=st.sampled_from(UNARY), x=nodes)
    def apply(self, function, x):
        """A function of one node."""
        return self.step(function, x)

    @rule(target=nodes, function=st.sampled_from(WITH_AXES), x=nodes)
    def apply_along_axes(self, function, x):
        """A function of one node that has axes."""
        return self.step(function, x) if self.values[x].ndim else multiple()

    @rule(target=nodes, function=st.sampled_from(BINARY), x=nodes, y=nodes)
    def combine(self, function, x, y):
        """A function of two nodes (or of one, twice) that broadcast."""
        try:
            np.broadcast_shapes(self.values[x].shape, self.values[y].shape)
        except ValueError:
            return multiple()
        return self.step(function, x, y)

    @rule(target=nodes, function=st.sampled_from(JOINING), x=nodes, y=nodes)
    def join(self, function, x, y):
        """Two nodes (or one, twice), put together."""
        return self.step(function, x, y)

    @rule(target=nodes, x=nodes, y=nodes)
    def multiply_matrices(self, x, y):
        """A matrix product where the lengths fit."""
        a, b = self.values[x].shape, self.values[y].shape
        fits = a and b and a[-1] == (b[-2] if len(b) > 1 else b[0])
        return self.step(matrix_product, x, y) if fits else multiple()

    def step(self, function, *positions):
        self.steps.append((function, positions))
        self.values.append(function(*[self.values[i] for i in positions]))
        return len(self.values) - 1

    def ends(self):
        """The positions of the values that no step uses."""
        return sorted({*range(len(self.values))} - {i for _, positions in self.steps for i in positions})

    def projected(self, *leaves):
        """Run the program again, and weigh every element of its ends: one number."""
        values = [Tensor(x) for x in leaves]
        for function, positions in self.steps:
            values.append(function(*[values[i] for i in positions]))
        return sum(np.sum(weight * values[i].data) for i, weight in self.weights.items())

    @precondition(lambda self: self.steps)
    @rule()
    def gradients_are_difference_quotients(self):
        """The gradients of a random weighing of the ends agree with differences, in two passes, which keep their invariants."""
        self.weights = {i: self.rng.normal(size=self.values[i].shape) for i in self.ends()}
        leaves = self.values[: len(self.leaves)]
        loss = sum((weight * self.values[i]).sum() for i, weight in self.weights.items())
        expected = numeric_gradients(self.projected, self.leaves)
        program = ", ".join(function.__name__ for function, _ in self.steps)
        for passes in (1, 2):
            with Invariants():
                loss.backward()
            for i, (x, dx) in enumerate(zip(leaves, expected, strict=True)):
                assert_gradient(f"{program}: leaf {i}, pass {passes}", x.grad, passes * dx, "central differences")
        for x in leaves:
            x.grad = None


def graph_of_seed(seed, operations=12):
    """The loss of a graph that a seed grows, with names for some nodes: for what needs many graphs and no shortest one."""
    rng = np.random.default_rng(seed)
    nodes = [
        Tensor(rng.uniform(-0.9, 0.9, shape), requires_grad=True, name=f"x{i}") for i, shape in enumerate([(), (3,), (2, 3)])
    ]
    unary = [root, squared, logarithm, exponential, total, np.tanh, sigmoid]
    binary = [average, half_difference, product, quotient, power]
    for i in range(operations):
        picked = [nodes[rng.integers(len(nodes))] for _ in range(2)]
        made = binary[rng.integers(len(binary))](*picked) if rng.random() < 0.5 else unary[rng.integers(len(unary))](picked[0])
        nodes.append(made.named(f"z{i}") if rng.random() < 0.4 else made)
    used = {x for node in nodes for x in node.inputs}
    ends = [total(node) for node in nodes if node not in used]
    return sum(ends[1:], ends[0]).named("L")
