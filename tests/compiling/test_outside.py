"""What a compiled step reads from outside: whatever changes there between two calls, it does what the usual step does."""

import copy
import dataclasses
import pickle
import types
from functools import partial

import numpy as np
import pytest
from compilers import needs_compiler
from hypothesis import given
from hypothesis import strategies as st

from microgradnn import Tensor, compiled, fit, nn, optim
from microgradnn.compiling.outside import Outside

pytestmark = needs_compiler
X = np.random.default_rng(0).normal(size=(5, 3))
SCALE = 1.0


class World:
    """What a loss is made of, and what may happen to it between two calls."""

    rate = 1.0  # of the class

    def __init__(self):
        globals()["SCALE"], rng = 1.0, np.random.default_rng(1)
        self.w, self.v = (Tensor(rng.normal(size=3), requires_grad=True, name=name) for name in "wv")
        self.layer, self.unused = nn.Linear(3, 2, rng=rng), 0
        self.dropout, self.twice = nn.Dropout(0.5, rng=rng).eval(), Twice().eval()
        self.target, self.constant = np.zeros(5), Tensor(np.ones(5))
        self.gaps, self.places = np.ones(10)[::2], np.array([0, 1, 2, 1, 0])
        self.settings, self.weights, self.which = {"factor": 1.0, "pair": (1.0, 2.0)}, [self.w, self.v], 0
        self.module = types.ModuleType("settings")
        self.module.power = 1.0
        self.parameters = [self.w, self.v, *self.layer.parameters()]
        for x in self.parameters:
            x.requires_grad = True
        scale = 1.0

        def loss(x, kind="usual", *, bias=0.0):
            e = self.twice(self.dropout(x @ self.weights[self.which])) - (2 * self.constant + self.target) + bias
            parts = (e * e * self.gaps).mean() * scale * self.settings["factor"] * self.rate * self.module.power * SCALE
            return parts + (self.v[self.places] * (1 - self.target)).sum() + (helped(self.layer)(x) ** 2).mean()

        def closed_over():
            nonlocal scale
            scale += 1

        self.loss, self.closed_over = loss, closed_over


class Twice(nn.Module):
    def forward(self, x):
        return 2 * x if self.training else x


def helped(layer):
    return layer


def a_global(world):
    globals()["SCALE"] += 0.5


CHANGES = {
    "nothing": lambda world: None,
    "what is not read": lambda world: setattr(world, "unused", world.unused + 1),
    "a closure": lambda world: world.closed_over(),
    "a global": a_global,
    "a default": lambda world: world.loss.__kwdefaults__.update(bias=world.loss.__kwdefaults__["bias"] + 1),
    "defaults": lambda world: setattr(world.loss, "__kwdefaults__", {"bias": 3.0}),
    "a dict": lambda world: world.settings.update(factor=world.settings["factor"] * 2),
    "a list": lambda world: world.weights.reverse(),
    "an index": lambda world: setattr(world, "which", 1 - world.which),
    "an attribute of its own": lambda world: setattr(world, "rate", world.rate + 1),
    "a module's variable": lambda world: setattr(world.module, "power", world.module.power + 1),
    "a number made anew": lambda world: setattr(world.module, "power", float(str(world.module.power))),
    "an array": lambda world: world.target.__iadd__(0.5),
    "an array with gaps": lambda world: world.gaps.__iadd__(0.5),
    "positions": lambda world: world.places.__setitem__(0, 2 - world.places[0]),
    "another array": lambda world: setattr(world, "target", world.target + 1),
    "a constant's data": lambda world: setattr(world.constant, "data", world.constant.data + 1),
    "a constant's elements": lambda world: world.constant.data.__iadd__(1),
    "another constant": lambda world: setattr(world, "constant", Tensor(world.constant.data * 2)),
    "a layer's weights": lambda world: setattr(world.layer, "b", Tensor(world.layer.b.data + 1, requires_grad=True)),
    "a weight's data": lambda world: setattr(world.w, "data", world.w.data * 0.5),
    "frozen": lambda world: setattr(world.w, "requires_grad", not world.w.requires_grad),
    "read-only": lambda world: setattr(world.w, "data", read_only(world.w.data)),
    "a mode": lambda world: world.twice.train(not world.twice.training),
    "a layer": lambda world: setattr(world, "twice", nn.Tanh()),
}


def read_only(array):
    """A copy that cannot be written to."""
    array = array.copy()
    array.flags.writeable = False
    return array


