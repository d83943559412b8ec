"""Values that change in place: all of them or none, and known afterwards to a graph that was computed from them.

An optimiser's step, `W -= ...`, `load` and BatchNorm's running averages change arrays that recorded operations may have used.
They do it by `put`. What a user does to `.data` is not seen here; `checked()` notices that.

Ctrl-C raises KeyboardInterrupt between any two instructions of Python. So what belongs together is computed first, and then
put in place by one loop that has no such instruction, since it runs in C.
"""

from __future__ import annotations

import operator
import weakref
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import repeat, starmap
from operator import setitem
from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe
from ..graph import births

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Any

    from ..annotations import Array
    from ..graph import Node, Number

ANYTHING = None  # what stands in `written` for all that was ever changed
# id of a Node, or of an array that owns memory -> the birth number when it was last changed
written: dict[int | None, int] = {ANYTHING: -1}
kept: ContextVar[list[tuple[Any, ...]] | None] = ContextVar("microgradnn.kept", default=None)  # see `undone`
holders: dict[int, weakref.ref[Any]] = {}  # of the same things; each ends its entry, since another may get its id


def all_at_once(changes: Iterable[tuple[Any, ...]]) -> None:
    """Make changes, each a function with its arguments, in one loop that Ctrl-C does not interrupt.

    >>> x, settings = np.zeros(2), {}
    >>> all_at_once([(setitem, x, 0, 5.0), (setitem, settings, "lr", 0.1)])
    >>> x, settings
    (array([5., 0.]), {'lr': 0.1})
    """
    back = kept.get()
    if back is not None:
        changes = list(changes)
        back.extend(map(inverse, changes))
    list(starmap(operator.call, changes))  # for a few changes quicker than what keeps no results


@contextmanager
def undone() -> Iterator[list[tuple[Any, ...]]]:
    """Put back afterwards what is changed inside, in this thread: for calls of a user's function that are not the user's.

    What it yields holds, for each change, what puts it back.
    """
    back: list[tuple[Any, ...]] = []
    token = kept.set(back)
    try:
        yield back
    finally:
        kept.reset(token)
        all_at_once(back[::-1])


def inverse(change):
    """What puts back what a change sets; of other changes, nothing."""
    function, *arguments = change
    if function is setattr:
        return setattr, *arguments[:2], getattr(*arguments[:2])
    if function is setitem:
        x, key, _ = arguments
        if isinstance(x, np.ndarray):
            return setitem, x, key, np.copy(x[key])
        return (setitem, x, key, x[key]) if key in x else (x.pop, key, None)
    return (dict,)


def set_gradients(nodes: Collection[Node], gradients: Iterable[Any]) -> None:
    """Set `.grad` of each of these nodes; where Ctrl-C comes in between, it goes on when all are set.

    For small networks a loop of statements takes half the time of one that runs in C, which is there for that case. It begins
    again at the first gradient, so that no iterator will do, but for `repeat`.
    """
    try:
        for node, dx in zip(nodes, gradients):  # noqa: B905 - which gradients may be repeat(None)
            node.grad = dx
    except BaseException:
        list(map(setattr, nodes, repeat("grad"), gradients))
        raise


def put(values: Iterable[tuple[Node, Array]], others: Iterable[tuple[Any, ...]] = ()) -> None:
    """Put new values into nodes, and make other changes with them: all or none.

    Parameters
    ----------
    values : iterable of (Tensor, array)
        Of the Tensor's shape; they go into its own memory if that can be written to. What requires no gradient may share it
        with an array of the user's, and gets the new array itself.
    others : iterable of tuple, optional
        Further changes, as `all_at_once` takes them.
    """
    changes, changed, now = list(others), {}, change_at()
    for node, new in values:
        data = node.data
        if node.requires_grad and isinstance(data, np.ndarray) and data.flags.writeable:
            changed[known(data if data.base is None else owner_of(data))] = now
            changes.append((setitem, data, ..., new if new.dtype is data.dtype else np.asarray(new, data.dtype)))
        else:
            changed[known(node)] = now
            changes.append((setattr, node, "data", new))
    all_at_once([(written.update, changed), *changes])


