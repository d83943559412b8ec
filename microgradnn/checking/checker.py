"""`checked()`: stop at the first operation that makes a NaN or inf, forward or backward, and say how it came about.

It is an observer of operations, of the backward loop, and of optimisers. What the messages say is in nonfinite.py.
"""

from __future__ import annotations

import weakref
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import numpy as np

from ..graph import reachable, values_of
from ..source.lines import place_of, remember, users_place
from ..watching.notes import Notes
from ..watching.observers import Observer
from . import nonfinite

if TYPE_CHECKING:
    from collections.abc import Iterator

active: ContextVar[Checker | None] = ContextVar("microgradnn.checking", default=None)  # of this thread (or async task)
prints = Notes()  # of each node the fingerprints of what its rules will see, as it was when the node was made


@contextmanager
def checked() -> Iterator[None]:
    """Stop at the first operation that makes a NaN or inf out of finite numbers: a context manager, and a decorator.

    It checks what is done with Tensors, recorded or not, in `backward()` and in `grad()`, and what optimisers make of their
    parameters. The message names the operation, the element, the numbers that it was computed from, and the line of your
    program. A program runs slower inside, the more so the smaller its arrays, and as fast as ever outside. It holds for this
    thread only.

    - NaN that comes in with data stops the program too, where an operation passes it on; the message says so. To fill
      gaps, `where(isnan(X), 0, X)` may be the first to see them.
    - inf in data passes, since -inf is a common mask; inf in a parameter does not. What makes NaN out of an inf stops.
    - A gradient that is not finite always stops.
    - An array that was changed between the forward and the backward pass stops the backward pass.

    NumPy's own floating-point warnings are silent inside. Calls may be nested: the inner ones add nothing.

    Raises
    ------
    NonFiniteError
        A FloatingPointError: a NaN or inf was made, or came in.
    RuntimeError
        An array was changed after an operation had used it and before its gradient was computed.

    Examples
    --------
    >>> from microgradnn import Tensor, checked
    >>> p = Tensor([0.5, 0.0], requires_grad=True, name="p")
    >>> with checked():
    ...     loss = -p.log().sum()
    Traceback (most recent call last):
    microgradnn.errors.NonFiniteError: log made -inf out of finite numbers, in the forward pass.
    ...
    >>> @checked()
    ... def train():
    ...     (p * p).sum().backward()
    >>> train()
    """
    if active.get() is not None:
        yield
        return
    checker = Checker()
    token = active.set(checker)
    try:
        with checker, np.errstate(all="ignore"):
            yield
    finally:
        active.reset(token)


class Checker(Observer):
    """Looks at every result, in the thread that opened it."""

    def __init__(self):
        self.arrived = []  # weak references to the nodes of the present backward pass, youngest first
        self.outer = []  # the same of the passes around it: a hook may begin one within another

    def compute(self, op, inputs, node):
        """Forward: an operation made a node."""
        if active.get() is not self:
            return
        if node.op is not None:
            remember(node)
            remember_prints(node)
        # With create_graph a rule's own steps are operations too. It may pass over an inf on its way, behind a where of its
        # own; what counts is what it returns.
        within_a_rule = bool(self.outer)
        if not is_finite(node.data) and not within_a_rule:
            error = nonfinite.judge_forward(op, inputs, node, users_place())
            if error is not None:
                raise error

    def begin(self, output, grads):
        """Backward: a pass begins."""
        if active.get() is not self:
            return
        self.outer.append(self.arrived)
        self.arrived = []
        if not is_finite(values_of(grads[output])):
            raise nonfinite.error_of_upstream(output, values_of(grads[output]))

    def arrive(self, node, dz):
        """Backward: a gradient is complete, and the rules of this node will run next."""
        if active.get() is not self:
            return dz
        self.arrived.append(weakref.ref(node))
        if changed_for(node):
            raise error_of_oldest_change(node)
        return dz

    def contribute(self, contribution):
        """Backward: a rule gave a contribution to a gradient."""
        if active.get() is not self:
            return
        if not is_finite(values_of(contribution.new)):
            dz, full, dx, new = map(values_of, (contribution.dz, contribution.full, contribution.dx, contribution.new))
            consumers = [node for node in (reference() for reference in self.arrived) if node is not None]
            raise nonfinite.judge_backward(contribution.node, contribution.position, dz, full, dx, new, consumers)

    def end(self, output, grads, error):
        """Backward: a pass ends."""
        if active.get() is self and self.outer:
            self.arrived = self.outer.pop()

    def update(self, optimiser):
        """An optimiser has changed its parameters."""
        if active.get() is not self:
            return
        for i, W in enumerate(optimiser.parameters):
            if W.grad is not None and not is_finite(W.data):
                raise nonfinite.judge_update(optimiser, i, W, users_place())


def is_finite(array):
    """Whether there is neither NaN nor inf in it; what is not an array of floating-point numbers counts as finite."""
    if not isinstance(array, (np.ndarray, np.generic)) or array.dtype.kind not in "fc":
        return True
    return bool(np.isfinite(array).all())


# Arrays that were changed between forward and backward


def remember_prints(node):
    """Note what the values are that the rules of a node will see."""
    prints[node] = [fingerprint(array) for _, array in seen_by(node)]


def seen_by(node):
    """All that the rules of a node see, with its array: the node, its inputs, and by name what its operation keeps."""
    seen = [(x, x.data) for x in (node, *node.inputs)]
    for name, value in getattr(node.op, "__dict__", {}).items():
        seen += [(name, part) for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, np.ndarray)]
    return seen


def fingerprint(array):
    """A checksum of the bytes; None for what has none that are to be had quickly."""
    if not isinstance(array, (np.ndarray, np.generic)) or array.dtype.char not in "?bBhHiIlLqQefdFD":
        return None  # others have padding between the numbers (longdouble), or point to what they hold (object)
    return zlib.crc32(np.ascontiguousarray(array))


def changed_for(node):
    """What the rules of a node see that has other values than when the node was made; nothing for what was made outside."""
    then = prints.get(node)
    return (
        [] if then is None else [x for (x, now), before in zip(seen_by(node), then, strict=True) if fingerprint(now) != before]
    )


def error_of_oldest_change(output):
    """The exception for values that changed since the forward pass; it names the oldest: others may be views of it."""
    found = [(getattr(x, "birth", user.birth), user.birth, x, user) for user in reachable(output) for x in changed_for(user)]
    *_, changed, user = min(found, key=lambda entry: entry[:2])
    return nonfinite.error_of_change(changed, user, place_of(user))
