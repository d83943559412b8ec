"""`break_on(W)`: stop in the debugger where a gradient gets a contribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..graph import Node, Op
from ..observers import Contribution, Observer, observers

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..tensor import Tensor


class Breakpoint(Observer):
    """Stops in the debugger at the contributions that it is about. `remove()` ends it."""

    def __init__(self, tensor: Tensor | None, op: str | None, when: Callable[[Contribution], object] | None) -> None:
        self.tensor, self.op, self.when = tensor, op, when
        observers.append(self)

    def contribute(self, contribution):
        if self.tensor is not None and contribution.input is not self.tensor:
            return
        if self.op is not None and contribution.node.op.name != self.op:
            return
        if self.when is None or self.when(contribution):
            stop_here(contribution)

    def __repr__(self) -> str:
        conditions = {"tensor": self.tensor, "op": self.op, "when": self.when}
        return f"Breakpoint({', '.join(f'{key}={value!r}' for key, value in conditions.items() if value is not None)})"


def stop_here(step):
    """Where the debugger stops: dz, z, xs, dx are what the rule had and gave, old + dx = new what became of it."""
    z, xs = step.node.data, [x.data for x in step.node.inputs]
    dz, dx, old, new = step.dz, step.dx, step.old, step.new
    breakpoint()  # noqa: T100 - it is what break_on is for
    return z, xs, dz, dx, old, new  # `up` leads to the backward pass, and on to your own code


def break_on(
    tensor: Tensor | None = None, *, op: str | None = None, when: Callable[[Contribution], object] | None = None
) -> Breakpoint:
    """Stop in the debugger during backward passes; every debugger that `breakpoint()` opens will do.

    Parameters
    ----------
    tensor : Tensor, optional
        Stop when a contribution to its gradient has been computed.
    op : str, optional
        Stop only at operations of this name, such as "tanh".
    when : callable, optional
        Stop only where `when(step)` is true; the step has node, input, dz, dx, old and new (see `Contribution`).

    Returns
    -------
    Breakpoint
        Its `remove()` ends it; `clear_breakpoints()` ends all.

    Raises
    ------
    ValueError
        If neither of the three is given, or no operation has that name.
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
    if tensor is None and op is None and when is None:
        raise ValueError("break_on needs to know where: a tensor, op='tanh', or when=a function of the step.")
    if tensor is not None and not isinstance(tensor, Node):
        raise TypeError(f"break_on takes the Tensor itself, or an operation's name as op='tanh'; it was given {tensor!r}.")
    if when is not None and not callable(when):
        raise TypeError(f"break_on: when is a function of the step, such as lambda step: step.dx.max() > 1; not {when!r}.")
    if op is not None and op not in operation_names():
        import difflib

        names = sorted(operation_names())
        meant = difflib.get_close_matches(str(op).lower(), names)
        way = f"did you mean {' or '.join(meant)}?" if meant else f"there are {', '.join(names)}."
        raise ValueError(f"There is no operation {op!r}; {way}")
    return Breakpoint(tensor, op, when)


def clear_breakpoints() -> None:
    """Remove all breakpoints; hooks stay.

    Examples
    --------
    >>> from microgradnn import break_on, clear_breakpoints
    >>> breakpoint_there = break_on(op="tanh")
    >>> clear_breakpoints()
    >>> breakpoint_there in observers
    False
    """
    for observer in [observer for observer in observers if isinstance(observer, Breakpoint)]:
        observer.remove()


def operation_names():
    """set of str: the names of all operations, those of the user among them."""
    found = [Op]
    for cls in found:
        found += cls.__subclasses__()
    return {cls.name for cls in found if cls.vjps}
