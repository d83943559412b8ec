"""What the variables of a user's program hold: parameters, lists of them, modules with buffers of their own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..graph import Node
from ..watching.observers import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_HELD = 100  # things in a list of the user's that is looked through


def named_parameters(network: Any) -> Iterable[tuple[str, Any]]:
    """(name, Tensor) of what is to be watched: of a module, a dict, a list."""
    if network is None:
        return
    if hasattr(network, "named_parameters"):
        yield from network.named_parameters()
        return
    if isinstance(network, Node):
        network = [network]
    if not hasattr(network, "__iter__"):
        raise TypeError(f"watch takes a network, or Tensors: watch(network), watch([W, b]); it was given {network!r}.")
    items = network.items() if isinstance(network, dict) else ((getattr(x, "name", None), x) for x in network)
    for i, (name, tensor) in enumerate(items):
        if not isinstance(tensor, Node):
            raise TypeError(f"watch takes a network, or Tensors: watch(network), watch([W, b]); {tensor!r} is in it.")
        yield name or f"parameter {i}", tensor


def tensors_in(name, value):
    """(path, Tensor) of a list, tuple or dict of them, such as a user's own parameters."""
    if isinstance(value, (list, tuple, dict)) and len(value) <= MOST_HELD:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        yield from ((f"{name}[{i!r}]", tensor) for i, tensor in items if isinstance(tensor, Node))


def buffers_of(network: Any) -> set[int]:
    """The ids of the tensors without gradient that modules of the user's own keep."""
    theirs = [module for module in network.modules() if not type(module).__module__.startswith("microgradnn.")]
    parts = [part for module in theirs for _, part in module.named_parts() if isinstance(part, Node)]
    return {id(part) for part in parts if not part.requires_grad}


def users_frame():
    """The innermost frame outside of this package; of none, the outermost."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(PACKAGE) and frame.f_back is not None:
        frame = frame.f_back
    return frame


def users_variables() -> dict[str, Any]:
    """The variables of the innermost frame outside of this package, and of its module."""
    frame = users_frame()
    return {**frame.f_globals, **frame.f_locals}
