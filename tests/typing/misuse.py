"""What a checker should refuse: each line says by which rule. Where it refuses nothing, mypy calls the `ignore` unused."""

import numpy as np

from microgradnn import Tensor, backward_steps, chain_rule, draw, fit, grad, load, nn, optim, stack, tanh

rng = np.random.default_rng(0)
x = Tensor([1.0], requires_grad=True)

Tensor([1.0], "W")  # type: ignore[call-arg, arg-type]  # a name is given by its name: name="W"
Tensor([1.0], name=1)  # type: ignore[arg-type]  # a name is a str
tanh()  # type: ignore[call-arg]  # of what?
tanh(None)  # type: ignore[arg-type]  # not numbers
x.tahn()  # type: ignore[attr-defined]  # no such operation
x.sum(axes=0)  # type: ignore[call-arg]  # the parameter is called axis
x.sum(axis="rows")  # type: ignore[arg-type]  # axes are counted
x["first"]  # type: ignore[arg-type]  # elements have no names
x.grad.sum()  # type: ignore[union-attr]  # None until computed
stack(x, x)  # type: ignore[arg-type]  # Tensors are stacked as a sequence, the second argument is the axis
draw(x, direction="UP")  # type: ignore[arg-type]  # LR, RL, TB, BT
draw(x, theme="pink")  # type: ignore[arg-type]  # light, dark, print
draw(x, show=("values",))  # type: ignore[arg-type]  # shape, value, gradient
chain_rule(x, "W")  # type: ignore[arg-type]  # an element is W[0, 0], not its name
grad(x)(2.0)  # type: ignore[call-overload]  # a Tensor's gradient needs to know with respect to what
backward_steps(x * 2, [1.0])[0].dx.backward()  # type: ignore[attr-defined]  # a gradient is an array
nn.Linear(2)  # type: ignore[call-arg]  # how many outputs
nn.mse_loss(x, [1.0], reduction="avg")  # type: ignore[arg-type]  # mean, sum, none
optim.SGD(x.data, learning_rate=1.0)  # type: ignore[call-arg]  # it is called lr
fit(nn.Tanh(), nn.mse_loss, optim.SGD([x]), [1.0], [1.0])  # type: ignore[call-arg]  # how many epochs
load("network.npz", {})  # type: ignore[arg-type]  # the parameters come first
