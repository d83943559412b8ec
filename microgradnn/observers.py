"""Watching the backward pass from outside: what an observer is told, gradient hooks, and breakpoints.

The loop of backprop.py tells its observers of every gradient that is complete and of every contribution. Without any it
costs nothing extra. What watches `backward()` stands in `observers`; the rules and the loop know nothing of it.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, NamedTuple

from .errors import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from .annotations import Array
    from .graph import Node, Number

observers: list[Observer] = []  # of every backward() and grad(); chain_rule and pictures run unobserved


class Contribution(NamedTuple):
    """What one vjp adds to one gradient.

    z = f(x, y, ...): `node` is z, `position` says which of its inputs gets the contribution.
    """

    node: Node  # z
    position: int
    dz: Array  # ∂L/∂z, complete
    full: Array  # what the vjp returned
    dx: Array  # the same, summed over the axes along which the input was repeated
    old: Array | None  # the input's gradient before, None if this is the first contribution
    new: Array  # and after

    @property
    def input(self) -> Node | Number:
        """Tensor: the input that gets it."""
        return self.node.inputs[self.position]


class Observer:
    """What the loop calls; subclasses override one or both."""

    def arrive(self, node: Node, dz: Array) -> Array:
        """A node's gradient is complete; what is returned stands in its place."""
        return dz

    def contribute(self, contribution: Contribution) -> None:
        """A contribution was added."""

    def remove(self) -> None:
        """End it; a second time does nothing."""
        if self in observers:
            observers.remove(self)


class Hook(Observer):
    """Calls a function with the gradient of one tensor, and takes what it returns in its place, if anything.

    `remove()` ends it, as in PyTorch.
    """

    def __init__(self, tensor: Node, function: Callable[[Array], Array | None]) -> None:
        if not callable(function):
            raise TypeError(f"register_hook takes a function of the gradient, such as print; it was given {function!r}.")
        if not tensor.requires_grad:
            raise ValueError(f"register_hook: {describe(tensor)} requires no gradient, so the hook would never be called.")
        # The hook ends with its tensor: one that is registered in a training loop would keep every step's graph alive.
        self.tensor, self.function = weakref.ref(tensor, lambda _: self.remove()), function
        observers.append(self)

    def arrive(self, node, dz):
        if node is not self.tensor():
            return dz
        changed = self.function(dz)
        if changed is None:
            return dz
        if getattr(changed, "shape", None) != dz.shape:
            raise ValueError(
                f"The hook on {node!r} returned {changed!r}; it should return None, or a gradient of shape {dz.shape}."
            )
        return changed if changed.dtype == dz.dtype else changed.astype(dz.dtype)
