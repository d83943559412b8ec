"""What is said when a NaN or inf appears inside `checked()`: who made it, at which element, out of what, and the way out.

An operation is a producer if it made the NaN or inf out of numbers that were none; else it only passes on what came in.
The letters are those of the rules:

    z = f(x, y)     x, y   values of the inputs      dz       ∂L/∂z, the upstream gradient
                    z      value of the output       dx, dy   ∂L/∂x, ∂L/∂y: what each vjp returns
"""

import ast
import inspect
import os
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import NonFiniteError, operand_letters
from ..formulas.brief import index_text
from ..formulas.spelling import spell
from ..graph import PYTHON_NUMBERS
from ..source.expressions import (
    double_where,
    expressions_at,
    mask_of_where,
    operands_of,
    safe_operand,
    short_path,
    shown,
    unsafe_operand,
    where_around,
)
from ..source.lines import PACKAGE, place_of
from ..source.rules import rule_text
from .advice import advice, holds, out_of, too_large

# The forward pass


def judge_forward(op, inputs, node, place):
    """The exception for a result that is not finite; None if an inf merely passes through."""
    z, expressions = node.data, expressions_at(place)
    labels = labels_of(op, inputs, expressions)
    for x, label in zip(inputs, labels, strict=True):
        if holds(np.isnan, x.data) and np.isnan(z).any():
            return came_in(op, x, label, np.isnan, place)
        if holds(np.isinf, x.data) and x.op is None and x.requires_grad:
            return came_in(op, x, label, np.isinf, place)
    if np.isnan(z).any():
        return made(op, inputs, node, first(np.isnan(z)), place, labels)
    if asks_for_inf(op):
        return None
    if out_of([x.data for x in inputs]):
        return made(op, inputs, node, first(np.isinf(z)), place, labels)
    index = new_inf(op, inputs, z)
    return None if index is None else made(op, inputs, node, index, place, labels)


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


def made(op, inputs, node, index, place, labels):
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


def came_in(op, x, label, is_bad, place):
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


def came_in_backward(output, dz):
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
        head = f"The gradient of {label_of(node)} was finite, and a hook made it {shown_number(np.asarray(dz)[index])}."
        return NonFiniteError(message(head, place, [element_row("dz", dz, index, bad_count(dz))], []))
    if np.isfinite(full).all():
        index = first(~np.isfinite(new))
        why = "summed over the axes along which it was repeated" if not np.isfinite(dx).all() else "added up over its uses"
        head = f"The gradient of {labels[position]}, {why}, became {shown_number(np.asarray(new)[index])}."
        rows = [element_row(f"d{letter}", new, index, bad_count(new))]
        return NonFiniteError(message(head, place, rows, [too_large(new)]))
    return made_backward(node, position, dz, full, labels, consumers)


def made_backward(node, position, dz, full, labels, consumers):
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
        rows.append(element_row("z", z, index, f"z is {node.name}" if node.name else ""))
    rows += operand_rows(letters, labels, inputs, index, at)
    rows.append((f"d{letter} = {rule_text(vjp, (op, dz, z, *xs))}", rule_place(vjp)))
    head = f"{op.name} made {shown_number(value)}{out_of(xs if at is None else at)}, in the backward pass."
    ways = [] if slope is None or np.isfinite(slope) else [product(dz, index, slope, value, letter)]
    dropped = where_that_drops(node, index, consumers) if at is not None and np.asarray(dz)[index] == 0 else None
    ways += advice(op, value, at, xs, slope) if dropped is None else masked(node, labels, *dropped)
    return NonFiniteError(message(head, place_of(node), rows, ways))


def product(dz, index, slope, value, letter):
    """The chain rule at one element, in numbers."""
    numbers = f"{shown_number(np.asarray(dz)[index])} · {shown_number(slope)} = {shown_number(value)}"
    return f"By the chain rule d{letter} = dz · ∂z/∂{letter} = {numbers}."


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


def masked(node, labels, where, branch):
    """The explanation of 0 · inf in a branch that a `where` does not take."""
    place, op = place_of(where), node.op
    around, expressions = expressions_at(place), expressions_at(place_of(node))
    mask = (mask_of_where(around[-1]) if around else None) or "mask"
    line = f" in {short_path(place.file)}:{place.line}" if place is not None else ""
    ways = [f"where({mask}, …){line} does not take this element, so dz is 0; but the branch not taken is differentiated too."]
    enclosing = where_around(expressions)
    is_the_one = enclosing is not None and bool(around) and ast.dump(enclosing[0]) == ast.dump(around[-1])
    safe = double_where(expressions, op.name, len(node.inputs)) if is_the_one else None
    if safe:
        return [*ways, f"Keep it finite, with a second where:\n    {safe}"]
    operand = unsafe_operand(expressions[-1], op.name, len(node.inputs)) if expressions else None
    label = labels[-1 if op.name == "divide" else 0] if operand is None else ast.unparse(operand)
    safe = safe_operand(label, mask, branch, op.name)
    return [*ways, f"Keep it finite: give {op.name} a safe operand, made by a second where:\n    safe = {safe}"]


# Between forward and backward


