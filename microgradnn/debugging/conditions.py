"""Where to stop: what a breakpoint asks of each contribution, whoever stops there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Op

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..tensor import Tensor


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
