"""The backward pass: one loop over the graph, youngest node first.

All gradients are computed by `backpropagate`, or in its usual case, on arrays, by the same loop written out for speed,
`backpropagate_arrays`. `backpropagate` does not care what it computes with: `read` says what
stands for a node when a rule runs. With `data_of` the rules run on arrays and give gradients; with `itself` they run on
Tensors and give gradients that are recorded too; the chain rule hands in symbols and gets formulas.

    z = f(x, y)     x, y   values of the inputs      dz       ∂L/∂z, the upstream gradient
                    z      value of the output       dx, dy   ∂L/∂x, ∂L/∂y: what each vjp returns

A node that is used twice shows why youngest first is enough:

              ┌──► a ──┐
    x ──► h ──┤        ├──► L       made:  x, h, a, b, L
              └──► b ──┘            back:  L, b, a, h, x

When the loop comes to h, whatever used h is younger and has given its contribution; so dh is complete, and h gives to x.
"""

from __future__ import annotations

from heapq import heappop, heappush
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from .errors import complex_numbers, describe, independent, no_derivative, whole_numbers, wrong_vjp
from .errors.torch_names import OPTIONS
from .graph import NOBODY, Node, audience, reachable, refuse_no_values, tell, values_of
from .scattered import Scattered, dense
from .watching.changes import changed_since, refuse_changed, set_gradients
from .watching.observers import Contribution

if TYPE_CHECKING:
    from typing import Never

    from .annotations import ArrayLike

data_of = attrgetter("data")
ONE = np.float64(1)
# The arguments of all derivatives that are being computed. Each is a node of its own, which nothing reaches but what was
# computed from it: so all threads share one set, and what a worker thread computes for an outer function knows of it.
live: set[Node] = set()


def itself(node):
    """Read a node as the node, so that the rules record what they do; a number is nothing to record."""
    return node if isinstance(node, Node) else node.data


def backpropagate(output, doutput, grads, read, ends=(), told=NOBODY):
    """Carry an upstream gradient from `output` back to its inputs, by the chain rule.

    Parameters
    ----------
    output : Tensor
        Where to begin.
    doutput : array
        The upstream gradient there, of output's shape.
    grads : dict of Tensor to None
        The nodes whose gradient is wanted, youngest first, `output` among them (see `graph.reachable`). It is filled in.
    read : callable
        What a rule sees of a node: its array, the Tensor itself, a symbol.
    ends : container of Tensor, optional
        Nodes that get their gradient and pass nothing on.
    told : Audience, optional
        Who is told of the pass, of each gradient and of each contribution (see watching/observers.py).

    Returns
    -------
    dict
        `grads`, with the gradients. No `.grad` is touched: what raises in here leaves nothing half-done.
    """
    grads[output] = doutput  # of the others None: no contribution yet
    usual = getattr(doutput, "dtype", None)  # of a real output a real one: where numbers are complex, dtypes differ from it
    try:
        tell(told.begin, output, grads)
        for node in grads:
            grads[node] = dense(grads[node])
            for hook in tuple(told.arrive):  # a copy: a hook may remove itself
                grads[node] = hook(node, grads[node])
            op, inputs = node.op, node.inputs
            if op is None or node in ends:
                continue
            dz, z, xs = grads[node], read(node), values_for_rules(op, inputs, read)  # dz is complete: every consumer is younger
            vjps = op.vjps
            for position, x in enumerate(inputs):
                if x in grads:
                    vjp, x_value = vjps[position], xs[position] if xs else read(x)
                    if vjp is None:
                        raise no_derivative(op, x)
                    dx = full = vjp(op, dz, z, *xs) if not told.contribute else dense(vjp(op, dz, z, *xs))
                    if getattr(dx, "shape", None) != x_value.shape or not (dx.dtype is x_value.dtype is usual):
                        dx = unbroadcast(full, x_value.shape, x_value.dtype, op)
                    old = grads[x]
                    grads[x] = dx if old is None else old + dx
                    for contribute in tuple(told.contribute):
                        contribute(Contribution(node, position, dz, full, dx, old, grads[x]))
    except BaseException as error:
        tell(told.end, output, grads, error)
        raise
    tell(told.end, output, grads, None)
    return grads


