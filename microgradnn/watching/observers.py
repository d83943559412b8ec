"""Watching what a program does with the graph: one class for it, what it is told, and gradient hooks.

An `Observer` overrides the events that it wants to know of. `with observer:`, or `observer.watch()` and later
`observer.remove()`, signs these, and no others, in with the lists of `graph.audience`, from which graph.py, backprop.py,
tensor.py and the optimisers call them. So nobody pays for what nobody looks at: without an observer there is one `if` for
each event, and a hook on the backward pass costs the forward pass nothing.

Observers see what all threads do. One that is about its own thread asks for it (as `checked` does).
"""

from __future__ import annotations

import os
import sys
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import complex_numbers, describe
from ..graph import Audience, Node, audience, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Self

    from ..annotations import Array
    from ..graph import Number, Op

PACKAGE = str(Path(__file__).parents[1]) + os.sep  # the folder of this package


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
    """Is told what happens in the graph; subclasses override what they want to know.

    What an event raises stops the program there.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> class Counter(Observer):
    ...     operations = 0
    ...     def compute(self, op, inputs, node):
    ...         self.operations += 1
    >>> with Counter() as counter:
    ...     loss = (Tensor([1.0, 2.0], requires_grad=True) ** 2).sum()
    >>> counter.operations
    2
    """

    def begin(self, output: Node, grads: dict[Node, Any]) -> None:
        """A backward pass begins at `output`.

        `grads` are the nodes that will get a gradient, youngest first: the upstream gradient for `output`, None for others.
        """

    def compute(self, op: Op, inputs: Sequence[Node | Number], node: Node) -> None:
        """An operation made a node of its inputs; if it was not recorded, `node.op` is None."""

    def arrive(self, node: Node, dz: Array) -> Array:
        """A node's gradient is complete; what is returned stands in its place."""
        return dz

    def contribute(self, contribution: Contribution) -> None:
        """A contribution was added."""

    def end(self, output: Node, grads: dict[Node, Any], error: BaseException | None) -> None:
        """The pass that began with these `grads` ends; they are complete if `error`, what was raised in it, is None."""

    def update(self, optimiser: Any) -> None:
        """An optimiser has changed its parameters."""

    def leave(self, node: Node, way: str) -> None:
        """A value is read by code outside of this package, and nothing done to it from here on is recorded.

        `way` says how: "float()", ".item()", ".data", "==", "np.array()", and so on. While somebody wants to know this, reading
        `.data` is slower everywhere.
        """

    def complete(self, output: Node, grads: dict[Node, Any], earlier: dict[Node, Array], wanted: Sequence[Node] | None) -> None:
        """A backward pass is over, and its gradients are where they belong. Being told of it slows no pass down.

        `grads` are the gradients of all nodes, in any order; those of leaves with what was there before, which `earlier`
        holds. `wanted` are the nodes that `grad` was asked for; None says that it was `backward`.
        """

    def call(self, module: Any, inputs: Sequence[Any], output: Any) -> None:
        """A module was called, and returned `output`."""

    # Signing in and out

    watched: Audience = audience  # where it is signed in: for one pass alone that may be another

    def watch(self, events: Audience = audience) -> Self:
        """Sign in; a second time does nothing."""
        self.watched = events
        for event, method in self._overridden():
            if method not in getattr(events, event):
                getattr(events, event).append(method)
        show_reads()
        return self

    def remove(self) -> None:
        """End it; a second time does nothing."""
        for event, method in self._overridden():
            if method in getattr(self.watched, event):
                getattr(self.watched, event).remove(method)
        show_reads()

    def _overridden(self):
        """(event, method) of what a subclass wants to know."""
        for event in Audience.__slots__:
            if getattr(type(self), event) is not getattr(Observer, event):
                yield event, getattr(self, event)

    def __enter__(self) -> Self:
        return self.watch()

    def __exit__(self, *_: object) -> None:
        self.remove()


def observing() -> list[Observer]:
    """The observers that are signed in."""
    return list(dict.fromkeys(method.__self__ for event in Audience.__slots__ for method in getattr(audience, event)))


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
        self.watch()

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
        if changed.dtype.kind == "c":
            raise complex_numbers(f"What the hook on {node!r} returned is")
        return changed if changed.dtype == dz.dtype else changed.astype(dz.dtype)


# Values that leave the graph


def tell_left(node, way, above=2):
    """Tell that a node's value is read, if the reader, who stands so many calls above, is outside of this package."""
    if not sys._getframe(above).f_code.co_filename.startswith(PACKAGE):
        tell(audience.leave, node, way)


DATA = Node.__dict__["data"]  # the slot: `.data` is read for every operation, and must cost nothing


def read_data(node):
    """What `node.data` gives while somebody wants to know what leaves the graph."""
    tell_left(node, ".data")
    return DATA.__get__(node)


WATCHED_DATA = property(read_data, DATA.__set__)


def show_reads():
    """Let `.data` be a property, which tells, if somebody wants to know what leaves the graph; else the slot that it is."""
    data = WATCHED_DATA if audience.leave else DATA
    if Node.__dict__["data"] is not data:
        type.__setattr__(Node, "data", data)
