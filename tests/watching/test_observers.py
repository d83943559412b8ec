"""Observers: what they are told and when, what leaves the graph, and hooks, which change a gradient."""

import numpy as np
import pytest
from networks import small_network

from microgradnn import Tensor, break_on, chain_rule, concatenate, exp, grad, nn, no_grad, optim
from microgradnn.graph import Audience, Node, audience
from microgradnn.watching.observers import DATA, Observer, observing

pytestmark = pytest.mark.usefixtures("no_observers_left")


class Diary(Observer):
    """Notes all that it is told, but what leaves the graph."""

    def __init__(self):
        self.told = []

    def begin(self, output, grads):
        self.told.append(("begin", output, [dz for dz in grads.values() if dz is not None]))

    def compute(self, op, inputs, node):
        self.told.append(("compute", op.name, node.op is not None))

    def arrive(self, node, dz):
        self.told.append(("arrive", node, dz))
        return dz

    def contribute(self, contribution):
        self.told.append(("contribute", contribution.input, contribution.new))

    def end(self, output, grads, error):
        self.told.append(("end", output, error))

    def update(self, optimiser):
        self.told.append(("update", optimiser))


def test_what_an_observer_is_told():
    """All events of a training step come in their order, and none after it was removed."""
    w = Tensor(3.0, requires_grad=True, name="w")
    descent = optim.SGD([w], lr=0.5)
    with Diary() as diary:
        L = w * 2
        L.backward()
        descent.step()
        with no_grad():
            exp(w)
    _ = exp(w)
    assert diary.told == [
        ("compute", "multiply", True),
        ("begin", L, [1]),
        ("arrive", L, 1),
        ("contribute", w, 2),
        ("arrive", w, 2),
        ("end", L, None),
        ("update", descent),
        ("compute", "exp", False),
    ]


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9}])
def test_every_optimiser_tells_of_its_update(settings):
    """A step that takes a shortcut tells of it, too, once and when all parameters have been changed."""
    w, seen = Tensor(3.0, requires_grad=True), []

    class Reader(Observer):
        def update(self, optimiser):
            seen.append([W.data.item() for W in optimiser.parameters])

    (w * 2).backward()
    with Reader():
        optim.SGD([w], lr=0.5, **settings).step()
    assert seen == [[2.0]]


def test_a_pass_that_raises_ends_too():
    """Its observers are told what was raised in it, and the exception goes on."""
    x = Tensor(3.0, requires_grad=True)
    hook = x.register_hook(lambda dx: 1 / 0)
    with Diary() as diary, pytest.raises(ZeroDivisionError) as raised:
        (x * x).backward()
    hook.remove()
    assert diary.told[-1][0] == "end"
    assert diary.told[-1][2] is raised.value


def test_an_observer_pays_for_what_it_overrides():
    """Only the events that a class overrides are entered: a hook on a gradient costs the forward pass nothing."""
    hook = Tensor(1.0, requires_grad=True).register_hook(print)  # it ends with its tensor
    assert observing() == []
    x = Tensor(1.0, requires_grad=True)
    hook = x.register_hook(print)
    assert [event for event in Audience.__slots__ if getattr(audience, event)] == ["arrive"]
    hook.remove()
    assert all(not getattr(audience, event) for event in Audience.__slots__)


def test_watching_twice():
    """Who signs in twice is told once, and is out after one removal; a second one does nothing."""
    diary = Diary().watch()
    diary.watch()
    x = Tensor(1.0)
    _ = x * 2
    assert len(diary.told) == 1
    diary.remove()
    diary.remove()
    _ = x * 2
    assert len(diary.told) == 1


# What leaves the graph


class Leaving(Observer):
    def __init__(self):
        self.ways = []

    def leave(self, node, way):
        self.ways.append(way)