def backpropagate_arrays(output, doutput):  # noqa: C901, PLR0912, PLR0915 - written out, for speed and for who steps through it
    """`backpropagate` for the usual pass: on arrays, to all leaves, unobserved; returns the gradients, and the oldest node.

    It is the same loop. Here operations with one operand, with two, and with three, as nearly all have, are written out, since
    Python calls vjp(op, dz, z, *xs) half as fast; and nobody is told. A small network's pass takes half the time. Nor is the
    graph looked through first: a node waits from its first contribution on, and the youngest that waits is next. So who steps
    into it is at the first rule soon, however large the graph is. Whoever watches a pass, or reads nodes otherwise, gets the
    other one.
    """
    grads, usual, node = {output: doutput}, doutput.dtype, output
    waiting = [] if output.op is None else [(-output.birth, output)]  # a heap: its first is the youngest
    while waiting:
        node = heappop(waiting)[1]
        op, inputs, dz, z = node.op, node.inputs, grads[node], node.data  # dz is complete: every consumer is younger
        if type(dz) is Scattered:
            dz = grads[node] = dz.dense()
        if len(inputs) == 2 and op.rules_need_operands:
            x, y = inputs
            x_value, y_value = x.data, y.data
            vjp_x, vjp_y = op.vjps
            if x.requires_grad:
                if vjp_x is None:
                    raise no_derivative(op, x)
                dx = vjp_x(op, dz, z, x_value, y_value)
                arrive(grads, waiting, x, dx, dz, x_value, usual, op)
            if y.requires_grad:
                if vjp_y is None:
                    raise no_derivative(op, y)
                dy = vjp_y(op, dz, z, x_value, y_value)
                arrive(grads, waiting, y, dy, dz, y_value, usual, op)
        elif len(inputs) == 1 and op.rules_need_operands:
            (x,) = inputs
            x_value = x.data
            (vjp_x,) = op.vjps
            if x.requires_grad:
                if vjp_x is None:
                    raise no_derivative(op, x)
                dx = vjp_x(op, dz, z, x_value)
                arrive(grads, waiting, x, dx, dz, x_value, usual, op)
        elif len(inputs) == 3 and op.rules_need_operands and None not in op.vjps:
            x, W, b = inputs  # of a layer, as a rule
            x_value, W_value, b_value = x.data, W.data, b.data
            vjp_x, vjp_W, vjp_b = op.vjps
            if x.requires_grad:
                dx = vjp_x(op, dz, z, x_value, W_value, b_value)
                arrive(grads, waiting, x, dx, dz, x_value, usual, op)
            if W.requires_grad:
                dW = vjp_W(op, dz, z, x_value, W_value, b_value)
                arrive(grads, waiting, W, dW, dz, W_value, usual, op)
            if b.requires_grad:
                db = vjp_b(op, dz, z, x_value, W_value, b_value)
                arrive(grads, waiting, b, db, dz, b_value, usual, op)
        else:
            vjps, xs = op.vjps, values_for_rules(op, inputs, data_of)
            for position, x in enumerate(inputs):
                if x.requires_grad:
                    vjp = vjps[position]
                    if vjp is None:
                        raise no_derivative(op, x)
                    dx = vjp(op, dz, z, *xs)
                    arrive(grads, waiting, x, dx, dz, x.data, usual, op)
    return grads, node


def arrive(grads, waiting, x, dx, dz, x_value, usual, op):
    """Add a contribution to the gradient of x; at the first, let x wait for its turn."""
    if getattr(dx, "shape", None) != x_value.shape or not (dx.dtype is x_value.dtype is usual):
        dx = unbroadcast(dx, x_value.shape, x_value.dtype, op)
    if dx is dz and x.op is None and not isinstance(dz, np.generic):  # z keeps dz; a leaf has its gradient to itself
        dx = dz.copy()
    if x in grads:
        grads[x] = grads[x] + dx
        return
    grads[x] = dx
    if x.op is not None:
        heappush(waiting, (-x.birth, x))


def values_for_rules(op, inputs, read):
    """What the rules of an operation see of its operands."""
    return tuple(map(read, inputs)) if op.rules_need_operands else ()


def unbroadcast(dx, shape, dtype, op=None):
    """Sum a contribution over the axes along which its input was repeated, and give it the input's dtype.

    Broadcasting uses one element of the input many times; its gradient is the sum over these uses.

    >>> unbroadcast(np.ones((4, 3)), (1, 3), np.dtype("float32"))
    array([[4., 4., 4.]], dtype=float32)
    """
    given, dx = getattr(dx, "shape", None), dense(dx)
    if given is None or len(given) < len(shape):
        raise wrong_vjp(op, dx, shape)
    if given != shape and given[1:] == shape:  # a bias, added to every sample: the usual case
        dx = dx[0] if given[0] == 1 else dx.sum(axis=0)
    elif given != shape:
        in_front = len(given) - len(shape)
        if in_front > 0:
            dx = dx.sum(axis=tuple(range(in_front)))
        repeated = tuple(axis for axis, length in enumerate(shape) if length == 1 and dx.shape[axis] != 1)
        if repeated:
            dx = dx.sum(axis=repeated, keepdims=True)
        if dx.shape != shape:
            raise wrong_vjp(op, dx, shape)
    if dtype.kind == "c" or dx.dtype.kind == "c":  # the loop comes here wherever numbers are complex
        raise complex_numbers(f"A gradient would go back through {op!r}, where values are")
    if dx.dtype == dtype:
        return dx
    if dtype.kind in "biu":
        raise whole_numbers(op, dtype)
    return dx.astype(dtype)


