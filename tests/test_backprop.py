"""The backward pass: deep graphs, shared nodes, second passes, failures half-way, memory, threads, and what a debugger sees."""

import gc
import sys
import threading
import weakref

import numpy as np
import pytest
from messages import W, b, message
from networks import leaf

from microgradnn import Op, Tensor, grad, no_grad
from microgradnn.errors import describe


class Network:
    """The network of the source question, h = tanh(x W + b_h), o = h V + b_o, L = (t − o)², with its parameters."""

    def __init__(self, rng):
        self.x, self.t = Tensor(rng.normal(size=3), name="x"), Tensor(1.0, name="t")
        self.W, self.b_h = leaf(rng.normal(size=(3, 4))).named("W"), leaf(rng.normal(size=4)).named("b_h")
        self.V, self.b_o = leaf(rng.normal(size=4)).named("V"), leaf(0.5).named("b_o")
        self.parameters = [self.W, self.b_h, self.V, self.b_o]

    def loss(self):
        self.h = (self.x @ self.W + self.b_h).tanh().named("h")
        self.o = (self.h @ self.V + self.b_o).named("o")
        return ((self.t - self.o) ** 2).named("L")


@pytest.fixture
def network(rng):
    return Network(rng)


# Size


def test_a_million_operations(without_collector):
    """A chain of a million operations goes forward and back, and is freed at once, without recursion or collector."""
    x = leaf(1.0)
    z = x
    for _ in range(1_000_000):
        z = -z
    z.backward()
    assert x.grad == 1
    middle = weakref.ref(z.inputs[0].inputs[0])
    del z
    assert middle() is None


def test_doublings_are_visited_once():
    """Sixty doublings have 2⁶⁰ paths, and one gradient per node."""
    x = leaf(1.0)
    z = x
    for _ in range(60):
        z = z + z
    z.backward()
    assert x.grad == 2.0**60


def test_a_tensor_used_ten_thousand_times():
    """All uses of a tensor count, each with what multiplied it there."""
    x = leaf([1.0, 2.0])
    total = x * 0
    for i in range(10_000):
        total = total + i * x
    total.backward([1.0, 10.0])
    np.testing.assert_array_equal(x.grad, np.array([1, 10]) * sum(range(10_000)))


def test_contributions_are_not_added_in_place():
    """x + y hands one array to x and to y; what x gets from elsewhere must not reach y, nor what is in between."""
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    doubled = 2 * x
    z = x + y
    dz = np.array([1.0, 10.0])
    (z + doubled).backward(dz)
    np.testing.assert_array_equal(x.grad, [3, 30])
    for untouched in (dz, y.grad, z.grad, doubled.grad):
        np.testing.assert_array_equal(untouched, [1, 10])


class One(Op):
    """z = x"""

    def forward(self, x):
        return x * 1

    def dx(self, dz, z, x):
        return dz

    vjps = (dx,)


class Two(Op):
    """z = x + 2 y"""

    def forward(self, x, y):
        return x + 2 * y

    def dx(self, dz, z, x, y):
        return dz

    def dy(self, dz, z, x, y):
        return 2 * dz

    vjps = dx, dy


class Three(Op):
    """z = x + 2 y + 3 w"""

    def forward(self, x, y, w):
        return x + 2 * y + 3 * w

    def dx(self, dz, z, x, y, w):
        return dz

    def dy(self, dz, z, x, y, w):
        return 2 * dz

    def dw(self, dz, z, x, y, w):
        return 3 * dz

    vjps = dx, dy, dw


class Four(Op):
    """z = x + 2 y + 3 w + 4 v"""

    def forward(self, x, y, w, v):
        return x + 2 * y + 3 * w + 4 * v

    def dx(self, dz, z, x, y, w, v):
        return dz

    def dy(self, dz, z, x, y, w, v):
        return 2 * dz

    def dw(self, dz, z, x, y, w, v):
        return 3 * dz

    def dv(self, dz, z, x, y, w, v):
        return 4 * dz

    vjps = dx, dy, dw, dv


