"""Where one can stop: what is asked of each step by `break_on(W)` in a program, and by a place that is typed.

A place is what stands in a breakpoint: a tensor, an element, an operation, a line, or one of the words in `WORDS`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..formulas.labels import label_of
from ..graph import Node, Op
from .evaluating import is_finite

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..tensor import Tensor

WORDS = {  # each with what it stops at
    "backward": "where a pass begins",
    "rises": "where a pass begins whose loss is above that of the pass before",
    "nonfinite": "where a NaN or inf appears in a gradient",
}
LINE = re.compile(r"(?:(?P<file>.*):)?(?P<line>\d+)")
ELEMENT = re.compile(r"(?P<name>[^\[]+)\[(?P<index>.+)\]")


class Condition:
    """Where to stop: at contributions to a tensor or an element of one, through an operation, when something holds.

    What is asked is a `Contribution` of a pass that runs, or a `Step` of one that was recorded: both have node, input, dx.
    Where an operation broadcast, the Step of its rule has dx before the sum, and the Step after it, as a Contribution, the sum.
    """

    def __init__(self, tensor: Tensor | None, op: str | None, when: Callable[..., object] | None) -> None:
        self.tensor, self.op, self.when = tensor, op, when

    def holds(self, step: Any) -> bool:
        """Whether to stop there."""
        if self.tensor is not None and step.input is not self.tensor and not adds_to_element(self.tensor, step):
            return False
        if self.op is not None and step.node.op.name != self.op:
            return False
        return self.when is None or bool(self.when(step))

    def __repr__(self) -> str:
        conditions = {"tensor": self.tensor, "op": self.op, "when": self.when}
        return (
            f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in conditions.items() if value is not None)})"
        )


def adds_to_element(tensor, step):
    """Whether a tensor is an element, as W[0, 0] is, of the input that gets a contribution, and that is not another one's."""
    indices, whole = [], tensor
    while whole.op is not None and whole.op.name == "getitem" and whole is not step.node:
        indices.insert(0, whole.op)
        whole = whole.inputs[0]
        if whole is step.input:
            dx = step.dx
            for index in indices:
                dx = index.forward(dx)
            return step.node.op.name != "getitem" or bool(np.any(dx != 0))
    return False


def operation_names():
    """set of str: the names of all operations, those of the user among them."""
    found = [Op]
    for cls in found:
        found += cls.__subclasses__()
    return {cls.name for cls in found if cls.vjps}


# As it is typed


def meaning_of(place, expressions):
    """(holds, of_passes) for what was typed: holds(step, condition) says whether a step, or a pass, is there."""
    if place == "backward":
        return always, True
    if place == "rises":
        return rises, True
    if place == "nonfinite":
        return is_not_finite, False
    if place.startswith("∂"):
        return is_gradient(place), False
    line = LINE.fullmatch(place)
    if line:
        file = line["file"] or (expressions.frame.f_code.co_filename if expressions is not None and expressions.frame else "")
        return made_at(file, int(line["line"])), False
    if place in operation_names() or (expressions is not None and place in expressions.nodes):
        return is_called(place), False
    element = ELEMENT.fullmatch(place)
    if element and expressions is not None and element["name"] in expressions.nodes:
        return is_element(element["name"], index_of(element["index"], expressions, place)), False
    try:
        value = expressions.value(place)
    except Exception:  # noqa: BLE001 - whatever the expression raises
        value = None
    if isinstance(value, Node) and value.requires_grad:
        return is_tensor(value), False
    raise ValueError(no_place(place, expressions))


def no_place(place, expressions):
    """What is said of a text that is no place."""
    nodes = {} if expressions is None else expressions.nodes
    named = ", ".join(dict.fromkeys(label_of(node.name) for node in nodes.values()))
    known = f"; named are {named}" if named else ""
    return f"{place!r} is no named tensor of this graph, no operation, no line and none of {', '.join(WORDS)}{known}"


def index_of(text, expressions, place):
    """The index of an element, checked against the tensor that it is one of."""
    node = expressions.nodes[ELEMENT.fullmatch(place)["name"]]
    try:
        typed = expressions.typed(f"index_exp[{text}]")
        index = typed._replace(names={**typed.names, "index_exp": np.index_exp}).value()
        node.data[index]
    except Exception as error:  # noqa: BLE001 - whatever the index raises
        raise ValueError(f"{place}: {error}") from None
    return index


def always(step, holds):
    """Every pass."""
    return True


def rises(step, holds):
    """Whether the loss of a pass is above that of the one before."""
    return holds("loss > last")


def is_not_finite(step, holds):
    """Whether a NaN or inf appears in a step."""
    return not is_finite(step.dx)


def made_at(file, number):
    """A function that says whether a step's operation was asked for on a line."""

    def holds(step, _):
        return step.line is not None and step.line[1] == number and is_file(step.line[0], file)

    return holds


def is_file(path, typed):
    """Whether a file is the one that was typed, with or without its folders."""
    return path == typed or path.endswith(os.sep + typed)


def is_gradient(name):
    """A function that says whether a step is one of the gradient that is shown so: ∂L/∂h."""

    def holds(step, _):
        return step.name == name

    return holds


def is_called(name):
    """A function that says whether a step is one of all tensors, or of an operation, of this name."""

    def holds(step, _):
        return name in (step.input.name, label_of(step.input.name), step.op.name)

    return holds


def is_tensor(tensor):
    """A function that says whether a step is one of this very tensor, which may be an element of another."""
    condition = Condition(tensor, None, None)

    def holds(step, _):
        return condition.holds(step)

    return holds


def is_element(name, index):
    """A function that says whether an element of tensors of this name gets a contribution in a step."""
    called = is_called(name)

    def holds(step, _):
        if step.input.name is None or not called(step, _) or step.op.name == name:
            return False
        dx = step.dx if step.new is not None else None  # before the sum it has another shape
        return dx is not None and (step.op.name != "getitem" or bool(np.any(dx[index] != 0)))

    return holds
