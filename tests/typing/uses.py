"""Programs as users write them, with the type that a checker should find for each expression.

mypy checks this file, and test_typing.py runs it and holds each value against the type that stands beside it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import microgradnn as mg
from microgradnn import Op, Tensor, chain_rule, concatenate, draw, fit, grad, nn, no_grad, optim, tanh
from microgradnn.debugging.in_code import Breakpoint
from microgradnn.debugging.steps import BackwardSteps, Step
from microgradnn.explaining.derivation import ChainRule
from microgradnn.graph import Number
from microgradnn.passes import Pass
from microgradnn.pictures.diagram import Diagram
from microgradnn.programs.unrolled import Unrolled
from microgradnn.training import EarlyStopping, History, batches, evaluate
from microgradnn.watching.observers import Hook

Array = NDArray[Any]
rng = np.random.default_rng(0)

# Tensors

x = Tensor([0.5, -1.2, 0.3], name="x")
W = Tensor(rng.normal(size=(3, 3)), requires_grad=True, name="W", dtype=float)
assert_type(x, Tensor)
assert_type(W.data, Array)
assert_type(W.grad, Array | None)
assert_type(W.name, str | None)
assert_type(W.requires_grad, bool)
assert_type(W.op, Op | None)
assert_type(W.inputs, tuple[Tensor | Number, ...])
assert_type(W.shape, tuple[int, ...])
assert_type(W.ndim, int)
assert_type(W.dtype, np.dtype[Any])
assert_type(W.T, Tensor)
assert_type(W.mT, Tensor)
assert_type(W.at[0, 1:].set(0.0), Tensor)
assert_type(W.at[W > 0].multiply(x[0]).at[0].add(x), Tensor)
assert_type(W.argsort(1), Array)
assert_type(W.nonzero(), tuple[Array, ...])
assert_type(mg.vstack([W, x]), Tensor)
assert_type(mg.meshgrid(x, x), tuple[Tensor, ...])
assert_type(mg.array_split(x, 2), list[Tensor])
assert_type(mg.insert(x, 1, 0.0), Tensor)
assert_type(W.numpy(), Array)
assert_type(W.detach(), Tensor)
assert_type(W.named("W"), Tensor)
assert_type(len(W), int)
assert_type(float(W[0, 0]), float)
assert_type(iter(W), Iterator[Tensor])

# Operators: with numbers, arrays and Tensors, on either side

assert_type(x + 1, Tensor)
assert_type(1 - x, Tensor)
assert_type(x * x, Tensor)
assert_type(2 / x, Tensor)
assert_type(x % 2, Tensor)
assert_type(2 // x, Tensor)
assert_type(divmod(x, 2), tuple[Tensor, Tensor])
assert_type(x.real, Tensor)
assert_type(x.conj(), Tensor)
assert_type(x.sum(axis=0, dtype=float, where=[True, False, True], initial=1.0), Tensor)
assert_type(mg.quantile(x, 0.5), Tensor)
assert_type(x**2, Tensor)
assert_type(2**x, Tensor)
assert_type(-x, Tensor)
assert_type(abs(x), Tensor)
assert_type(x @ W, Tensor)
assert_type(rng.normal(size=3) @ W, Tensor)
assert_type(np.ones(3) * x, Tensor)
assert_type(x - np.ones(3), Tensor)
assert_type(x > 0, Array)
assert_type(x == x, Array)  # noqa: PLR0124 - of each element
assert_type(x[0], Tensor)
assert_type(W[0, 1:], Tensor)
assert_type(W[..., None], Tensor)
assert_type(x[[0, 0, 1]], Tensor)
assert_type(x[x > 0], Tensor)

# Operations, as functions and as methods

assert_type(tanh(x), Tensor)
assert_type(x.tanh(), Tensor)
assert_type(mg.sum(W, axis=(0, 1)), Tensor)
assert_type(W.sum(axis=0, keepdims=True).mean(), Tensor)
assert_type(W.max(), Tensor)
assert_type(W.reshape(9), Tensor)
assert_type(W.reshape((1, 9)).squeeze().transpose(), Tensor)
assert_type(W.astype(np.float32), Tensor)
assert_type(x.clip(0, 1), Tensor)
assert_type(x.split(3), list[Tensor])
assert_type(concatenate([x, np.ones(3)]), Tensor)
assert_type(mg.stack([x, x], axis=1), Tensor)
assert_type(mg.where(x > 0, x, 0), Tensor)
assert_type(mg.einsum("ij,j->i", W, x), Tensor)
assert_type(mg.matmul([1.0, 2.0, 3.0], W), Tensor)
assert_type(mg.pad(x, (1, 1), mode="edge"), Tensor)
assert_type(mg.conv2d(Tensor(np.ones((1, 1, 4, 4))), np.ones((1, 1, 2, 2)), stride=(1, 2)), Tensor)
assert_type(mg.slogdet(W).logabsdet.item(), Any)


class Cube(Op):
    """An operation of one's own, without annotations as all rules are."""

    def forward(self, x):
        return x * x * x

    def dx(self, dz, z, x):
        return dz * 3 * x * x

    vjps = (dx,)