def changed_error(changed, user, place):
    """The exception for values that were changed after the forward pass had used them."""
    labels = dict(zip(user.inputs, labels_of(user.op, user.inputs, expressions_at(place)), strict=True))
    label = labels.get(changed) or label_of(changed)
    role = "made" if changed is user else "used"
    head = f"{label} of shape {changed.shape} was changed after {user.op.name} had {role} it, before the backward pass."
    way = (
        "Gradients computed now would be wrong. Change it (an optimiser's step, x.data += 1, an array shared with a Tensor)\n"
        "only after backward(); for a second backward() compute the loss anew."
    )
    return RuntimeError(message(head, place, [], [way]))


# What a message is made of


def message(head, place, rows, ways):
    """The whole text: what happened, the user's line, the numbers in two columns, and the way out."""
    lines = [head] if place is None else [head, shown(place)]
    width = max((len(left) for left, right in rows if right), default=0)
    lines += [f"    {left:<{width}}   {right}".rstrip() for left, right in dict.fromkeys(rows)]  # for x / x, one row of x
    return "\n".join([*lines, *ways])


def element_row(letter, array, index, note):
    """One element of an array, and a note."""
    where = index_text(index)
    return f"{bracketed(letter) if where else letter}{where} = {shown_number(np.asarray(array)[index])}", note


def bracketed(label):
    """A label that an index can follow: in brackets if it is an expression with operators.

    >>> bracketed("X.std(axis=0)"), bracketed("exp(a) / exp(b)"), bracketed("-x"), bracketed("tanh(x W)")
    ('X.std(axis=0)', '(exp(a) / exp(b))', '(-x)', '(tanh(x W))')
    """
    try:
        operators = isinstance(ast.parse(label, mode="eval").body, (ast.BinOp, ast.UnaryOp))
    except SyntaxError:  # a name or a formula that is no Python
        operators = True
    return f"({label})" if operators else label


def range_row(letter, array, note):
    """An array that is not seen element by element: what lies in it."""
    array = np.asarray(array)
    if array.size == 0:
        return f"{letter} has no elements", note
    if array.dtype.kind == "c" or array.size == 1:
        return f"{letter} = {shown_number(array.flat[0])}" if array.size == 1 else letter, note
    return f"{letter} from {shown_number(np.nanmin(array))} to {shown_number(np.nanmax(array))}", note


def operand_rows(letters, labels, inputs, index, at):
    """A row for each operand: its element where the operation is elementwise, else what lies in it."""
    rows = []
    for letter, label, x in zip(letters, labels, inputs, strict=True):
        if type(x.data) in PYTHON_NUMBERS:
            if letter != label or label != str(x.data):
                rows.append((f"{letter} = {shown_number(x.data)}", ""))
            continue
        note = ", ".join([f"{letter} is {label}"] * (label != letter) + [f"shape {x.shape}"] * (x.shape != ()))
        own_index = None if at is None else index_before_broadcasting(index, x.shape)
        rows.append(range_row(letter, x.data, note) if at is None else element_row(letter, x.data, own_index, note))
    return rows


def index_before_broadcasting(index, shape):
    """Where an element of the result stands in an operand of this shape.

    >>> index_before_broadcasting((4, 2), (3,)), index_before_broadcasting((4, 2), (5, 1))
    ((2,), (4, 0))
    """
    own = index[len(index) - len(shape) :]
    return tuple(0 if length == 1 else i for i, length in zip(own, shape, strict=True))


def labels_of(op, inputs, expressions):
    """How the operands are called: by name, else as the program's source writes them, else by how they were made."""
    written = operands_of(expressions[-1], op.name, len(inputs)) if expressions else []
    texts = [ast.unparse(x) for x in written] or [""] * len(inputs)
    letters = operand_letters(op, len(inputs))
    return [
        x.name or (text if 0 < len(text) < 40 else label_of(x, letter))
        for x, text, letter in zip(inputs, texts, letters, strict=True)
    ]


def label_of(node, otherwise="a Tensor"):
    """How a node is called without the program's source."""
    label = spell(node)
    return otherwise if "…" in label else label


def shown_number(x):
    """A number in six digits: nan is written as in the messages' text.

    >>> [shown_number(x) for x in (np.float64("nan"), -np.inf, 0.0, 1e-5, 3, True)]
    ['NaN', '-inf', '0', '1e-05', '3', 'True']
    """
    if isinstance(x, (bool, np.bool_)) or np.iscomplexobj(x):
        return str(x)
    return "NaN" if np.isnan(x) else f"{x:.6g}"


def bad_count(array):
    """The shape of an array, and how many of its elements are not finite."""
    return shape_and_count(~np.isfinite(array), "not finite")


def shape_and_count(bad, what):
    """The shape of an array, and how many of its elements are bad; nothing for one number."""
    return f"shape {np.shape(bad)}, {np.count_nonzero(bad)} of {np.size(bad)} {what}" if np.shape(bad) else ""


def rule_place(vjp):
    """File and line of a rule."""
    function = inspect.unwrap(vjp.func if isinstance(vjp, partial) else vjp)
    if not hasattr(function, "__code__"):
        return "the rule"
    file = function.__code__.co_filename.removeprefix(str(Path(PACKAGE).parent) + os.sep)
    return f"the rule, {short_path(file)}:{function.__code__.co_firstlineno}"


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


# The way out