def subtract(nodes: Sequence[Node], steps: Sequence[Any]) -> None:
    """W −= step for each of these, in W's memory: `put`, with one array less for each."""
    arrays, now = [node.data for node in nodes], change_at()
    in_place = kept.get() is None
    for x in arrays:
        if type(x) is not np.ndarray or not x.flags.writeable:
            in_place = False
        elif x.base is None and id(x) in holders:  # as after the first step
            written[id(x)] = now
        else:
            written[known(owner_of(x))] = now
    if in_place:
        list(map(operator.isub, arrays, steps))
    else:
        put([(node, node.data - step) for node, step in zip(nodes, steps, strict=True)])


def changed_now(leaf: Node) -> None:
    """Note that a leaf was changed, after all that was computed from it until now."""
    written[known(leaf)] = change_at()


def change_at():
    """The birth number of a change that comes now. To note it too early does no harm: what is refused can be computed again."""
    now = next(births)
    if written[ANYTHING] < now:  # noqa: PLR1730 - of max() there may be two at a time, in two threads
        written[ANYTHING] = now
    return now


def known(thing):
    """The id of a thing, under which `written` may hold an entry until the thing ends."""
    key = id(thing)
    if key not in holders:
        hold(thing, key)
    return key


def hold(thing, key):
    """Let the entries of a thing end with it."""

    def forget(_):
        holders.pop(key, None)
        written.pop(key, None)

    holders[key] = weakref.ref(thing, forget)


def owner_of(array):
    """The array whose memory this one is a view of: itself, if it is none."""
    while isinstance(getattr(array, "base", None), np.ndarray):
        array = array.base
    return array


def changes_since(nodes: dict[Node, Any]) -> Iterator[tuple[Node | Number, Node]]:
    """Yield (x, node) where x has been changed after node was computed from it, the oldest node first.

    Parameters
    ----------
    nodes : dict of Tensor
        Youngest first, as `graph.reachable` gives them.
    """
    latest = written[ANYTHING]
    for node in reversed(nodes):
        if node.birth > latest:  # so are all that follow: a graph that is younger than the latest change costs nothing
            return
        for x in node.inputs:
            if x.op is None and changed_at(x) > node.birth:  # what was computed may be a view, but then of such a leaf
                yield x, node


def changed_since(node: Node) -> bool:
    """Whether anything was changed after a node was computed."""
    return written[ANYTHING] > node.birth


def changed_at(x):
    """The birth number of the time when a leaf was last changed; −1 if it never was."""
    return max(written.get(id(x), -1), written.get(id(owner_of(x.data)), -1))


def refuse_changed(nodes: dict[Node, Any]) -> None:
    """Raise RuntimeError if one of these nodes, youngest first, was computed from what has been changed since."""
    latest = written[ANYTHING]
    for oldest in reversed(nodes):
        if oldest.op is not None:
            if oldest.birth > latest:  # the usual case, which costs little
                return
            break
    for x, user in changes_since(nodes):
        op = "an operation" if user.op is None else user.op.name
        raise RuntimeError(
            f"{describe(x)} was changed after {op} had used it, and before the backward pass: by an optimiser's step, "
            "W -= ..., or load.\nGradients would mix what it was and what it is. Compute the loss anew after the change; "
            "what is carried on from before,\nsuch as a hidden state, carry on without its history: h = h.detach()."
        )


def note_of_changes(nodes: dict[Node, Any]) -> list[str]:
    """What a picture or a derivation says of such a graph, as a list of one line; an empty one if nothing has changed."""
    changed = {id(x): describe(x) for x, _ in changes_since(nodes)}
    if not changed:
        return []
    have, its = ("has", "its") if len(changed) == 1 else ("have", "their")
    return [f"{', '.join(changed.values())} {have} changed since: {its} numbers are of now, all others of before"]