@pytest.mark.parametrize("op_class", [One, Two, Three, Four])
def test_any_number_of_operands(op_class):
    """However many operands an operation has, each gets its gradient; one without a rule is refused if it wants one."""
    op, last = op_class(), len(op_class.vjps) - 1
    xs = [leaf([1.0, 2.0]) for _ in op.vjps]
    op(*xs).backward([1.0, 10.0])
    assert [x.grad.tolist() for x in xs] == [[i + 1, 10 * (i + 1)] for i in range(last + 1)]
    partial = type("Partial", (op_class,), {"vjps": (*op.vjps[:-1], None)})()
    with pytest.raises(TypeError, match="its vjp there is None"):
        partial(*xs).backward([1.0, 10.0])
    assert [x.grad[0] for x in xs] == list(range(1, last + 2))
    if last:
        partial(*xs[:-1], np.ones(2)).backward([1.0, 10.0])
        assert [x.grad[0] for x in xs] == [*range(2, 2 * last + 1, 2), last + 1]


@pytest.mark.parametrize("op_class", [One, Two, Three, Four])
def test_a_leaf_has_its_gradient_to_itself(op_class):
    """Where a rule passes on what it was given, a leaf gets a copy: whoever changes it changes no other gradient."""
    xs, dz = [leaf([1.0, 2.0]) for _ in op_class.vjps], np.array([1.0, 10.0])
    z = op_class()(*xs)
    (z * 1).backward(dz)
    xs[0].grad *= 0
    assert z.grad.tolist() == dz.tolist() == [1, 10]
    z.backward(dz)
    xs[0].grad *= 0
    assert dz.tolist() == [1, 10]


# What a pass leaves behind


def test_the_source_question(network):
    """The gradients of the source's network are what its chain rule says, worked out by hand."""
    n = network
    n.loss().backward()
    do = -2 * (n.t.data - n.o.data)
    da = do * n.V.data * (1 - n.h.data**2)
    np.testing.assert_allclose(n.b_o.grad, do)
    np.testing.assert_allclose(n.V.grad, do * n.h.data)
    np.testing.assert_allclose(n.b_h.grad, da)
    np.testing.assert_allclose(n.W.grad, np.outer(n.x.data, da))


def test_not_computed_is_none(network):
    """Before a pass every gradient is None; after it, those of constants still are."""
    L = network.loss()
    nodes = [L, network.h, *network.parameters]
    assert all(node.grad is None for node in nodes)
    L.backward()
    assert all(node.grad is not None for node in nodes)
    assert network.x.grad is None and network.t.grad is None


def test_a_second_pass_adds_to_the_leaves_only(network):
    """backward() again over the same graph doubles the leaves; nodes in between, and the loss, keep theirs."""
    L, between = network.loss(), [network.h, network.o]
    L.backward()
    once, intermediate = [p.grad.copy() for p in network.parameters], [node.grad.copy() for node in between]
    L.backward()
    for parameter, dx in zip(network.parameters, once, strict=True):
        assert type(parameter.grad) is np.ndarray
        np.testing.assert_array_equal(parameter.grad, 2 * dx)
    for node, dz in zip(between, intermediate, strict=True):
        np.testing.assert_array_equal(node.grad, dz)
    assert L.grad == 1


def test_two_losses_on_one_graph(network):
    """Two losses that share a part of the graph add up on the leaves to the gradient of their sum."""
    L = network.loss()
    penalty = (network.h * network.h).sum()
    L.backward()
    penalty.backward()
    added = [parameter.grad for parameter in network.parameters]
    expected = grad(L + penalty, network.parameters)
    for dx, dx_expected in zip(added, expected, strict=True):
        np.testing.assert_allclose(dx, dx_expected)


def test_accumulation_makes_a_new_array():
    """A gradient that was taken out does not change when the next pass adds to the leaf."""
    x = leaf([1.0])
    (2 * x).sum().backward()
    first = x.grad
    (2 * x).sum().backward()
    assert first == 2 and x.grad == 4


def test_upstream_gradient(network):
    """backward(dz) is linear in dz, takes lists and numbers, and works on a leaf itself."""
    x = leaf([1.0, 2.0])
    x.backward([3.0, 4.0])
    np.testing.assert_array_equal(x.grad, [3, 4])
    L = network.loss()
    L.backward(-2)
    np.testing.assert_allclose(network.V.grad, -2 * grad(L, network.V))


def test_one_number_in_any_shape():
    """A loss of shape (1, 1) is one number, and needs no upstream gradient."""
    x = leaf([[3.0]])
    (x * x).backward()
    np.testing.assert_array_equal(x.grad, [[6]])


class Step(Op):
    """z = 1 where x > 0, with the slope of x: an estimator that one would write for a step."""

    def forward(self, x):
        return x > 0

    def dx(self, dz, z, x):
        return dz

    vjps = (dx,)