def backward(output: Node, gradient: ArrayLike | None = None, **options: Never) -> None:
    """Compute ∂(output)/∂(node) for every node it was computed from, and leave it in the node's `.grad`.

    It is a method of Tensor: `loss.backward()`. Leaves add the gradient to what is there; set `.grad = None` to begin
    afresh. Nodes in between, and `output` itself, hold that of the latest pass. The graph stays, so it can be drawn,
    explained, and gone through again.

    Parameters
    ----------
    output : Tensor
        Usually a loss: one number.
    gradient : array or number, optional
        The upstream gradient, of output's shape; needed if `output` is not one number.

    Raises
    ------
    RuntimeError
        If nothing that `output` was computed from requires a gradient; if a parameter was changed after an operation had used
        it: by an optimiser, `W -= ...`, `load`. What you change by yourself, `W.data` or an array that was an index or a mask,
        is not seen here, but within `checked()`.
    ValueError
        If `gradient` is needed and missing, or does not fit; or a leaf has a gradient of another shape than its own, which
        nothing could be added to.
    TypeError
        If a gradient would go through complex numbers; or for PyTorch's other options, with what is here in their place.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).backward([1.0, 10.0])
    >>> x.grad
    array([ 2., 40.])
    """
    if options:
        raise TypeError(f"backward() takes no {next(iter(options))!r}. {OPTIONS.get(next(iter(options)), '')}".rstrip())
    doutput = upstream(output, gradient)
    if live:
        refuse_live(reachable(output))
    try:
        if audience.begin or audience.arrive or audience.contribute or audience.end:
            nodes = reachable(output)
            refuse_changed(nodes)
            grads = backpropagate(output, doutput, nodes, data_of, told=audience)
            taken = {id(dz) for node, dz in grads.items() if node.op is not None}
        else:
            (grads, oldest), taken = backpropagate_arrays(output, doutput), set()
            if changed_since(oldest):
                refuse_changed(reachable(output))
    except AttributeError:
        refuse_lists(reachable(output))
        raise
    earlier = add_earlier(grads, taken)
    set_gradients(grads, grads.values())
    if audience.complete:
        tell(audience.complete, output, grads, earlier, None)


def add_earlier(grads, taken):
    """Let what leaves hold already be added to their new gradients, each in memory of its own; returns what they held.

    `taken` holds the ids of the arrays that nodes in between have.
    """
    earlier = {}
    for leaf in grads:
        if leaf.op is not None:
            continue
        dx, before = dense(grads[leaf]), leaf.grad
        if before is None:
            grads[leaf] = own_array(dx, taken)
        else:
            if type(before) is not np.ndarray or before.shape != dx.shape or before.dtype is not dx.dtype:
                refuse_gradient(leaf)  # which looks closer
            earlier[leaf] = before
            grads[leaf] = array_of(before + dx)
    return earlier


def refuse_live(nodes):
    """Raise RuntimeError if a pass goes through an argument of a function that is being differentiated around it."""
    for x in live.intersection(nodes):
        raise RuntimeError(
            f"backward() goes through {describe(x)}, an argument of a function that is being differentiated: it leaves plain\n"
            "arrays in .grad, and the derivative around it would lose what it computes. grad(L, y) is recorded there; what is\n"
            "only to be looked at, detach() before."
        )


def refuse_lists(nodes):
    """Raise TypeError if the `.data` of what these nodes were computed from was set to what is no array, such as a list."""
    for node in nodes:
        refuse_no_values(node.op, node.inputs)


def refuse_gradient(leaf):
    """Raise ValueError if a gradient that somebody has set is no array of real numbers, or has another shape."""
    dx = leaf.grad
    if np.shape(dx) != leaf.shape:
        raise ValueError(
            f"The gradient of {describe(leaf)} was set to {describe(dx)}; ∂L/∂x has the shape of x.\n"
            "Set an array of that shape, or None to begin afresh."
        )
    if isinstance(dx, (Node, list, tuple)):
        raise ValueError(
            f"The gradient of {describe(leaf)} was set to a {type(dx).__name__}; it is an array, as .data is.\n"
            f"Set {'the values alone: .grad = tensor.data' if isinstance(dx, Node) else 'an array: .grad = np.array(...)'}."
        )
    if getattr(dx, "dtype", leaf.data.dtype).kind not in "biuf" or hasattr(dx, "mask"):
        kind = "a masked array" if hasattr(dx, "mask") else f"numbers of {dx.dtype}"
        raise ValueError(
            f"The gradient of {describe(leaf)} was set to {kind}; it is real numbers, as .data is.\n"
            f"Set an array of {leaf.data.dtype}, or None to begin afresh."
        )


