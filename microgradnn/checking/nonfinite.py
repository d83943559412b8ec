"""What is said when a NaN or inf appears inside `checked()`: who made it, at which element, how it came in; why, advice.py.

An operation is a producer if it made the NaN or inf out of numbers that were none; else it only passes on what came in.
The letters are those of the rules; their legend is in ops/__init__.py. What a message looks like is in message.py; the
advice that fits an operation is in advice.py, that which fits how the NaN or inf came about is here.
"""

from functools import partial

import numpy as np

from ..errors import NonFiniteError, operand_letters
from ..formulas.brief import visible
from ..graph import PYTHON_NUMBERS
from ..source.expressions import double_where, expressions_at
from ..source.lines import place_of
from ..source.rules import rule_text
from .advice import advice, masked, product, too_large
from .message import (
    bad_count,
    element_row,
    holds,
    labels_of,
    message,
    operand_rows,
    out_of,
    plain_label,
    range_row,
    rule_place,
    shape_and_count,
    shown_number,
)

# The forward pass


def judge_forward(op, inputs, node, place):
    """The exception for a result that is not finite; None if an inf merely passes through."""
    z, expressions = node.data, expressions_at(place)
    labels = labels_of(op, inputs, expressions)
    for x, label in zip(inputs, labels, strict=True):
        if holds(np.isnan, x.data) and np.isnan(z).any():
            return error_of_input(op, x, label, np.isnan, place)
        if holds(np.isinf, x.data) and x.op is None and x.requires_grad:
            return error_of_input(op, x, label, np.isinf, place)
    if np.isnan(z).any():
        return error_of_producer(op, inputs, node, first(np.isnan(z)), place, labels)
    if asks_for_inf(op):
        return None
    if out_of([x.data for x in inputs]):
        return error_of_producer(op, inputs, node, first(np.isinf(z)), place, labels)
    index = new_inf(op, inputs, z)
    return None if index is None else error_of_producer(op, inputs, node, index, place, labels)


def asks_for_inf(op):
    """Whether inf is a parameter of the operation, such as the -inf that max_pool2d pads with: then it is meant."""
    return any(isinstance(parameter, float) and np.isinf(parameter) for parameter in getattr(op, "__dict__", {}).values())


def new_inf(op, inputs, z):
    """The first element where an elementwise operation made an inf out of finite numbers, while others came in."""
    try:
        xs = [np.broadcast_to(x.data, z.shape) for x in inputs]
    except ValueError:
        return None
    own = np.isinf(z) & np.logical_and.reduce([np.isfinite(x) for x in xs])
    if not own.any():
        return None
    index = first(own)
    return index if values_at(op.forward, [x.data for x in inputs], z, index) is not None else None


def error_of_producer(op, inputs, node, index, place, labels):
    """The exception for a producer."""
    z, xs = node.data, [x.data for x in inputs]
    at = values_at(op.forward, xs, z, index)
    rows = [element_row("result", z, index, bad_count(z)), *operand_rows(labels, labels, inputs, index, at)]
    head = f"{op.name} made {shown_number(z[index])}{out_of(xs if at is None else at)}, in the forward pass."
    expressions = expressions_at(place)
    safe = double_where(expressions, op.name, len(inputs))
    if safe:
        ways = [f"A where computes both branches. If it does not take this element, a second where helps:\n    {safe}"]
    else:
        ways = advice(op, z[index], at, xs)
    return NonFiniteError(message(head, place, rows, ways))


def error_of_input(op, x, label, is_bad, place):
    """The exception for a NaN, or an inf in a parameter, that was there before."""
    bad = is_bad(x.data)
    index = first(bad)
    value = shown_number(np.asarray(x.data)[index])
    head = f"{value} came in with {label}: {op.name} did not make it, but passes it on, in the forward pass."
    rows = [element_row(label, x.data, index, shape_and_count(bad, "NaN" if is_bad is np.isnan else "inf"))]
    if x.op is not None:
        ways = ["It was computed before checked() began: begin it earlier."]
    elif type(x.data) in PYTHON_NUMBERS:
        ways = []
    elif x.requires_grad:
        ways = ["It is a parameter: look at its initial values, and at its latest update; is the learning rate too high?"]
    else:
        ways = [
            f"Look where {label} comes from. Gaps in data can be filled before anything else is done:",
            f"    np.where(np.isnan({label}), 0, {label})",
        ]
    return NonFiniteError(message(head, place, rows, ways))


# The backward pass


def error_of_upstream(output, dz):
    """The exception for an upstream gradient that is not finite from the start."""
    index = first(~np.isfinite(dz))
    head = f"{shown_number(np.asarray(dz)[index])} came in with the upstream gradient that backward() or grad() was given."
    return NonFiniteError(message(head, place_of(output), [element_row("dz", dz, index, bad_count(dz))], []))


def judge_backward(node, position, dz, full, dx, new, consumers):
    """The exception for a contribution after which the gradient `new` of an input is not finite."""
    op = node.op
    letter = operand_letters(op, len(node.inputs))[position]
    place = place_of(node)
    labels = labels_of(op, node.inputs, expressions_at(place))
    if not np.isfinite(dz).all():
        index = first(~np.isfinite(dz))
        head = f"The gradient of {plain_label(node)} was finite, and a hook made it {shown_number(np.asarray(dz)[index])}."
        return NonFiniteError(message(head, place, [element_row("dz", dz, index, bad_count(dz))], []))
    if np.isfinite(full).all():
        index = first(~np.isfinite(new))
        why = "summed over the axes along which it was repeated" if not np.isfinite(dx).all() else "added up over its uses"
        head = f"The gradient of {labels[position]}, {why}, became {shown_number(np.asarray(new)[index])}."
        rows = [element_row(f"d{letter}", new, index, bad_count(new))]
        return NonFiniteError(message(head, place, rows, [too_large(new)]))
    return error_of_rule(node, position, dz, full, labels, consumers)


