"""The network of two inputs, two hidden units and one output, in matrices."""

import numpy as np

from ...formulas.formula import Name
from ...formulas.unicode_text import text
from ...ops.activations import relu
from ...tensor import Tensor
from .drawn import PictureOf
from .exercise import Blank, Derivative, Exercise, Given, Kind, Slip, partial

PAIR = (0, 1)
NETWORK = "Two inputs, two hidden units, one output. relu(z) is z where z > 0, and else 0; its slope is 1 and 0."
TASK = (
    "Write in the blanks: forward, what stands in the units, and the loss; then backward, the gradients of the units and of "
    "all weights."
)


class HiddenLayer(Kind):
    """h = relu(x W + b), o = h V: values, and the gradients of all weights."""

    name = "matrix"
    what = "a hidden layer in matrices: values, and the gradients of all weights"

    def draw(self, rng, conventions):
        """Whole numbers; at most one of the hidden units is off."""
        numbers = {"x": rng.choice([-2, -1, 1, 2, 3], 2, replace=False)}
        numbers |= {"W": rng.choice([-3, -2, -1, 0, 1, 2, 3], (2, 2), replace=False)}
        numbers |= {"b": rng.choice([-2, -1, 1, 2], 2), "V": rng.choice([-3, -2, -1, 1, 2, 3], 2, replace=False)}
        numbers |= {"t": rng.integers(-5, 6)}
        tensors = {key: Tensor(np.asarray(value, float), requires_grad=key in "WbV") for key, value in numbers.items()}
        given, labels = quantities(numbers, conventions)
        L, computed = network(tensors, conventions)
        affine = "x W + b" if conventions.order == "xW" else "W x + b"
        output = "h V" if conventions.order == "xW" else "V h"
        return Exercise(
            kind=self.name,
            title="Backprop in a network with a hidden layer",
            story=[f"{NETWORK} {text(labels['W01'])} leads from {text(labels['x0'])} to {text(labels['h1'])}.", TASK],
            formulas=[f"z = {affine},   h = relu(z)", f"o = {output},   {conventions.loss}"],
            given=given,
            blanks=[
                *forward_blanks(labels, computed, L, conventions),
                *backward_blanks(labels, computed, tensors, conventions),
            ],
            shown=[(name, as_printed(name, numbers[name], conventions)) for name in "xWbVt"],
        )

    def picture(self, exercise, solved):
        """Units in columns, weights at the arrows."""
        drawn = PictureOf(exercise, solved)
        for i in PAIR:
            drawn.box(f"x{i}", [f"x{i}"], "constant")
            drawn.box(f"h{i}", [f"b{i}", f"z{i}", f"h{i}", f"d_h{i}", f"d_z{i}"])
        drawn.box("o", ["o", "t", "d_o"])
        drawn.box("L", ["L"], "output")
        for i in PAIR:
            for j in PAIR:
                drawn.arrow(f"x{i}", f"h{j}", [f"W{i}{j}", f"d_W{i}{j}"])
        for j in PAIR:
            drawn.arrow(f"h{j}", "o", [f"V{j}", f"d_V{j}"])
        drawn.arrow("o", "L")
        return drawn.picture


def quantities(numbers, conventions):
    """What is given, and the labels of all: W01 is the weight from input 0 to unit 1, wherever it stands in the matrix."""
    labels = {f"{name}{i}": conventions.name(name, i) for name in "xbVzh" for i in PAIR}
    labels |= {f"W{i}{j}": conventions.weight("W", i, j) for i in PAIR for j in PAIR}
    labels |= {name: Name(name) for name in "toL"}
    values = {f"{name}{i}": numbers[name][i] for name in "xbV" for i in PAIR}
    values |= {f"W{i}{j}": numbers["W"][i, j] for i in PAIR for j in PAIR} | {"t": numbers["t"]}
    return [Given(key, labels[key], int(value)) for key, value in values.items()], labels


def network(tensors, conventions):
    """The loss and what leads to it, recorded and gone back through; the matrix stands as the course has it."""
    x, W, b, V, t = (tensors[name] for name in "xWbVt")
    if conventions.order == "xW":
        z = x @ W + b
    else:
        tensors["W"] = W = Tensor(W.data.T.copy(), requires_grad=True)
        z = W @ x + b
    h = relu(z)
    o = h @ V if conventions.order == "xW" else V @ h
    L = conventions.of(t, o)
    L.backward()
    return L, {"z": z, "h": h, "o": o}


def as_printed(name, array, conventions):
    """Rows of a vector or matrix; one number as it is."""
    if name == "W" and conventions.order == "Wx":
        array = array.T
    if name in "xbV" and conventions.order == "Wx":
        return array.reshape(1, -1).tolist() if name == "V" else array.reshape(-1, 1).tolist()
    return array.reshape(-1, 1).tolist() if name == "V" else np.atleast_2d(array).tolist() if array.ndim else int(array)


def forward_blanks(labels, computed, L, conventions):
    """What stands in the units, and the loss."""
    for j in PAIR:
        crossed = Slip(f"x0 * W{j}0 + x1 * W{j}1 + b{j}", "the matrix is read the other way round")
        rule = f"x0 * W0{j} + x1 * W1{j} + b{j}"
        forgotten = Slip(f"x0 * W0{j} + x1 * W1{j}", "the bias is missing")
        yield Blank(f"z{j}", labels[f"z{j}"], rule, computed["z"].data[j], slips=[crossed, forgotten])
    for j in PAIR:
        rule, slips = f"z{j} * (z{j} > 0)", [Slip(f"z{j}", "relu is missing")]
        yield Blank(f"h{j}", labels[f"h{j}"], rule, computed["h"].data[j], slips=slips)
    yield Blank("o", labels["o"], "h0 * V0 + h1 * V1", computed["o"].item())
    yield Blank("L", labels["L"], conventions.loss_rule, L.item())


def backward_blanks(labels, computed, tensors, conventions):
    """Gradients of the output, of V, of the units, of W and b."""
    slips = [Slip(*slip) for slip in conventions.slope_slips]
    yield Blank("d_o", partial("L", "o"), conventions.slope_rule, computed["o"].grad.item(), Derivative("L", "o"), slips=slips)
    for j in PAIR:
        slips = [Slip(f"d_o * V{j}", f"V stands for h: that is the gradient of {text(labels[f'h{j}'])}")]
        yield blank(labels, f"V{j}", f"d_o * h{j}", tensors["V"].grad[j], slips)
    for j in PAIR:
        slips = [
            Slip(f"d_o * h{j}", f"h stands for V: that is the gradient of {text(labels[f'V{j}'])}"),
            Slip("d_o", "V is missing"),
        ]
        yield blank(labels, f"h{j}", f"d_o * V{j}", computed["h"].grad[j], slips)
    for j in PAIR:
        slips = [Slip(f"d_h{j}", "the slope of relu is missing")]
        yield blank(labels, f"z{j}", f"d_h{j} * (z{j} > 0)", computed["z"].grad[j], slips)
    dW = tensors["W"].grad if conventions.order == "xW" else tensors["W"].grad.T
    for i in PAIR:
        for j in PAIR:
            slips = [
                Slip(f"d_h{j} * x{i}", "the slope of relu is missing"),
                Slip(f"d_z{i} * x{j}", "the indices are exchanged"),
            ]
            yield blank(labels, f"W{i}{j}", f"d_z{j} * x{i}", dW[i, j], slips)


def blank(labels, key, rule, value, slips):
    """A blank for ∂L/∂(what has that key)."""
    return Blank(f"d_{key}", partial("L", labels[key]), rule, float(value), Derivative("L", key), slips=slips)
