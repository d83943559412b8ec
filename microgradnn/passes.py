"""What backward passes were: every contribution with the numbers as they were then, to be looked at later.

    record(L)      one pass from L, made for the looking at: steps, the prompt, pages and `microgradnn check` read it
    Passes()       keeps the latest passes of a program that runs, so many and so many bytes at most

What a `Pass` holds is its own: a weight that changes afterwards, or a gradient that is clipped in place, changes nothing of it.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, overload

import numpy as np

from .backprop import backpropagate, data_of, upstream
from .graph import Audience, Node, reachable, values_of, whole_graph
from .watching.changes import refuse_changed
from .watching.observers import Contribution, Observer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .annotations import Array, Operand
    from .graph import Number
    from .tensor import Tensor


class Pass:
    """One backward pass.

    Attributes
    ----------
    number : int
        Which one it was, from 1.
    output : Tensor
        Where it began.
    seed : array
        The upstream gradient there.
    values : dict of Tensor to array
        The values as they were then, of all nodes that the output was computed from.
    contributions : list of Contribution
        In order; their arrays are copies.
    gradients : dict of Tensor to array
        Those that the pass computed, youngest node first. `.grad` of a leaf may be more: it adds up over passes.
    expected : list of Tensor
        Those that get a gradient, youngest first, also while the pass still runs.
    stopped_by : str or None
        What ended it before it was complete: an exception, as text.
    line : tuple or None
        Where the program asked for it: (file, line), if that was noted.
    nbytes : int
        How much memory goes when it goes, about: arrays, contributions and the nodes of its graph.
    """

    number: int
    output: Tensor
    seed: Array
    values: dict[Node | Number, Array]
    contributions: list[Contribution]
    gradients: dict[Tensor, Array]
    expected: list[Tensor]
    stopped_by: str | None
    line: tuple[str, int] | None
    nbytes: int

    def __init__(self, number, output, grads):
        self.number, self.output, self.contributions, self.stopped_by, self.line = number, output, [], None, None
        self.expected = list(grads)
        self.nbytes = sys.getsizeof(grads) * 2
        self.values = self._values_of(whole_graph(output))
        self.seed = self._copied(values_of(grads[output]))
        self.gradients = {output: self.seed}  # while the pass runs: the latest of each node

    def _values_of(self, nodes):
        """Their values: of leaves, and views of them, copies; results are new arrays, which nobody changes."""
        values, copies = {}, {}
        for node in nodes:
            data = node.data
            if id(data) in copies:
                data = copies[id(data)]
            elif node.op is None or getattr(data, "base", None) is not None:
                data = copies[id(data)] = self._copied(data)
            else:
                self.nbytes += sys.getsizeof(data)
            self.nbytes += sys.getsizeof(node)
            values[node] = data
        return values

    def _copied(self, array):
        """An array of its own; NumPy's scalars and Python's numbers cannot change."""
        if isinstance(array, np.ndarray):
            array = array.copy(order="K")
        elif hasattr(array, "copy") and not isinstance(array, np.generic):
            array = array.copy()
        self.nbytes += max(sys.getsizeof(array), getattr(array, "nbytes", 0))
        return array

    def _kept(self, node, dz):
        """A complete gradient: the latest that was kept, unless a hook has changed it since."""
        dz, latest = values_of(dz), self.gradients.get(node)
        in_memory = isinstance(dz, (np.ndarray, np.generic))  # other arrays are perhaps not computed yet
        if not (in_memory and latest is not None and np.array_equal(latest, dz)):
            self.gradients[node] = latest = self._copied(dz)
        return latest

    def add(self, contribution: Contribution) -> None:
        """Keep a contribution, as it is now."""
        node, position, dz, full, dx, _, new = contribution
        x: Any = contribution.input
        old = self.gradients.get(x)
        kept_full = self._copied(values_of(full))
        kept_dx = kept_full if dx is full else self._copied(values_of(dx))
        kept_new = kept_dx if new is dx else self._copied(values_of(new))
        kept = Contribution(node, position, self._kept(node, dz), kept_full, kept_dx, old, kept_new)
        self.gradients[x] = kept_new
        self.contributions.append(kept)
        self.nbytes += sys.getsizeof(kept)

    def finish(self, grads: dict[Any, Any], error: BaseException | None) -> None:
        """Keep the gradients with which the pass ends."""
        self.gradients = {node: self._kept(node, dz) for node, dz in grads.items() if dz is not None}
        if error is not None:
            self.stopped_by = f"{type(error).__name__}: {error}"

    @property
    def nodes(self) -> list[Tensor]:
        """list of Tensor: those that got a gradient, in the order in which theirs were complete."""
        return list(self.gradients)

    def planned(self) -> list[tuple[Tensor, int]]:
        """All contributions of the pass, those to come among them: of each its node, and which of the inputs gets it."""
        wanted = set(self.expected)
        return [(node, i) for node in self.expected if node.op is not None for i, x in enumerate(node.inputs) if x in wanted]

    def operands(self, node: Node) -> tuple[Array, list[Array]]:
        """What a node's rules saw: z, and the list of x, y, ..."""
        return self.values[node], [self.values[x] for x in node.inputs]

    def gradients_after(self, count: int) -> dict[Tensor, Array]:
        """The gradients as they were after so many contributions; what had none yet is not in it."""
        if count >= len(self.contributions):
            return dict(self.gradients)
        found: dict[Any, Array] = {self.output: self.seed}
        for contribution in self.contributions[:count]:
            found[contribution.node] = contribution.dz  # a hook may have changed it
            found[contribution.input] = contribution.new
        return found

    def __repr__(self) -> str:
        stopped = f", stopped by {self.stopped_by}" if self.stopped_by else ""
        return f"<Pass {self.number} from {self.output!r}: {len(self.contributions)} contributions{stopped}>"


