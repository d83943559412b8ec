"""How values stand in an editor's list of variables: a line each, and what opens below: rows, range, gradient."""

import types

import numpy as np

from ...formulas.brief import brief
from ...formulas.unicode_text import number
from ...graph import Node, Number
from ...protocols.display import range_text

LONGEST = 160  # characters of a line
CODE = (type, types.ModuleType, types.FunctionType, types.MethodType)  # below which nobody looks for values
MOST = 200  # children that come at once where the client does not say how many it wants


def line_of(value):
    """A value in a line."""
    if isinstance(value, Number):
        value = value.data
    if isinstance(value, Node):
        return tensor_line(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return array_line(np.asarray(value))
    if isinstance(value, Said):
        return value.text
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - of the user's own class
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def array_line(array):
    """An array in a line: its numbers if they are few, else shape, type and range, and how many NaN and inf there are.

    >>> array_line(np.array([0.5, -2.0])), array_line(np.arange(100.0).reshape(10, 10))
    ('[0.5, −2]', '(10, 10) float64  0 … 99')
    """
    if array.size <= 6 or array.dtype.kind not in "biufc":
        return brief(array)
    return f"{array.shape} {array.dtype}  {range_of(array)}"


def range_of(array):
    """Least and largest number of an array, and how many are none.

    >>> range_of(np.array([-1.0, np.nan, 3.0, np.inf]))
    '−1 … 3, 1 NaN, 1 inf'
    """
    return range_text(array, number)


def tensor_line(node):
    """A Tensor in a line: its values, and whether it has a gradient."""
    name = f"{node.name} " if node.name else ""
    made = f"  by {node.op.name}" if node.op is not None else ""
    grad = "" if not node.requires_grad else "  grad not computed" if node.grad is None else f"  grad {brief(node.grad)}"
    data = node.data
    values = array_line(np.asarray(data)) if isinstance(data, (np.ndarray, np.generic, int, float)) else repr(data)
    return f"Tensor {name}{values}{made}{grad}"


def type_of(value):
    """What a value's type is called."""
    return type(value).__name__


def table(matrix, most=30):
    """A matrix as text, each row in a line, of many rows the first and the last.

    >>> print(table(np.array([[1.0, -2.5], [10.0, 0.0]])))
     1  −2.5
    10     0
    """
    matrix = np.atleast_2d(matrix)
    texts = [[number(x, 4) for x in row] for row in matrix[:most].tolist()]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    lines = ["  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in texts]
    return "\n".join([*lines, f"… {len(matrix) - most} rows more"] if len(matrix) > most else lines)


def children(value):
    """(names, items): what opens below a value: named parts, and a function of start and count that gives numbered ones."""
    if isinstance(value, Node):
        return tensor_parts(value), 0, None
    if isinstance(value, np.ndarray):
        return array_parts(value), len(value) if value.ndim else 0, lambda i: value[i]
    if isinstance(value, dict):
        return {str(key): item for key, item in list(value.items())[:MOST]}, 0, None
    if isinstance(value, (list, tuple)):
        return {}, len(value), lambda i: value[i]
    if isinstance(value, (set, frozenset)):
        items = list(value)
        return {}, len(items), lambda i: items[i]
    attributes = getattr(value, "__dict__", None)
    if isinstance(attributes, dict) and not isinstance(value, CODE):
        return {name: item for name, item in attributes.items() if not name.startswith("__")}, 0, None
    return {}, 0, None


def has_children(value):
    """Whether anything opens below a value."""
    named, count, _ = children(value)
    return bool(named) or count > 0


def tensor_parts(node):
    """What opens below a Tensor: values, gradient, and what it was made from."""
    parts = {"data": node.data}
    if node.requires_grad:
        parts["grad"] = Said("not computed yet") if node.grad is None else node.grad
    if node.op is not None:
        parts["op"] = node.op
        parts["inputs"] = node.inputs
    return parts


def array_parts(array):
    """What opens below an array before its rows: shape, range, a matrix as a table."""
    parts = {}
    if array.size > 6:
        parts["shape"] = Said(f"{array.shape} {array.dtype}")
        if array.dtype.kind in "biuf":
            parts["range"] = Said(range_of(array))
    if array.ndim == 2 and array.dtype.kind in "biuf" and array.size and array.shape[1] <= MOST:
        parts["table"] = Said(table(array))
    return parts


class Said:
    """A text that stands for itself, without quotes."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text