def test_gradients_are_not_rounded():
    """Values that cannot hold a fraction get no rounded gradient: they are refused, with the way out."""
    W = leaf([[0.0, 0.0]])
    W.data = np.array([[1, -1]])
    for L in ((W * [0.3, 0.4]).sum(), (Step()(leaf([1.0, -2.0])) * 3.5).sum()):
        with pytest.raises(TypeError, match=r"^multiply was given an input of dtype (int64|bool) that requires a gradient"):
            L.backward()


def test_a_rule_that_raises_changes_nothing(network):
    """When a rule raises, every .grad is what it was, of leaves and in between."""

    class Broken(Op):
        def forward(self, x):
            return x

        def dx(self, dz, z, x):
            raise ZeroDivisionError

        vjps = (dx,)

    network.loss().backward()
    before = [parameter.grad.copy() for parameter in network.parameters]
    h = Broken()(network.W) @ network.V
    L = network.loss() + h.sum()
    with pytest.raises(ZeroDivisionError):
        L.backward()
    for parameter, dx in zip(network.parameters, before, strict=True):
        np.testing.assert_array_equal(parameter.grad, dx)
    assert h.grad is None and L.grad is None and network.h.grad is None


# grad


def test_grad_leaves_nothing(network):
    """grad() returns gradients, of leaves and in between, and touches no .grad."""
    L = network.loss()
    dW, dh, dL = grad(L, [network.W, network.h, L])
    assert all(node.grad is None for node in [L, network.h, network.o, *network.parameters])
    L.backward()
    np.testing.assert_array_equal(dW, network.W.grad)
    np.testing.assert_array_equal(dh, network.h.grad)
    assert dL == 1


def test_grad_of_one_tensor_and_of_several():
    """One Tensor gives one gradient; a sequence gives a tuple, in its order, the same Tensor twice if asked."""
    x, y = leaf(2.0), leaf(3.0)
    z = x * x * y
    assert grad(z, x) == 12
    assert grad(z, [y, x, y]) == (4, 12, 4)


def test_grad_shares_no_memory():
    """Changing one of the returned gradients in place changes no other."""
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    dx, dy = grad((x + y).sum(), [x, y])
    dx *= 0
    np.testing.assert_array_equal(dy, [1, 1])


def test_grad_runs_only_the_rules_on_the_way():
    """With respect to a node in between, nothing before it is computed."""

    class Forbidden(Op):
        def forward(self, x):
            return x

        def dx(self, dz, z, x):
            raise AssertionError("not on the way from z to y")

        vjps = (dx,)

    x = leaf(2.0)
    y = Forbidden()(x)
    assert grad(y * y, y) == 4


def test_third_order():
    """create_graph=True gives gradients that can be differentiated again: x⁴, 4x³, 12x², 24x."""
    x = leaf([1.0, 2.0])
    derivative = x**4
    for expected in ([4, 32], [12, 48], [24, 48], [24, 24]):
        derivative = grad(derivative.sum(), x, create_graph=True)
        np.testing.assert_allclose(derivative.data, expected)
    assert x.grad is None


def test_recorded_gradients_reach_the_loss():
    """A loss made of a gradient (a penalty on the slope) goes backward to the parameters, as ndarrays."""
    w, x = leaf(3.0), leaf(2.0)
    slope = grad(w * x * x, x, create_graph=True)  # 2wx
    (slope**2).backward()  # 4w²x²
    assert (w.grad, x.grad) == (96, 144)
    assert type(w.grad) is np.ndarray


def test_a_recorded_upstream_gradient():
    """A gradient is linear in dz: differentiated by dz in a direction, it gives the jvp."""
    x, dz = leaf([1.0, 2.0]), leaf([0.0, 0.0])
    dx = grad(x**3, x, gradient=dz, create_graph=True)
    np.testing.assert_allclose(grad(dx, dz, gradient=[1.0, 10.0]), [3, 120])


# Memory


def test_no_reference_cycle_after_a_training_step(network, without_collector):
    """A training step leaves nothing for the garbage collector: dropping the loss frees its graph at once."""

    def step():
        L = network.loss()
        L.backward()
        for parameter in network.parameters:
            parameter.data -= 0.1 * parameter.grad
            parameter.grad = None
        hidden = weakref.ref(network.h)
        network.h = network.o = None
        return hidden

    for _ in range(3):
        hidden = step()
        assert hidden() is None
    assert gc.collect() == 0