def record(output: Tensor, gradient: Operand | None = None) -> Pass:
    """One backward pass, as `output.backward(gradient)` would be; no `.grad` is touched, and no hook or observer is told.

    Parameters
    ----------
    output : Tensor
        Usually a loss: one number.
    gradient : array or number, optional
        The upstream gradient, of output's shape; needed if `output` is not one number.

    Returns
    -------
    Pass

    Raises
    ------
    RuntimeError, ValueError
        As `backward` does.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> w = Tensor(3.0, requires_grad=True)
    >>> recorded = record(w * w)
    >>> w.data -= 1
    >>> recorded.values[w], recorded.gradients[w]
    (array(3.), np.float64(6.0))
    """
    alone, passes = Audience(), Passes(last=1, limit=float("inf"))
    passes.watch(alone)
    doutput, nodes = upstream(output, gradient), reachable(output)
    refuse_changed(nodes)
    backpropagate(output, doutput, nodes, data_of, told=alone)
    return passes[0]


@contextmanager
def as_it_was(recorded, gradients):
    """Let every node's `.data` be what it was in a pass, and its `.grad` what is given; afterwards they are what they are.

    Where the values have not changed since, the array itself stays.
    """
    now = [(node, node.data, node.grad) for node in recorded.values if isinstance(node, Node)]
    try:
        for node, data, _ in now:
            then = recorded.values[node]
            if then is not data and not (isinstance(data, (np.ndarray, np.generic)) and np.array_equal(then, data)):
                node.data = then
            node.grad = np.asarray(gradients[node]) if node in gradients else None
        yield
    finally:
        for node, data, grad in now:
            node.data, node.grad = data, grad


class Passes(Observer, Sequence["Pass"]):
    """Keeps the latest backward passes of a program: those of `backward()` and of `grad()`, in any thread.

    It is a sequence of Pass, oldest first. Every pass takes a few times longer while it is kept, and its graph stays in memory
    until newer ones take its place.

    Parameters
    ----------
    last : int, optional
        How many to keep.
    limit : float, optional
        How many bytes they may take together. A pass that is larger by itself is not kept.

    Attributes
    ----------
    total : int
        How many passes there were, with those that are no longer kept.
    nbytes : int
        How many bytes they take, about.

    Raises
    ------
    ValueError
        If `last` or `limit` is less than 1.

    Examples
    --------
    >>> from microgradnn import Passes, Tensor, backward_steps, optim
    >>> w = Tensor(3.0, requires_grad=True, name="w")
    >>> descent = optim.SGD([w], lr=0.25)
    >>> with Passes(last=2) as passes:
    ...     for step in range(5):
    ...         descent.zero_grad()
    ...         (w * w).backward()
    ...         descent.step()
    >>> [(recorded.number, recorded.values[w].item()) for recorded in passes]
    [(4, 0.375), (5, 0.1875)]
    >>> backward_steps(passes[0])[-1].arithmetic
    '0.375 + 0.375 = 0.75'
    """

    def __init__(self, last: int = 10, limit: float = 256 * 2**20) -> None:
        if not (last >= 1 and limit >= 1):
            raise ValueError(f"Passes keeps at least one pass and one byte; it was given last={last!r}, limit={limit!r}.")
        self.last, self.limit, self.total = last, limit, 0
        self._kept: deque[Pass] = deque()
        self._running = threading.local()  # .stack: of this thread the passes that run, one within another, with their grads

    @property
    def nbytes(self) -> int:
        return sum(kept.nbytes for kept in tuple(self._kept))

    def begin(self, output, grads):
        self.total += 1
        if not hasattr(self._running, "stack"):
            self._running.stack = []
        self._running.stack.append((grads, Pass(self.total, output, grads)))

    def contribute(self, contribution):
        stack = getattr(self._running, "stack", None)
        if stack and stack[-1][1].nbytes <= self.limit:
            stack[-1][1].add(contribution)

    def end(self, output, grads, error):
        stack = getattr(self._running, "stack", None)
        if not stack or stack[-1][0] is not grads:
            return  # it began before this observer
        ended = stack.pop()[1]
        if ended.nbytes <= self.limit:
            ended.finish(grads, error)
            self._kept.append(ended)
        while len(self._kept) > self.last or self.nbytes > self.limit:
            self._kept.popleft()

    def keep(self, passes: Iterable[Pass]) -> None:
        """Keep passes that are over, such as those of a file, after those that are kept."""
        for ended in passes:
            self._kept.append(ended)
            self.total = max(self.total, ended.number)

    @property
    def running(self) -> Pass | None:
        """Pass or None: the innermost pass that runs now in this thread, as far as it has come."""
        stack = getattr(self._running, "stack", None)
        return stack[-1][1] if stack else None

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, i: int) -> Pass: ...
    @overload
    def __getitem__(self, i: slice) -> list[Pass]: ...
    def __getitem__(self, i: Any) -> Any:
        """The i-th of those that are kept; -1 is the latest."""
        return list(self._kept)[i]

    def __repr__(self) -> str:
        return f"<{len(self)} of {self.total} backward passes>"