def array_of(dz):
    """A gradient as an array: of 0-d arrays NumPy's operators make scalars. Other libraries' arrays stay as they are."""
    return np.asarray(dz) if isinstance(dz, np.generic) else dz


def own_array(dz, taken):
    """A gradient as an array in memory of its own, since its user may change it in place.

    `taken` holds the ids of the arrays that others have.
    """
    if type(dz) is np.ndarray and dz.base is None and id(dz) not in taken:  # as most are
        taken.add(id(dz))
        return dz
    dz = array_of(dz)
    if id(dz) in taken or getattr(dz, "base", None) is not None:  # of arrays, NumPy's alone have a base
        return dz.copy()
    taken.add(id(dz))
    return dz


def grad(output, inputs, gradient=None, create_graph=False):
    """The gradients of a recorded Tensor with respect to others: `functional.grad`, which takes functions too, says more."""
    wanted = [inputs] if isinstance(inputs, Node) else list(inputs)
    doutput = upstream(output, gradient)
    nodes = between(output, wanted)
    for x in wanted:
        if x not in nodes:
            raise independent(output, x)
    refuse_changed({node: None for node in nodes if not nodes.keys().isdisjoint(node.inputs)})  # of others no rule is asked
    seed, read = doutput, data_of
    if create_graph:
        seed, read = gradient if isinstance(gradient, Node) else type(output)(doutput), itself
    try:
        grads = backpropagate(output, seed, nodes, read, told=audience)
    except AttributeError:
        refuse_lists(nodes)
        raise
    taken = set()
    found = tuple(grads[x] if isinstance(grads[x], Node) else own_array(grads[x], taken) for x in wanted)
    if audience.complete:
        tell(audience.complete, output, grads, {}, wanted)
    return found[0] if isinstance(inputs, Node) else found


def between(output, inputs):
    """The nodes on the paths from `inputs` to `output`, youngest first, as a dict."""
    inputs, nodes = set(inputs), reachable(output)
    dependent = set()
    for node in reversed(nodes):  # oldest first: inputs before what is made from them
        if node in inputs or any(x in dependent for x in node.inputs):
            dependent.add(node)
    return {node: None for node in nodes if node in dependent}


def upstream(output, gradient):
    """The array to begin a backward pass with: `gradient`, checked, or 1 where `output` is one number."""
    if not isinstance(output, Node):
        raise TypeError(f"A backward pass begins at a Tensor, usually a loss; it was given {describe(output)}.")
    if not output.requires_grad:
        raise RuntimeError(
            f"There is nothing to differentiate: {describe(output)} was computed from nothing that requires a gradient.\n"
            "Make a parameter with Tensor(..., requires_grad=True), and compute the output outside of no_grad()."
        )
    if gradient is None and type(output.data) is np.float64:  # as most losses are
        return ONE
    dtype = output.dtype
    if dtype.kind == "c":
        raise complex_numbers(f"The output, {describe(output)}, is")
    if dtype.kind != "f":
        refuse_lists(reachable(output))
    if gradient is None:
        if output.shape == ():
            return dtype.type(1)
        if output.data.size != 1:
            raise ValueError(
                f"The output, {describe(output)}, is not one number, so it has no single gradient.\n"
                "Reduce it to a loss, with .sum() or .mean(), or give the upstream gradient: "
                "backward(dz) with dz of this shape."
            )
        return np.ones_like(output.data)
    gradient = values_of(gradient)
    refuse_upstream(output, gradient)
    if isinstance(gradient, (int, float, list, tuple, np.ndarray, np.generic)):
        return np.array(gradient, output.data.dtype)[()]  # a copy: the user may change it later
    return gradient


def refuse_upstream(output, gradient):
    """Raise ValueError if an upstream gradient has another shape than the output: it would be broadcast."""
    if np.shape(gradient) != output.shape:
        raise ValueError(
            f"The upstream gradient has shape {np.shape(gradient)}, but the output is {describe(output)}.\n"
            "∂L/∂z has the shape of z: one number for each element."
        )
    if np.iscomplexobj(gradient):
        raise complex_numbers("The upstream gradient is")
