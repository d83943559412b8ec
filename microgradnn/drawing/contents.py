"""What stands in the boxes of a graph, and on their cards: names, shapes, values, gradients.

A gradient that has not been computed is said to be so; it is never shown as 0.
"""

from collections import Counter

import numpy as np

from ..errors import one_of
from ..formulas.labels import label_of
from ..formulas.operations import Operands, keywords_of, sign_of, spell_index
from ..formulas.spelling import spell_made
from ..formulas.unicode_text import number
from ..graph import PYTHON_NUMBERS
from ..pictures.picture import Line, Values

SHOWN = ("shape", "value", "gradient")  # unless something else is asked for
MOST_COUNTED = 4  # operations that are counted by name, of those that are not drawn
ALL_SHOWN = (*SHOWN, "arrows", "parameters")


class Contents:
    """What stands in boxes: `show` says what of ALL_SHOWN; `with_made`, whether also how a tensor was made.

    `columns` are the vectors that are drawn as columns.
    """

    def __init__(self, output_name, show, with_made, columns=()):
        self.output_name, self.with_made, self.columns = output_name, with_made, columns
        self.show = {one_of(ALL_SHOWN, each, "content of a box") for each in show}

    def of_tensor(self, node, name):
        """Name and shape, how it was made, value, gradient; of a constant that is one number and has no name, the number."""
        if (
            not name
            and kind_of_leaf(node) == "constant"
            and node.op is None
            and np.ndim(node.data) == 0
            and is_numeric(node.data)
        ):
            return [Line(number(float(node.data)), "name")]
        lines = [Line(name or kind_of_leaf(node), "name")]
        made = spell_made(node) if self.with_made else ""
        if made:
            lines.append(Line(f"= {made}", "made"))
        if "shape" in self.show and node.shape:
            lines.append(Line(shape_text(node), "shape"))
        if "parameters" in self.show and node.op is None and node.requires_grad:
            lines.append(Line(counted(int(np.size(node.data)), "parameter"), "note"))
        if "value" in self.show and is_numeric(node.data):
            lines.append(scalar_or_values("value", node.data, "value", node in self.columns))
        if "gradient" in self.show and node.requires_grad:
            label = self.gradient_name(name)
            if node.grad is None:
                lines.append(Line(f"{label} not computed", "note"))
            elif is_numeric(node.grad):
                lines.append(scalar_or_values(label, node.grad, "gradient", node in self.columns))
        return lines

    def of_arrow(self, node):
        """What stands at an arrow that a tensor goes along: its shape, if that is asked for."""
        return [Line(shape_text(node), "shape")] if "arrows" in self.show and node.shape else []

    def of_rest(self, nodes):
        """What is said of all that is further from the output than what is drawn, in one box."""
        results = [node for node in nodes if node.op is not None]
        learned = sum(int(np.size(node.data)) for node in nodes if node.op is None and node.requires_grad)
        lines = [Line(f"{len(nodes):,} more", "name")]
        most = Counter(node.op.name for node in results).most_common(MOST_COUNTED)
        lines += [Line(f"{count:,} {name}", "note") for name, count in most]
        others = len(results) - sum(count for _, count in most)
        lines += [Line(counted(others, "other operation"), "note")] if others else []
        return [*lines, Line(counted(learned, "parameter"), "note")] if learned else lines

    def of_all(self, leaves):
        """A sentence on how many parameters there are in all, if that is asked for."""
        learned = [int(np.size(leaf.data)) for leaf in leaves if leaf.requires_grad]
        if "parameters" not in self.show or not learned:
            return []
        return [f"{counted(sum(learned), 'parameter')} in {counted(len(learned), 'tensor')}"]

    def of_operation(self, node, name):
        """What stands in an ellipse: the operation, and its result if that has no box of its own."""
        operation = Line(operation_text(node), "name")
        if name:
            return [operation]
        if node.shape:
            return [operation, Line(shape_text(node), "shape")] if "shape" in self.show else [operation]
        result = self.of_tensor(node, "")[1:]
        return [operation, *(line for line in result if not (isinstance(line, Line) and line.role in ("note", "shape")))]

    def card(self, node):
        """All that is known of a node, as pairs of label and text."""
        card = [
            ("", label_of(node.name) or (operation_text(node) if node.op else kind_of_leaf(node))),
            ("shape", shape_text(node)),
        ]
        if node.op is not None:
            means = type(node.op).__doc__
            card.append(("operation", f"{node.op!r}: {means.splitlines()[0]}" if means else repr(node.op)))
        if is_numeric(node.data):
            card.append(("value", array_text(node.data)))
        if node.requires_grad:
            card.append(
                (self.gradient_name(label_of(node.name)), "not computed" if node.grad is None else array_text(node.grad))
            )
        return card

    def gradient_name(self, name):
        """How the gradient of what is called so is called: ∂L/∂W."""
        return f"∂{self.output_name}/∂{name or '·'}"


def counted(count, what):
    """A number and what it counts.

    >>> counted(1, "tensor"), counted(1200, "parameter")
    ('1 tensor', '1,200 parameters')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def kind_of_leaf(node):
    """What a tensor without a name is, that no operation made."""
    return "parameter" if node.requires_grad else "constant"


def shape_text(node):
    """(3, 4), and the dtype if it is not the usual one."""
    return f"{node.shape}" if str(node.dtype) == "float64" else f"{node.shape} {node.dtype}"


def operation_text(node):
    """What an operation's ellipse says: its symbol, its parameters, and operands that are plain numbers."""
    op = node.op
    if op.name == "getitem":
        return f"[{spell_index(op.index)}]"
    keywords = keywords_of(op, Operands(node.inputs, ()))
    parameters = ", ".join(f"{key}={value}" for key, value in keywords.items() if value != "…")
    written = f"{sign_of(op, node.inputs)}{f' {parameters}' if parameters else ''}"
    numbers = [(i, x.data) for i, x in enumerate(node.inputs) if type(x.data) in PYTHON_NUMBERS]
    if len(numbers) == 1 and len(node.inputs) == 2:
        i, value = numbers[0]
        return f"{number(value)} {written}" if i == 0 else f"{written} {number(value)}"
    return written


def is_numeric(data):
    """Whether data are numbers that can be shown."""
    return isinstance(data, (np.ndarray, np.generic)) and data.dtype.kind in "biuf"


def scalar_or_values(label, array, role, column=False):
    """A line for a number, and an array as it is."""
    if np.ndim(array) == 0:
        written = number(float(array))
        return Line(f"= {written}", role) if role == "value" else Line(f"{label} = {written}", role, float(array))
    return Values("" if role == "value" else label, np.asarray(array), role, column)


def array_text(array):
    """An array as a card has it."""
    return np.array2string(np.asarray(array), precision=4, threshold=200, edgeitems=3, separator=", ", max_line_width=120)