def error_of_rule(node, position, dz, full, labels, consumers):
    """The exception for a rule that made the NaN or inf itself."""
    op, inputs, z, xs = node.op, node.inputs, node.data, [x.data for x in node.inputs]
    letters, vjp = operand_letters(op, len(inputs)), op.vjps[position]
    letter = letters[position]
    index = first(np.isnan(full) if np.isnan(full).any() else np.isinf(full))
    value = np.asarray(full)[index]
    at, slope = slope_at(node, position, dz, full, index)
    rows = [element_row(f"d{letter}", full, index, ", ".join(filter(None, [f"∂L/∂{letter}", bad_count(full)])))]
    if at is None:
        rows.append(range_row("dz", dz, "the upstream gradient"))
    else:
        rows.append(element_row("dz", dz, index, "the upstream gradient"))
        rows.append(element_row("z", z, index, f"z is {plain_label(node)}" if node.name else ""))
    rows += operand_rows(letters, labels, inputs, index, at)
    rows.append((f"d{letter} = {rule_text(vjp, (op, dz, z, *xs))}", rule_place(vjp)))
    head = f"{op.name} made {shown_number(value)}{out_of(xs if at is None else at)}, in the backward pass."
    ways = [] if slope is None or np.isfinite(slope) else [product(dz, index, slope, value, letter)]
    dropped = where_that_drops(node, index, consumers) if at is not None and np.asarray(dz)[index] == 0 else None
    ways += advice(op, value, at, xs, slope) if dropped is None else masked(node, labels, *dropped)
    return NonFiniteError(message(head, place_of(node), rows, ways))


def where_that_drops(node, index, consumers):
    """The `where` that does not take this element of a node, and which operand the node is to it; None if there is none.

    Only what is computed element by element lies between them, so the element keeps its index.
    """
    reached = {node}
    for consumer in reversed(consumers):  # oldest first
        for position, x in enumerate(consumer.inputs):
            if x in reached and consumer.shape == node.shape:
                if consumer.op.name == "where" and position > 0:
                    taken = bool(np.broadcast_to(consumer.inputs[0].data, node.shape)[index]) == (position == 1)
                    if not taken:
                        return consumer, position
                reached.add(consumer)
    return None


# An optimiser's update


def judge_update(optimiser, i, W, place):
    """The exception for an update after which the i-th parameter of an optimiser is not finite."""
    index, kind, label = first(~np.isfinite(W.data)), type(optimiser).__name__, visible(W.name or f"parameter {i}")
    rows = [
        element_row(label, W.data, index, ", ".join(filter(None, ["after the update", bad_count(W.data)]))),
        element_row("g", W.grad, index, f"∂L/∂{label}, its gradient" if W.name else "its gradient"),
    ]
    head = f"{kind}.step() made {shown_number(np.asarray(W.data)[index])} of {label}, out of numbers that were finite."
    if not np.isfinite(W.grad).all():
        head = f"{kind}.step() made {shown_number(np.asarray(W.data)[index])} of {label}: its gradient is not finite."
        ways = ["Run backward() within checked(), too: it stops at the operation that made the gradient."]
    elif hasattr(optimiser, "lr"):
        ways = [f"The learning rate is too high: make lr smaller than {optimiser.lr}, or clip the gradients before the step."]
    else:
        ways = ["The update is too large: make it smaller, or clip the gradients before the step."]
    return NonFiniteError(message(head, place, rows, ways))


# Between forward and backward


def error_of_change(changed, user, place):
    """The exception for values that were changed after the forward pass had used them; an operation's own go by their name."""
    if isinstance(changed, str):
        label = f"The {changed} of {user.op.name}"
    else:
        labels = dict(zip(user.inputs, labels_of(user.op, user.inputs, expressions_at(place)), strict=True))
        label = f"{labels.get(changed) or plain_label(changed)} of shape {changed.shape}"
    role = "made" if changed is user else "used"
    head = f"{label} was changed after {user.op.name} had {role} it, before the backward pass."
    way = (
        "Gradients computed now would be wrong. Change it (an optimiser's step, x.data += 1, an array shared with a Tensor)\n"
        "only after backward(); for a second backward() compute the loss anew."
    )
    return RuntimeError(message(head, place, [], [way]))


# Looking at elements


def first(mask):
    """The index of the first element that is true, as a tuple of int."""
    return tuple(map(int, np.unravel_index(np.argmax(mask), np.shape(mask))))


def values_at(function, operands, result, index):
    """The operands' numbers that an element was computed from; None if the function is not elementwise there.

    Whether it is, is tried out: from these numbers alone it must give the same element.
    """
    try:
        at = [x if type(x) in PYTHON_NUMBERS else np.broadcast_to(x, np.shape(result))[index] for x in operands]
        again = function(*at)
    except (ValueError, TypeError, IndexError, AttributeError):
        return None
    element = np.asarray(result)[index]
    return at if np.shape(again) == () and np.isclose(again, element, equal_nan=True) else None


def slope_at(node, position, dz, full, index):
    """The operands' numbers at an element of a gradient, and ∂z/∂x there; (None, None) if it is not elementwise."""
    op, xs = node.op, [x.data for x in node.inputs]
    if np.shape(full) != node.shape:
        return None, None
    vjp = partial(op.vjps[position], op)
    found = values_at(vjp, [dz, node.data, *xs], full, index)
    if found is None:
        return None, None
    dz_here, *others = found
    return others[1:], vjp(np.ones_like(dz_here), *others)
