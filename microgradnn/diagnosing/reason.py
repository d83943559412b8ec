"""`why(W)`: why the gradient of one tensor is None, zero or small, and where on the way from the loss it got lost."""

from __future__ import annotations

import gc
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..backprop import between
from ..errors import describe
from ..formulas.brief import counted
from ..formulas.labels import label_of
from ..graph import Node, Number, birth_of, reachable, values_of, whole_graph
from ..source.expressions import shown
from ..source.lines import departures, place_of
from ..source.reading import readings_in
from .stages import is_array, label_of_node, length_of, unshaped
from .variables import users_frame, users_variables

if TYPE_CHECKING:
    from ..source.lines import Place
    from ..tensor import Tensor

JOIN = "Compute with the Tensor itself; stack([...]) and concatenate join Tensors where np.array would make numbers."
LITTLE_BY_LITTLE = "relu or tanh with weights of nn.init, normalisation, or ways around the layers (x + f(x)) keep gradients."
SMALL = 1e-6  # of the largest gradient on the way: what is less is called small
MOST_ROWS = 12  # of the way that are shown


class Step(NamedTuple):
    """A node on the way from the loss to a tensor, with the root mean square of its gradient; None if there is none."""

    node: Node
    gradient: float | None


class Reason:
    """What `why` found; print it.

    Attributes
    ----------
    verdict : {"none", "zero", "small", "fine"}
    text : str
        Why, in a sentence or two, with the figures.
    way_out : str
        What to do; empty where nothing is wrong.
    place : Place or None
        The line where the gradient got lost, if it is known.
    steps : list of Step
        The way from the loss to the tensor, with the gradient at each node.
    """

    def __init__(self, verdict: str, text: str, way_out: str = "", place: Place | None = None, steps: Any = ()) -> None:
        self.verdict, self.text, self.way_out, self.place, self.steps = verdict, text, way_out, place, list(steps)

    def __str__(self) -> str:
        lines = [self.text]
        if self.place is not None:
            lines += [f"  {line}" for line in shown(self.place).split("\n")]
        lines += table_of(self.steps)
        if self.way_out:
            lines.append(f"→ {self.way_out}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)


def why(W: Tensor, L: Tensor | None = None) -> Reason:
    """Why a tensor's gradient is None, zero, small, or fine; and where on the way from the loss it got lost.

    Parameters
    ----------
    W : Tensor
        Usually a parameter. Of an element, `W[0, 0]`, that the loss was not computed from by itself, all of W is looked at.
    L : Tensor, optional
        The loss, after `L.backward()`; if not given, the one of the latest backward pass that is still in memory.

    Returns
    -------
    Reason
        `print` it. Its `verdict` is "none", "zero", "small" or "fine".

    Raises
    ------
    TypeError
        If one of the two is no Tensor.

    Examples
    --------
    >>> from microgradnn import Tensor, relu, why
    >>> x, W = Tensor([1.0, 2.0], name="x"), Tensor([[-1.0], [-3.0]], requires_grad=True, name="W")
    >>> L = (relu(x @ W) + 1).sum().named("L")
    >>> L.backward()
    >>> reason = why(W, L)
    >>> reason.verdict
    'zero'
    >>> print(*str(reason).splitlines()[1:], sep="\\n")
      L              1
      relu(x W) + 1  1
      relu(x W)      1
      x W            0   ← lost here
      W              0
    → Begin with other weights, a smaller learning rate or leaky_relu; a bias far below 0 does the same.
    """
    for x in (W, *([] if L is None else [L])):
        if not isinstance(x, Node):
            raise TypeError(f"why takes Tensors, why(W) or why(W, L); it was given {x!r}.")
    given, L = L, latest_loss(W) if L is None else L
    whole = whole_of(W)
    if whole is not W and (L is None or W not in reachable(L)):  # W[0, 0], picked just now to ask about it
        return why(whole, given)
    if not W.requires_grad:
        return Reason("none", f"{describe(W)} requires no gradient.", "Make it with Tensor(..., requires_grad=True).")
    if L is None and W.grad is not None:
        size, shown_size = length_of(W.grad), counted(int(W.grad.size), "element")
        text = (
            f"The gradient of {describe(W)} is {'there' if size else '0'} in {shown_size}; the graph that it came by is gone."
        )
        return Reason("fine" if size else "zero", text, "" if size else "Keep the loss, and ask why(W, L).")
    if L is None:
        return Reason(
            "none",
            f"There was no backward pass yet, or its graph is gone: {describe(W)} has had no chance of a gradient.",
            "Call L.backward() first; why(W, L) says which loss is meant.",
        )
    if W not in reachable(L):
        return not_reached(W, L)
    if L.grad is None:
        return Reason("none", f"{describe(L)} was computed from it, but there was no backward pass from there.", "L.backward()")
    if W.grad is None:
        return Reason(
            "none",
            f"The pass from {describe(L)} went through {describe(W)}, and its gradient was set to None afterwards.",
            "Look at it, and call optimiser.step(), before zero_grad(); grad(L, W) returns it and leaves W.grad alone.",
        )
    return of_a_gradient(W, L)


def whole_of(W):
    """The tensor that an element was picked from; W itself, if it was not picked."""
    while W.op is not None and W.op.name == "getitem":
        W = W.inputs[0]
    return W


def latest_loss(W):
    """The output of the latest backward pass whose graph is still in memory; rather one that W leads to. Or None."""
    alive = [x for x in gc.get_objects() if isinstance(x, Node) and x.op is not None and x.grad is not None]
    inner = {x for node in alive for x in node.inputs}
    ends = [node for node in alive if node not in inner]
    ours = [node for node in ends if W in reachable(node)]
    if ours or W.grad is not None:  # of a gradient that is there, another loss would say nothing
        ends = ours
    return max(ends, key=birth_of, default=None)


# No way leads there


def not_reached(W, L):
    """The reason where the loss was not computed from W, or not by anything recorded."""
    if L.op is None:
        text = f"{describe(L)} is a leaf, which was computed from nothing: no gradient goes from there to anything else."
        way_out = "Begin the backward pass at what was computed itself; Tensor(loss.item(), ...) has its value, and no graph."
        return Reason("none", text, way_out)
    users = consumers_of(W)
    found = where_cut(W, L, users)
    if found is None and not users:
        return Reason(
            "none",
            f"{describe(L)} was not computed from {describe(W)}: no operation that is in memory has used it.",
            "Use it in the forward pass, outside of no_grad(); or leave it out of the network.",
        )
    left = where_left(W, L, users)
    if found is not None:
        node, constant = found
        what = "its own values" if node is W else f"the values of {label_of_node(node)}, which was computed from it,"
        text = f"No way leads from {describe(L)} to {describe(W)}: {what} came in as a constant: they left the graph before, "
        how = "by .data, .numpy(), .detach(), float() or np.array()." if left is None else f"{left.certainly}by {left.way}."
        place = left.place if left is not None else place_of(constant) or place_of(node)
        return Reason("none", text + how, JOIN, place)
    last = max(users, key=birth_of)
    text = f"{describe(W)} was used, for {label_of_node(last)}, but {describe(L)} was not computed from that."
    if left is not None:
        return Reason("none", f"{text} Its values left the graph, {left.certainly}by {left.way}.", JOIN, left.place)
    return Reason(
        "none", text, "Make what was computed from it part of the loss; or begin the backward pass where it is.", place_of(last)
    )


class Left(NamedTuple):
    """Where values left the graph, and whether that was seen, or is only what the program's text suggests."""

    way: str
    place: Any
    certainly: str = ""


def where_left(W, L, users):
    """Where W, or what was computed from it, left the graph: as it was noted, else as the caller's text says. Or None."""
    nodes = [W, *sorted(users, key=birth_of)]
    noted = [found for x in nodes for found in departures.get(x, ()) if found.birth < L.birth]
    if noted or place_of(L) is not None:  # where lines are remembered, so is what leaves
        return Left(*max(noted, key=lambda found: found.birth)[:2]) if noted else None
    variables = users_variables()
    names = {label_of(x.name) for x in nodes if x.name}
    names |= {name for name, x in variables.items() if isinstance(x, Node) and any(x is node for node in nodes)}
    frame = users_frame()
    readings = readings_in(frame.f_code.co_filename)
    likely = [reading for reading in readings if reading.name in names] or (readings if len(readings) == 1 else [])
    likely = [reading for reading in likely if reading.place.line < frame.f_lineno] or likely  # rather what ran before
    return Left(likely[-1].way, likely[-1].place, "it seems ") if likely else None


def consumers_of(W):
    """All nodes in memory that were computed from W, by recorded operations."""
    nodes = sorted((x for x in gc.get_objects() if isinstance(x, Node) and x.op is not None), key=birth_of)
    found = {W}
    for node in nodes:
        if any(x in found for x in node.inputs):
            found.add(node)
    return found - {W}


def where_cut(W, L, users):
    """(node, constant): a constant of the loss's graph that has the values of W, or of what was computed from it. Or None."""
    constants = [x for x in whole_graph(L) if x.op is None and not x.requires_grad]
    for node in (*sorted(users, key=birth_of), W):
        for constant in constants:
            if same_values(node, constant):
                return node, constant
    return None


def same_values(node, constant):
    """Whether a constant was made of a node's values: in its memory, or with the same numbers."""
    a, b = node.data, constant.data
    if np.size(a) == 1 and (isinstance(constant, Number) or np.shape(b) == ()):  # usual numbers say nothing
        return float(np.asarray(a).reshape(())) == b and b not in (0, 1, 2, -1)
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.shares_memory(a, b):
        return True
    return np.size(a) > 1 and np.shape(a) == np.shape(b) and bool(np.array_equal(a, b)) and bool(np.any(a))


# A way, on which the gradient fades


def of_a_gradient(W, L):
    """The reason where there is a gradient."""
    steps = way_to(W, L)
    own, largest = steps[-1].gradient or 0.0, max(step.gradient or 0.0 for step in steps if not is_shared_out(step.node))
    size = counted(int(W.grad.size), "element")
    if own == 0:
        lost = where_lost(steps)
        text, way_out, place = said_of_loss(*lost) if lost else ("the loss itself passes nothing back.", "", None)
        return Reason("zero", f"The gradient of {describe(W)} is 0 in all {size}: {text}", way_out, place, steps)
    if own < SMALL * largest:
        i, factor = weakest(steps)
        node, x = steps[i].node, steps[i + 1].node
        start = f"The gradient of {describe(W)} is small, {own:.2g} on average where {largest:.2g} was on the way. "
        if factor > np.sqrt(own / largest):
            pairs = [(a.gradient, b.gradient) for a, b in pairwise(steps) if not is_shared_out(a.node)]
            losing = [there > 2 * here for there, here in pairs if there and here]
            text = f"It is lost little by little: at {sum(losing)} of {counted(len(losing), 'step')} half of it or more is."
            return Reason("small", start + text, LITTLE_BY_LITTLE, place_of(x), steps)
        text, way_out, place = said_of_loss(node, x)
        text = text.replace("passes nothing on to", f"passes {factor:.1g} of it on to")
        return Reason("small", f"{start}Most is lost at one step, to {factor:.1g} of it: {text}", way_out, place, steps)
    return Reason("fine", f"The gradient of {describe(W)} is there: {own:.3g} on average, in {size}.", steps=steps)


def mean_size(dz):
    """The root of the mean square of a gradient; None if there is none."""
    if dz is None or not is_array(dz):
        return None
    return length_of(dz) / np.sqrt(dz.size) if dz.size else 0.0


def way_to(W, L, grads=None):
    """The way from the loss to W along which most gradient flows, as Steps."""
    nodes = list(between(L, [W]))
    users: dict[Any, list[Any]] = {}
    for node in nodes:
        for x in node.inputs:
            users.setdefault(x, []).append(node)
    gradient = (lambda node: mean_size(node.grad)) if grads is None else (lambda node: mean_size(grads.get(node)))
    way = [W]
    while way[-1] is not L and users.get(way[-1]):
        way.append(max(users[way[-1]], key=lambda node: gradient(node) or 0.0))
    return [Step(node, gradient(node)) for node in reversed(way)]


def where_lost(steps):
    """(node, input): the operation that had a gradient and passed on 0. None if there is none."""
    for (node, there), (x, here) in pairwise(steps):
        if there and not here:
            return node, x
    return None


def is_shared_out(node):
    """Whether a node is a mean, which gives each of n numbers an n-th of its gradient: that is no loss."""
    return node.op is not None and node.op.name in ("mean", "mean_squared_distance")


def weakest(steps):
    """(position, factor): where on the way the largest share of the gradient is lost."""
    pairs = [(there if not is_shared_out(node) else 0.0, here) for (node, there), (_, here) in pairwise(steps)]
    factors = [(here or 0.0) / there if there else 1.0 for there, here in pairs]
    i = int(np.argmin(factors))
    return i, factors[i]


def said_of_loss(node, x):
    """(text, way out, place) about an operation that passes little or nothing on to one of its inputs."""
    name, others = node.op.name, [other for other in node.inputs if other is not x]
    z, operand, label = np.asarray(node.data), np.asarray(x.data), label_of_node(x)
    text, way_out = f"{name} passes nothing on to {label} at these values.", "Look at what the operation does there."
    factors = others[:-1] if name == "affine" else others  # what is added is no factor
    zero = next((other for other in factors if np.size(other.data) and not np.any(other.data)), None)
    if name == "relu" and not (z > 0).any():
        count = counted(operand.size, "element")
        text = f"relu lost it: what came in, {label}, is not above 0 in any of its {count}, where the slope is 0."
        way_out = "Begin with other weights, a smaller learning rate or leaky_relu; a bias far below 0 does the same."
    elif name in ("tanh", "sigmoid"):
        flat = np.mean(np.abs(z) > 0.99) if name == "tanh" else np.mean(np.abs(z - 0.5) > 0.49)
        least, most = operand.min(), operand.max()
        text = f"{name} is saturated in {flat:.0%} of its elements; what comes in goes from {least:.3g} to {most:.3g}."
        way_out = "Standardise the inputs, and begin with smaller weights (nn.init), so that it is not at its ends."
    elif zero is not None and name in ("multiply", "matmul", "affine", "where", "divide"):
        text = f"{name} multiplies it by {label_of_node(zero)}, which is 0 everywhere."
        way_out = "Begin with random values, nn.init; of a mask, look at what it leaves."
        if behind(zero).op is not None:
            way_out = f"Look at why {label_of_node(zero)} is 0."
        elif name == "affine" and not zero.requires_grad and x.requires_grad and unshaped(x).op is None:
            way_out = (
                "Look at the data: astype(int) makes 0 of all that is below 1, and a division of integers by // does, too."
            )
    elif adds_up(node, x):
        text = f"what comes back to {label} by all ways adds up to 0: the loss does not depend on it."
        way_out = "It may be left out; as of a bias in front of a difference or a normalisation, nothing is wrong with that."
    elif (most := largest_in_double(node, x)) > 0:
        dtype = x.dtype
        least = np.finfo(dtype).smallest_subnormal
        text = f"{name} passes on {most:.1g} at most, and {dtype} has nothing between 0 and {least:.1g}: it became 0."
        way_out = "Compute in float32 or float64; or multiply the loss by 1024, say, and divide the gradients by that."
    elif name in ("clip", "maximum", "minimum", "round", "sign", "floor", "ceil", "greater", "trunc"):
        text = f"{name} has slope 0 at these values of {label}."
        way_out = "Use what has a slope there, or leave it out of the loss."
    return text, way_out, place_of(node)


def largest_in_double(node, x):
    """The largest number that a rule would pass on in double precision, where it passes on 0 in a lower one; else 0."""
    dz = node.grad
    if not (is_array(dz) and is_array(x.data)) or x.dtype.itemsize >= 8:
        return 0.0
    z, *inputs = (np.asarray(values, float) for values in (node.data, *(operand.data for operand in node.inputs)))
    rule = node.op.vjps[node.inputs.index(x)]
    try:
        dx = rule(node.op, np.asarray(dz, float), z, *inputs)
        return float(np.abs(values_of(dx)).max(initial=0.0))
    except (TypeError, ValueError, AttributeError):  # a rule of the user's may do what it likes
        return 0.0


def adds_up(node, x):
    """Whether an operation passes its gradient on to an input as it is, or summed over an axis: 0 comes of a sum alone."""
    return node.op.name in ("add", "subtract") or (node.op.name == "affine" and x is node.inputs[-1])


def behind(x):
    """The leaf of which a node is a selection or another arrangement, such as rows of an embedding; else a node."""
    x = unshaped(x)
    while x.op is not None and x.op.name in ("getitem", "take"):
        x = unshaped(x.inputs[0])
    return x


def table_of(steps):
    """The way as lines: each node, the mean size of its gradient, and where it got lost."""
    if not steps:
        return []
    lost = where_lost(steps)
    labels = [label_of_node(step.node) for step in steps]
    width = max(map(len, labels))
    rows = []
    for (node, gradient), label in zip(steps, labels, strict=True):
        note = "   ← lost here" if lost is not None and node is lost[1] else ""
        rows.append(f"  {label:{width}}  {'–' if gradient is None else f'{gradient:.3g}'}{note}")
    if len(rows) > MOST_ROWS:
        half = MOST_ROWS // 2
        rows = [*rows[:half], f"  … {len(rows) - 2 * half} more", *rows[-half:]]
    return rows
