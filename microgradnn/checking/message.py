"""What the message about a NaN or inf is made of: a row for each operand, with its element, its label and its numbers."""

import ast
import inspect
import os
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import operand_letters
from ..formulas.brief import index_text, visible
from ..formulas.spelling import spell
from ..graph import PYTHON_NUMBERS
from ..source.expressions import operands_of, short_path, shown
from ..watching.observers import PACKAGE


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
        visible(x.name or "") or (text if 0 < len(text) < 40 else plain_label(x, letter))
        for x, text, letter in zip(inputs, texts, letters, strict=True)
    ]


def plain_label(node, otherwise="a Tensor"):
    """How a node is called without the program's source."""
    label = spell(node)
    is_value = node.is_leaf and not node.name and type(node.data) not in PYTHON_NUMBERS  # 0 = 0 would say nothing
    return otherwise if is_value or "…" in label else label


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


def out_of(numbers):
    """What the message says of the numbers that a NaN or inf was made of."""
    return "" if any(holds(np.isnan, x) or holds(np.isinf, x) for x in numbers) else " out of finite numbers"


def holds(is_bad, x):
    """Whether an array or a number holds NaN (np.isnan) or inf (np.isinf)."""
    return np.asarray(x).dtype.kind in "fc" and bool(np.any(is_bad(x)))