@given(changes=st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=5), with_optimiser=st.booleans())
def test_whatever_changes_outside(changes, with_optimiser):
    """The losses and parameters of a compiled step are those of the usual one, whatever the program changes in between."""
    told = []
    for is_compiled in (False, True):
        world, losses = World(), []
        optimiser = optim.Adam(world.parameters, lr=0.1) if with_optimiser else None
        step = compiled(world.loss, world.parameters, optimiser)
        take = step if is_compiled else partial(step.eager)
        held = []
        for change in ["nothing", "nothing", *changes]:
            CHANGES[change](world)
            held.append((world.w.data, world.w.data.copy()) if not world.w.data.flags.writeable else (0, 0))
            losses.append(take(X) if is_compiled else take((X,)))
            losses += [np.array(x.data) for x in world.parameters]
            losses += [np.zeros(0) if x.grad is None else x.grad for x in world.parameters if not with_optimiser]
        assert all(np.array_equal(now, then) for now, then in held)  # what is read-only stays as it is
        told.append(losses)
    for usual, ours in zip(*told, strict=True):
        np.testing.assert_allclose(ours, usual, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_each_change_alone(change):
    """Each of these changes is one that is seen, also if it comes again."""
    test_whatever_changes_outside.hypothesis.inner_test(changes=[change, "nothing", change, "nothing"], with_optimiser=True)


@pytest.mark.parametrize("change", ["nothing", "what is not read", "a number made anew", "a weight's data"])
def test_what_is_compiled_stays(change):
    """As long as nothing that it reads is another, a step is recorded once."""
    world = World()
    step = compiled(world.loss, world.parameters, optim.SGD(world.parameters, lr=0.1))
    for _ in range(4):
        step(X)
        CHANGES[change](world)
    assert (step.made, step.reason) == (1, "")


def counted(world, x):
    world.unused += 1
    return (x @ world.w).sum() * world.unused


def kept(world, x):
    world.kept = np.tanh(x @ world.w)
    return world.kept.sum()


def carried(world, x):
    h = np.tanh(x @ world.w + world.constant)
    world.constant = h.detach()
    return h.sum()


def listed(world, x):
    world.weights.append((x @ world.w).sum())
    return world.weights[-1] * len(world.weights)


@pytest.mark.parametrize("function", [counted, kept, carried, listed])
@pytest.mark.filterwarnings("ignore:This step is not compiled")
def test_what_a_function_changes_itself(function):
    """A counter, a state or a list that the function changes is what it would be if nothing were recorded."""
    told = []
    for is_compiled in (False, True):
        world = World()
        step = compiled(partial(function, world), [world.w], optim.SGD([world.w], lr=0.1))
        told.append([])
        for i in range(4):
            told[-1] += [step(X * i) if is_compiled else step.eager([X * i]), world.unused, len(world.weights)]
            told[-1] += [world.constant.data.copy(), world.w.data.copy()]
        assert "changes what it reads" in step.reason or not is_compiled
    for usual, ours in zip(*told, strict=True):
        np.testing.assert_array_equal(ours, usual)


@pytest.mark.parametrize(
    "made",
    [
        lambda w, x: (Tensor(x.mean()) * w).sum(),
        lambda w, x: (copy.deepcopy(x) @ w).sum(),
        lambda w, x: (x @ copy.copy(w)).sum() + w.sum(),
        lambda w, x: (x @ copy.deepcopy(w)).sum() + w.sum(),
        lambda w, x: (x @ (w * pickle.loads(pickle.dumps(w)))).sum(),
        lambda w, x: (x @ (w * Tensor(w.detach(), name="copy"))).sum(),
        lambda w, x: (copy.copy(x) @ (w * copy.copy(w.detach()))).sum(),
    ],
)
@pytest.mark.filterwarnings("ignore:This step is not compiled")
def test_copies_are_no_constants(made):
    """What is made of an argument or a weight by copying is of the arguments and weights of each call."""
    rng = np.random.default_rng(0)
    w = Tensor(rng.normal(size=3), requires_grad=True)
    step = compiled(partial(made, w), [w])
    for x in rng.normal(size=(4, 5, 3)):
        w.data = rng.normal(size=3)
        L = made(w, Tensor(x))
        w.grad = None
        L.backward()
        expected = w.grad
        assert step(x) == pytest.approx(L.item())
        np.testing.assert_allclose(w.grad, expected)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"scale": 1.0}, {"scale": 2.0}),
        ((1.0, X), (2.0, X)),
        (types.SimpleNamespace(scale=1.0), types.SimpleNamespace(scale=2.0)),
    ],
)
def test_arguments_that_are_no_data(first, then):
    """Of a dict, a tuple or an object as an argument, what is in it is looked at; where it lies, the next one may, too."""
    w = Tensor(np.ones(3), requires_grad=True)

    def loss(x, other):
        factor = getattr(other, "scale", None) or (other["scale"] if isinstance(other, dict) else other[0])
        return (x @ w).sum() * (factor if isinstance(factor, float) else len(other[1]))

    step = compiled(loss, [w])
    for other in (first, first, then, first):
        assert step(X, other) == pytest.approx(loss(Tensor(X), other).item())
    if isinstance(first, dict):
        first["scale"] = 7.0
        assert step(X, first) == pytest.approx(7 * (X @ w.data).sum())


