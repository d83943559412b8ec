"""`break_on(W)`: breakpoints that a program sets in its own code, for whatever debugger is there to stop in."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING, Any

from ..errors import describe
from ..graph import Node
from ..source.lines import users_frame
from ..watching.observers import Contribution, Observer, observing
from . import debuggers
from .places import Condition, operation_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..tensor import Tensor


class Breakpoint(Condition, Observer):
    """Stops in the debugger at the contributions that it is about. `remove()` ends it."""

    session: Any = None  # where our own prompt is the debugger

    def begin(self, output, grads):
        if self.session is None and debuggers.needs_prompt():
            from .prompt.prompt import prompt_session  # which needs all that the prompt can show

            self.session = prompt_session()
            if "ipykernel" in sys.modules:
                self.session.ends_with = KeyboardInterrupt  # the kernel lives on
        if self.session is not None:
            self.session.begin(output, grads)

    def contribute(self, contribution):
        if self.session is not None:
            self.session.contribute(contribution)
        if self.holds(contribution):
            if self.session is not None:
                self.session.stop("breakpoint")
            else:
                stop_here(contribution)

    def end(self, output, grads, error):
        if self.session is not None:
            self.session.end(output, grads, error)


def stop_here(step):
    """Where the debugger stops: dz, z, xs, dx are what the rule had and gave, old + dx = new what became of it."""
    if debuggers.is_hidden(sys._getframe()):
        debuggers.stop_in_users_line(step, users_frame(sys._getframe(1)))
        return None
    z, xs = step.node.data, [x.data for x in step.node.inputs]
    dz, dx, old, new = step.dz, step.dx, step.old, step.new
    breakpoint()  # noqa: T100 - it is what break_on is for
    return z, xs, dz, dx, old, new  # `up` leads to the backward pass, and on to your own code


def break_on(
    tensor: Tensor | None = None, *, op: str | None = None, when: Callable[[Contribution], object] | None = None
) -> Breakpoint:
    """Stop in the debugger during backward passes; every debugger that `breakpoint()` opens will do.

    Without an argument it stops at every contribution, so at once at the first rule of the next pass.

    Where an editor's debugger passes over installed packages (`"justMyCode": true`), it stops at the line of yours that asked
    for the pass, with dz, z, xs and dx as variables. In a notebook without a debugger the prompt of `step_through` opens.

    Parameters
    ----------
    tensor : Tensor, optional
        Stop when a contribution to its gradient has been computed. Of an element, `W[0, 0]`, when W's gets one there. The
        output of a pass gets none: its gradient is given.
    op : str, optional
        Stop only at operations of this name, such as "tanh".
    when : callable, optional
        Stop only where `when(step)` is true; the step has node, input, dz, dx, old and new (see `Contribution`):
        `when=lambda step: step.dx.shape == (3, 3)`.

    Returns
    -------
    Breakpoint
        Its `remove()` ends it; `clear_breakpoints()` ends all.

    Raises
    ------
    ValueError
        If no operation has that name, or the tensor gets no gradient.
    TypeError
        If `tensor` is no Tensor (its name is not enough), or `when` no function.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, break_on
    >>> x = Tensor([0.0, 1.0], requires_grad=True)
    >>> stop = break_on(x, when=lambda step: not np.isfinite(step.dx).all())
    >>> (x * 2).sum().backward()    # goes through: every contribution is finite
    >>> stop.remove()
    """
    if tensor is not None and not isinstance(tensor, Node):
        raise TypeError(f"break_on takes the Tensor itself, or an operation's name as op='tanh'; it was given {tensor!r}.")
    if tensor is not None and not tensor.requires_grad:
        raise ValueError(f"break_on: {describe(tensor)} requires no gradient, so the breakpoint would never stop.")
    if when is not None and not callable(when):
        raise TypeError(f"break_on: when is a function of the step, such as lambda step: step.dx.max() > 1; not {when!r}.")
    if op is not None and op not in operation_names():
        names = sorted(operation_names())
        meant = difflib.get_close_matches(str(op).lower(), names)
        way = f"did you mean {' or '.join(meant)}?" if meant else f"there are {', '.join(names)}."
        raise ValueError(f"There is no operation {op!r}; {way}")
    return Breakpoint(tensor, op, when).watch()


def clear_breakpoints() -> None:
    """Remove all breakpoints; hooks stay.

    Examples
    --------
    >>> from microgradnn import break_on, clear_breakpoints
    >>> breakpoint_there = break_on(op="tanh")
    >>> clear_breakpoints()
    >>> breakpoint_there.remove()    # a second time does nothing
    """
    for observer in observing():
        if isinstance(observer, Breakpoint):
            observer.remove()