assert_type(Cube()(x), Tensor)
assert_type(mg.check_op(Cube(), np.ones(3)), bool)

# Backward

t = Tensor(1.0, name="t")
V = Tensor([0.1, 0.2, 0.3], requires_grad=True, name="V")
h = (x @ W).tanh().named("h")
o = (h @ V).named("o")
L = ((t - o) ** 2).named("L")
hook = V.register_hook(lambda dx: dx * 2)
assert_type(hook, Hook)
assert_type(hook.remove(), None)
assert_type(L.backward(), None)
assert_type(mg.backward_steps(L), BackwardSteps)
assert_type(mg.backward_steps(L)[0], Step)
assert_type(mg.backward_steps(L)[:2], list[Step])
for step in mg.backward_steps(L):
    assert_type(step.number, int)
    assert_type(step.node, Tensor)
    assert_type(step.op, Op)
    assert_type(step.dx, Array)
    assert_type(step.new, Array | None)
    assert_type(step.local, Array | None)
    assert_type(step.rule, str)
    assert_type(step.line, tuple[str, int] | None)
with mg.Passes(last=3) as passes:
    L.backward()
assert_type(passes[-1], Pass)
assert_type(passes[:2], list[Pass])
assert_type(passes[0].values[W], Array)
assert_type(passes[0].gradients[W], Array)
assert_type(mg.backward_steps(passes[0]), BackwardSteps)
with mg.backward_steps(L).at(3) as nothing_then:
    assert_type(nothing_then, None)
stop = mg.break_on(op="tanh", when=lambda step: step.dz.size > 100)
assert_type(stop, Breakpoint)
assert_type(mg.clear_breakpoints(), None)

# Derivations and pictures

rule = chain_rule(L, W[0, 0])
assert_type(rule, ChainRule)
assert_type(rule.value, float)
assert_type(rule.latex(), str)
assert_type(rule.diagram, Diagram)
assert_type(rule.paths[0].value, float)
assert_type(rule.elements[0].gradient, float)
assert_type(rule.checks[0].agrees, bool | None)
picture = draw(L, expand=W[0, 0], show=("value",), fold="names", direction="TB", theme="dark")
assert_type(picture, Diagram)
assert_type(picture.source, str)
with TemporaryDirectory() as folder:
    assert_type(picture.save(f"{folder}/network.dot"), Path)


def square(x: Tensor) -> Tensor:
    """A function to differentiate."""
    y = x * x
    assert_type(mg.name_tensors(locals()), list[str])
    return y


# Plain NumPy

by_hand = mg.unroll(L, [W, V])
assert_type(by_hand, Unrolled)
assert_type(by_hand.source, str)
assert_type(by_hand.parameters, dict[str, tuple[Any, ...]])
assert_type(by_hand(x.data, W.data, V.data, 1.0), tuple[Any, Any])

# Derivatives

assert_type(grad(L, W), Array)
assert_type(grad(L, [W, V]), tuple[Array, ...])
assert_type(grad(L, W, create_graph=True), Tensor)
assert_type(grad(L, (W, V), create_graph=True), tuple[Tensor, ...])
assert_type(grad(square), Callable[..., Array])
assert_type(grad(square)(2.0), Array)
assert_type(grad(grad(square))(2.0), Array)
assert_type(grad(mg.multiply, argnums=(0, 1))(2.0, 3.0), tuple[Array, ...])
assert_type(mg.value_and_grad(square)(2.0), tuple[float, Array])
assert_type(mg.value_and_grad(mg.multiply, (0, 1))(2.0, 3.0), tuple[float, tuple[Array, ...]])
assert_type(mg.vjp(square, 2.0)[1](1.0), Array)
assert_type(mg.vjp(mg.multiply, 2.0, 3.0)[1](1.0), tuple[Array, ...])
assert_type(mg.jvp(square, (2.0,), (1.0,)), tuple[Array, Array])
assert_type(mg.jacobian(square)([1.0, 2.0]), Array)
assert_type(mg.hessian(square)(2.0), Array)
assert_type(mg.hvp(square, 2.0, 1.0), Array)
assert_type(mg.gradcheck(square, [2.0], order=2), bool)