def test_a_large_array_is_refused():
    """What is too large to be compared in each call is refused, with the way out; as a Tensor it is compiled."""
    w, large = Tensor(np.ones(3), requires_grad=True), np.ones((100_000, 3))

    def loss():
        return (large @ w).sum()

    step = compiled(loss, [w])
    with pytest.warns(RuntimeWarning, match="reads an array of shape \\(100000, 3\\) from outside"):
        step()
    large = Tensor(large)
    step = compiled(loss, [w])
    step()
    assert not step.reason


def test_fit_looks_at_what_its_loss_reads():
    """What a callback changes of the loss or the network counts from the next batch on, compiled or not."""
    told = []
    for is_compiled in (False, True):
        weight, network = [1.0], nn.MLP([3, 2, 1], rng=np.random.default_rng(0))

        def loss(prediction, target, weight=weight):
            return nn.mse_loss(prediction, target) * weight[0]

        def changed(*_, weight=weight, network=network):
            weight[0] += 1
            network.parameters()[0].requires_grad = False

        adam = optim.Adam(network.parameters(), lr=0.1)
        given = {"epochs": 3, "rng": 0, "progress": False, "callbacks": [changed], "compiled": is_compiled}
        history = fit(network, loss, adam, X, X[:, :1], **given)
        told.append([history["loss"], *(x.data for x in network.parameters())])
    for usual, ours in zip(*told, strict=True):
        np.testing.assert_allclose(ours, usual, rtol=1e-9)


@pytest.mark.parametrize("made", [nn.Sequential, lambda *layers: nn.Sequential(first=layers[0], f=layers[1], last=layers[2])])
def test_layers_that_are_replaced(made):
    """Another layer in the place of one of a network, under whatever name it has there, counts from the next step on."""
    rng = np.random.default_rng(0)
    network = made(nn.Linear(3, 2, rng=rng), nn.Tanh(), nn.Linear(2, 1, rng=rng))
    step = compiled(lambda x: network(x).sum(), network.parameters())
    step(X)
    setattr(network, network.names[1], nn.ReLU())
    assert step(X) == pytest.approx(network(X).sum().item())


class Base(nn.Module):
    """A module whose number is read where a subclass does not show it."""

    def __init__(self):
        self.w, self.factor, self.epoch = Tensor(np.ones(3), requires_grad=True), 1.0, 0

    def forward(self, x):
        return (x @ self.w).sum() * self.factor

    def train_on(self, x):
        self.epoch += 1


class Derived(Base):
    def forward(self, x):
        return super().forward(x) * getattr(self, "fac" + "tor")


@dataclasses.dataclass(slots=True)
class Settings:
    factor: float = 1.0


def test_numbers_of_base_classes_and_slots():
    """What a base class's method reads, and an object without a __dict__, is looked at; what other methods do is not."""
    module, settings = Derived(), Settings()
    step = compiled(lambda x: module(x) * settings.factor, module.parameters())
    for factor in (1.0, 1.0, 3.0):
        module.factor, settings.factor = factor, 2 * factor
        assert step(X) == pytest.approx(X.sum() * 2 * factor**3)
    module, made = Base(), step.made
    step = compiled(lambda x: module(x), module.parameters())  # noqa: PLW0108 - as users write it
    for _ in range(3):
        module.train_on(step(X))
    assert (made, step.made) == (2, 1)


def test_a_long_list_is_refused():
    """A list that would have to be looked at for long is a reason to run as usual."""
    w, factors = Tensor(np.ones(3), requires_grad=True), [1.0] * 2000
    step = compiled(lambda x: (x @ w).sum() * factors[0], [w])
    with pytest.warns(RuntimeWarning, match="reads a list of 2000 parts from outside"):
        step(X)
    factors[0] = 3.0
    assert step(X) == pytest.approx(3 * X.sum())


def test_what_is_not_read_is_not_looked_at():
    """Modules, classes and functions of libraries, and attributes whose names do not occur, are no part of it."""
    world = World()
    names = {name for _, name in Outside(world.loss).entries}
    assert {"settings", "rate", "power", "SCALE"} <= names
    assert names.isdisjoint({"np", "Tensor", "unused", "parameters"})