def test_no_reference_cycle_after_second_order(without_collector):
    """Nor do gradients of gradients."""

    def step():
        x = leaf([1.0, 2.0])
        slope = grad((x**3).sum(), x, create_graph=True)
        slope.sum().backward()

    step()
    assert gc.collect() == 0


def test_threads_have_graphs_of_their_own():
    """Graphs built at the same time in several threads do not disturb each other."""
    found = {}

    def run(k):
        x = leaf(np.arange(1.0, 5.0))
        z = x
        for _ in range(200):
            z = z * 1.0 + x * k
        z.sum().backward()
        found[k] = x.grad

    threads = [threading.Thread(target=run, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(8):
        np.testing.assert_array_equal(found[k], np.full(4, 1.0 + 200 * k))


# What a debugger sees


def test_stepping_into_backward_reaches_every_rule_in_three_frames(network):
    """backward > backpropagate_arrays > dx: no wrapper in between, and in each rule dz, z, x (and y) as plain arrays."""
    L = network.loss()
    here, rules = sys._getframe(), []

    def on_call(frame, event, argument):
        if "microgradnn/ops/" in frame.f_code.co_filename.replace("\\", "/"):
            calls = [frame]
            while calls[0].f_back is not here:
                calls.insert(0, calls[0].f_back)
            rules.append(([call.f_code.co_name for call in calls], dict(frame.f_locals)))

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        L.backward()
    finally:
        sys.settrace(before)

    steps = [(repr(names["self"]), frames[-1]) for frames, names in rules]
    assert steps[:4] == [("power", "dx"), ("subtract", "dy"), ("add", "dx"), ("add", "dy")]  # L = (t − o)², o = h V + b_o
    assert steps[4:6] == [("matmul", "dx"), ("matmul", "dy")]
    assert steps[6:] == [("tanh", "dx"), ("add", "dx"), ("add", "dy"), ("matmul", "dy")]  # h = tanh(x W + b_h)
    for frames, names in rules:
        assert frames[:-1] == ["backward", "backpropagate_arrays"]
        assert list(names) in (["self", "dz", "z", "x"], ["self", "dz", "z", "x", "y"])
        for letter in names.keys() - {"self"}:
            assert isinstance(names[letter], (np.ndarray, np.generic, int)), f"{letter} is a {type(names[letter])}"


def test_the_way_to_the_first_rule_is_short(network):
    """Whoever steps from L.backward(), as by pdb's `s`, sees few lines until the first rule, in a long graph no more."""

    def lines_to_the_first_rule(L):
        lines = []

        def on_event(frame, event, argument):
            if event == "line" and not any(name in ("dx", "dy") for name, _ in lines):
                lines.append((frame.f_code.co_name, frame.f_lineno))
            return on_event

        before = sys.gettrace()
        sys.settrace(on_event)
        try:
            L.backward()
        finally:
            sys.settrace(before)
        return lines

    short = lines_to_the_first_rule(network.loss())
    z = network.loss()
    for _ in range(100):
        z = z * 1.01 + network.loss()
    assert short[-1][0] == "dx"
    assert len(short) <= 24, short
    assert len(lines_to_the_first_rule(z)) <= len(short) + 2


def test_no_gradient_goes_through_what_wants_none():
    """Where `requires_grad` of a value in between was taken away, the pass ends there, whatever the operation is."""
    x = Tensor([1.0, 2.0], requires_grad=True)
    h = x.tanh()
    L = (h.exp() + h * 2 + x).sum()
    h.requires_grad = False
    L.backward()
    assert h.grad is None
    assert x.grad.tolist() == [1, 1]


# Where it begins, and what it refuses


def test_where_a_backward_pass_begins():
    """One element in an axis of its own begins with 1; an array that was given to begin with can be changed afterwards."""
    x = Tensor([2.0], requires_grad=True)
    (3 * x).backward()
    assert x.grad.tolist() == [3]
    dz = np.ones(1)
    z = 3 * x
    z.backward(dz)
    dz[0] = 100
    assert z.grad.tolist() == [1]


def test_backward_from_several_numbers():
    """backward() on what is not one number asks for a loss or an upstream gradient."""
    assert message(ValueError, (W * 2).named("z").backward) == (
        "The output, 'z' of shape (2, 3), is not one number, so it has no single gradient.\n"
        "Reduce it to a loss, with .sum() or .mean(), or give the upstream gradient: backward(dz) with dz of this shape."
    )


def test_backward_from_what_was_not_recorded():
    """With nothing to differentiate, backward() and grad() say how there would be."""
    words = (
        "There is nothing to differentiate: {} was computed from nothing that requires a gradient.\n"
        "Make a parameter with Tensor(..., requires_grad=True), and compute the output outside of no_grad()."
    )
    assert message(RuntimeError, b.sum().backward) == words.format("a Tensor of shape ()")
    assert message(RuntimeError, lambda: grad(b, W)) == words.format("'b' of shape (4,)")
    with no_grad():
        L = W.sum().named("L")
    assert message(RuntimeError, L.backward) == words.format("'L' of shape ()")


def test_an_upstream_gradient_of_another_shape():
    """The two shapes that should agree are in the message."""
    assert message(ValueError, lambda: W.sum(axis=0).backward([1.0])) == (
        "The upstream gradient has shape (1,), but the output is a Tensor of shape (3,).\n"
        "∂L/∂z has the shape of z: one number for each element."
    )


def test_a_gradient_with_respect_to_something_unused():
    """grad() of what does not depend on a Tensor is an error, not 0."""
    unused = leaf(1.0, name="unused")
    assert message(ValueError, lambda: grad(W.sum().named("L"), [W, unused])) == (
        "The output, 'L' of shape (), does not depend on 'unused' of shape (), or not through anything recorded.\n"
        "Was it made with requires_grad=True, before the output was computed, and outside of no_grad()?"
    )


@pytest.mark.parametrize("grad", [np.ones((2, 1)), np.ones(3), np.ones((1, 2, 3)), 1.0, [1.0]])
def test_a_leaf_whose_gradient_was_set_to_another_shape(grad):
    """Nothing is added to it: it would be broadcast. It is refused by name, and no leaf has changed."""
    x, y = Tensor(np.ones((2, 3)), requires_grad=True, name="x"), Tensor(np.ones((2, 3)), requires_grad=True)
    x.grad, y.grad = grad, np.ones((2, 3))
    said = message(ValueError, (x * y).sum().backward)
    assert said.startswith(f"The gradient of 'x' of shape (2, 3) was set to {describe(grad)}; ∂L/∂x has the shape of x.\n")
    assert x.grad is grad
    assert y.grad.tolist() == [[1, 1, 1]] * 2
    x.grad = None
    (x * y).sum().backward()
    assert x.grad.tolist() == [[1, 1, 1]] * 2


@pytest.mark.parametrize("grad", [np.ones(2) * 1j, np.array(["a", "b"]), np.ma.array([1.0, 2.0], mask=[True, False])], ids=repr)
def test_a_gradient_of_other_numbers_is_refused(grad):
    """What is no array of real numbers, and would be added to, or lose its mask, is refused; `.grad` stays what it was."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    x.grad = grad
    with pytest.raises(ValueError, match="The gradient of 'x' of shape \\(2,\\) was set to .* it is real numbers"):
        (x * x).sum().backward()
    assert x.grad is grad


@pytest.mark.parametrize("grad", [[1.0, 2.0], (1.0, 2.0), Tensor([1.0, 2.0])], ids=lambda grad: type(grad).__name__)
def test_a_leaf_whose_gradient_was_set_to_no_array(grad):
    """A list or a Tensor is refused by its kind, and stays what it was set to; a number is the gradient of a number."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    x.grad = grad
    said = message(ValueError, (x * x).sum().backward)
    assert said.startswith(f"The gradient of 'x' of shape (2,) was set to a {type(grad).__name__}; it is an array")
    assert x.grad is grad
    number = Tensor(3.0, requires_grad=True)
    number.grad = 1.0
    (number * number).backward()
    assert number.grad.tolist() == 7


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_rules_that_need_no_operands_get_none(count):
    """Of every number of inputs, in backward() as in grad(f): an operation may say that its rules look at dz and z alone."""

    class Total(Op):
        rules_need_operands = False

        def forward(self, *xs):
            return sum(xs)

        def dx(self, dz, z):
            return dz

        vjps = (dx,) * count

    xs = [Tensor([1.0, 2.0], requires_grad=True) for _ in range(count)]
    Total()(*xs).backward([3.0, 4.0])
    for x in xs:
        assert x.grad.tolist() == [3, 4]
    assert grad(lambda x: Total()(*[x] * count).sum())([1.0, 2.0]).tolist() == [count, count]