WAYS = {
    "float()": float,
    "int()": int,
    "bool()": bool,
    ".item()": lambda x: x.item(),
    ".numpy()": lambda x: x.numpy(),
    ".data": lambda x: x.data,
    ".detach()": lambda x: x.detach(),
    "format()": lambda x: f"{x:.2f}",
    "==": lambda x: x == 1,
    "!=": lambda x: x != 1,
    "<": lambda x: x < 1,
    "<=": lambda x: x <= 1,
    ">": lambda x: x > 1,
    ">=": lambda x: x >= 1,
    "np.array()": np.array,
    "np.argmax()": np.argmax,
    "np.isnan()": np.isnan,
    "np.greater()": lambda x: np.greater(0, x),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_out_of_the_graph_is_told_once(way):
    """Each way to read a value from outside is told once, and gives the same as unobserved."""
    x = Tensor(3.0)
    expected = WAYS[way](x)
    with Leaving() as leaving:
        found = WAYS[way](x)
    assert leaving.ways == [way]
    assert repr(found) == repr(expected)
    WAYS[way](x)
    assert len(leaving.ways) == 1


def test_what_the_package_reads_does_not_leave():
    """Operations, a backward pass, an optimiser's step and a repr read values and let none out."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    with Leaving() as leaving:
        L = (concatenate([w, w.tanh()]) ** 2).sum()
        L.backward()
        grad(L, w)
        optim.Adam([w]).step()
        repr(w), w.shape, w.dtype, len(w)
    assert leaving.ways == []


def test_data_is_a_slot_again():
    """While nobody looks, `.data` is the slot that it is, which costs nothing; writing works in either case."""
    x = Tensor([1.0, 2.0], requires_grad=True)
    with Leaving(), Leaving():
        assert isinstance(Node.__dict__["data"], property)
        x.data = x.data + 1
    assert Node.__dict__["data"] is DATA
    assert x.data.tolist() == [2, 3]


# Hooks


def test_a_hook_sees_the_complete_gradient():
    """A hook is called once a pass, with the gradient when all contributions to it are there."""
    x = Tensor(3.0, requires_grad=True)
    seen = []
    hook = x.register_hook(seen.append)
    (x * x).backward()
    hook.remove()
    (x * x).backward()
    assert seen == [6]


def test_a_hook_changes_what_flows_on():
    """What a hook returns is kept, and passed on."""
    x = Tensor(3.0, requires_grad=True)
    y = x * 2
    hook = y.register_hook(lambda dy: dy * 10)
    (y * 1.5).backward()
    assert (y.grad, x.grad) == (15, 30)
    hook.remove()
    hook.remove()


def test_a_hook_that_removes_itself():
    """A hook may end itself when it is called; the others are called nevertheless."""
    x, seen = Tensor(3.0, requires_grad=True), []
    first = x.register_hook(lambda dx: first.remove())
    second = x.register_hook(seen.append)
    for _ in range(2):
        (x * x).backward()
    second.remove()
    assert seen == [6, 6]


def test_a_hook_ends_with_its_tensor():
    """A hook keeps no graph alive: in a training loop each step's tensors go, and their hooks with them."""
    before = observing()
    x = Tensor(3.0, requires_grad=True)
    for _ in range(3):
        h = x * x
        h.register_hook(print)
    del h
    assert observing() == before


def test_a_hook_leaves_the_dtype():
    """What a hook returns is given the dtype of the gradient; where there will be no gradient, none is registered."""
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    hook = x.register_hook(lambda dx: dx + np.zeros(2))
    x.sum().backward()
    hook.remove()
    assert x.grad.dtype == np.float32
    with pytest.raises(TypeError, match="register_hook takes a function of the gradient, such as print; it was given 3"):
        x.register_hook(3)
    with pytest.raises(ValueError, match="register_hook: 'c' of shape .* requires no gradient, so the hook would never be"):
        Tensor([1.0], name="c").register_hook(print)


def test_a_hook_that_returns_something_else():
    """A hook that returns no gradient of the right shape is refused, and no .grad is left half-done."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    hook = x.register_hook(lambda dx: dx.sum())
    with pytest.raises(ValueError, match=r"should return None, or a gradient of shape \(2,\)"):
        x.sum().backward()
    assert x.grad is None
    hook.remove()


def test_chain_rule_runs_unobserved():
    """Explaining a gradient calls no hook and stops at no breakpoint."""
    L, at = small_network()
    hook, stop = at["W"].register_hook(lambda dx: pytest.fail("called")), break_on(at["W"])
    chain_rule(L, at["W"][0, 0])
    hook.remove()
    stop.remove()


def test_complete_and_call():
    """A complete pass is told of with what leaves had before, or what grad was asked for; a module's call with its output."""
    told = []

    class Complete(Observer):
        def complete(self, output, grads, earlier, wanted):
            told.append((output, grads[w].tolist(), {node: dz.tolist() for node, dz in earlier.items()}, wanted))

        def call(self, module, inputs, output):
            told.append((module, output))

    w, layer = Tensor([3.0], requires_grad=True), nn.Tanh()
    with Complete():
        L = (w * w).sum()
        L.backward()
        L.backward()
        grad(L, w)
        h = layer(w)
    assert told == [(L, [6.0], {}, None), (L, [12.0], {w: [6.0]}, None), (L, [6.0], {}, [w]), (layer, h)]