# What holds inside a `with`, or in a function


@no_grad()
def predict(x: Tensor) -> Tensor:
    """As a decorator it leaves a function its type."""
    return x @ W


@mg.checked()
def checked_prediction(x: Tensor) -> Tensor:
    """The same."""
    return x @ W


assert_type(predict(x), Tensor)
assert_type(checked_prediction(x), Tensor)
with no_grad() as nothing, mg.checked(), mg.remember_lines():
    assert_type(nothing, None)
    assert_type(x * 2, Tensor)

# Networks

X, y = rng.normal(size=(8, 3)), rng.integers(2, size=8)
layer = nn.Linear(3, 2, rng=rng)
assert_type(layer(X), Tensor)
assert_type(layer.W, Tensor)
assert_type(layer.b, Tensor | None)
network = nn.Sequential(nn.Linear(3, 4, rng=rng, init=nn.init.kaiming_normal), nn.ReLU(), tanh, out=nn.Linear(4, 2, rng=rng))
assert_type(network(X), Tensor)
assert_type(network[:2], nn.Sequential)
assert_type(network.parameters(), list[Tensor])
assert_type(network.state_dict(), dict[str, Array])
assert_type(network.eval(), nn.Sequential)
assert_type(network.train().load_state_dict(network.state_dict()), None)
assert_type(nn.MLP([3, 4, 2], nn.Tanh(), rng=rng)(X), Tensor)
assert_type(network.out, Any)  # whatever it was given
assert_type(nn.MLP([3, 4, 2], rng=rng).hidden, Any)
assert_type(nn.Dropout(0.5, rng=rng)(x), Tensor)
assert_type(nn.BatchNorm(3)(X), Tensor)
assert_type(nn.Embedding(2, 3, rng=rng)(y), Tensor)
assert_type(nn.init.xavier_uniform((3, 4), rng=rng), Array)
assert_type(nn.mse_loss(layer(X), np.ones((8, 2)), reduction="sum"), Tensor)
assert_type(nn.cross_entropy(layer(X), y), Tensor)


class Net(nn.Module):
    """A network of one's own."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.hidden = nn.Linear(3, 2, rng=rng)
        self.scale = Tensor(2.0, requires_grad=True)

    def forward(self, x: Tensor, shift: float = 0.0) -> Tensor:
        return self.hidden(x).tanh() * self.scale + shift


assert_type(Net(rng)(Tensor(X), shift=1.0), Tensor)
for path, parameter in Net(rng).named_parameters():
    assert_type(path, str)
    assert_type(parameter, Tensor)

# Training

adam = optim.Adam(network.parameters(), lr=0.01, betas=(0.9, 0.99))
assert_type(adam.lr, float)
assert_type(adam.step(), None)
assert_type(adam.zero_grad(), None)
assert_type(adam.state_dict(), dict[str, Any])
schedule = optim.LambdaLR(adam, lambda epoch: 0.5**epoch)
assert_type(schedule.at(2), float)
assert_type(optim.clip_grad_norm_(network.parameters(), 1.0), float)
for batch in batches(X, y, size=4, rng=rng):
    assert_type(batch, tuple[Any, ...])
early = EarlyStopping(patience=3)
history = fit(
    network,
    nn.cross_entropy,
    adam,
    X,
    y,
    epochs=2,
    rng=rng,
    validation=(X, y),
    schedule=schedule,
    stop=early,
    metrics={"accuracy": mg.training.accuracy},
    progress=False,
)
assert_type(history, History)
assert_type(history["loss"], list[float])
assert_type(history.best_epoch, int | None)
assert_type(early.best, float)
assert_type(evaluate(network, nn.cross_entropy, X, y), dict[str, float])
with TemporaryDirectory() as folder:
    assert_type(mg.save(network, Path(folder) / "network.npz"), Path)
    assert_type(mg.load(network, f"{folder}/network.npz"), None)
