"""Graphs that take the ones before into themselves, are kept in memory, or hang on what was computed once for all."""

from __future__ import annotations

import weakref
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ..formulas.labels import label_of
from ..graph import Node, reachable
from ..source.lines import place_of
from .finding import Finding, passes_text
from .stages import is_array, label_of_node, length_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source.lines import Place

FEW = 3  # looks in a row
MANY = 8  # graphs that are in memory, before it is said that something keeps them


class Carried(NamedTuple):
    """The youngest node of a pass that was made before the pass before it."""

    name: str | None
    place: Place | None
    old: int  # nodes like it
    nodes: int  # of the pass
    label: str
    identity: tuple[int, float]  # its birth and the length of its values: if both are the same again, it is the same
    loose: bool  # whether none of the leaves behind it is known as a parameter


def carried_over(nodes: list[Any], birth: int, health: Any) -> Carried | None:
    """What a pass took over from those before; None if all was made since."""
    old = [node for node in nodes if node.op is not None and node.birth <= birth]
    if not old:
        return None
    last = old[-1]
    length = length_of(last.data) if is_array(last.data) else 0.0
    known = ids_held(health)
    loose = all(id(x) not in known for x in reachable(last) if x.op is None)
    label = attribute_of(health, last) or name_on_the_way(last) or label_of_node(last)
    return Carried(last.name, place_of(last), len(old), len(nodes), label, (last.birth, length), loose)


def ids_held(health: Any) -> set[int]:
    """The ids of all tensors that networks and optimisers hold."""
    held = [x for record in health.optimisers.values() for x in record.optimiser.parameters]
    return {id(x) for x in [*held, *(x for module in health.modules for x in module.named_tensors().values())]}


def attribute_of(health, node):
    """The name of the attribute by which a module keeps a node; None if there is none."""
    parts = [part for module in health.modules for part in module.modules()]
    return next((name for part in parts for name, x in vars(part).items() if x is node), None)


def name_on_the_way(node: Any) -> str:
    """The name of what a node is a new version of, as W of W - lr * dW; empty if there is none.

    >>> from microgradnn import Tensor
    >>> W = Tensor([1.0, 2.0], requires_grad=True, name="W")
    >>> name_on_the_way((W - 0.1 * W) - 0.1), name_on_the_way(W.sum())
    ('W', '')
    """
    shape = node.shape
    while node.op is not None and not node.name and node.op.name in ("subtract", "add", "multiply"):
        node = node.inputs[0]
    return label_of(node.name) if node.name and node.shape == shape else ""


class Kept:
    """Which of the graphs that were looked at are still in memory, and the variable that keeps them.

    Attributes
    ----------
    alive : int
        How many graphs there were: all, at the end, or as many as there ever were at once.
    keeper : tuple or None
        The name of a variable, its shape, and the line where one like it was made.
    """

    def __init__(self):
        self._first: list[Any] = []  # weak references to the oldest operation of each graph
        self.alive, self.most, self.all = 0, 0, False
        self.keeper: tuple[str, tuple[int, ...], Place | None] | None = None

    def note(self, nodes: list[Any]) -> None:
        """Remember a graph, whose nodes are given oldest first, without keeping it."""
        first = next((node for node in nodes if node.op is not None), None)
        if first is not None:
            self._first.append(weakref.ref(first))
        if len(self._first) >= MANY:
            self.most = max(self.most, len(self._living()))

    def close(self) -> None:
        """Count them. A few that are left are those of the latest passes."""
        alive = self._living()
        self.all = len(alive) == len(self._first)
        self.alive = len(alive) if self.all else self.most * (self.most >= MANY)

    def ask(self, variables: dict[str, Any]) -> None:
        """Look for the one among the variables of a program that leads to most of them."""
        alive = self._living()
        for name, value in variables.items():
            if len(alive) >= MANY and isinstance(value, Node) and value.op is not None:
                nodes = reachable(value)
                if len(alive & nodes.keys()) > len(alive) / 2:
                    like = (x for x in nodes if x.op is not None and (x.op.name, x.shape) == (value.op.name, value.shape))
                    self.keeper = name, value.shape, next((place for place in map(place_of, like) if place), None)

    def _living(self):
        return {node for node in (reference() for reference in self._first) if node is not None}


def growing(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Graphs that take the ones before into themselves, or are kept."""
    said: set[str] = set()
    for series in health.series.values():
        sizes = series.sizes[:20]
        grown = len(sizes) >= 4 and all(a < b for a, b in pairwise(sizes))
        carried = [what for _, place, what in health.carried if place == series.place and what is not None]
        if grown and len(carried) >= 2:
            named = [what for what in reversed(carried) if what.name and what.place]
            placed = [what for what in reversed(carried) if what.place]
            what, last = (named or placed or carried[-1:])[0], carried[-1]
            label = what.name or what.label
            passes = passes_text(series.numbers[-1] - series.numbers[0] + 1)
            text = (
                f"The graph grew from {sizes[0]} to {series.sizes[-1]} nodes in {passes}: "
                f"{last.old} of {last.nodes} nodes are\nfrom steps before, which each pass goes through again."
            )
            said.add("growing graph")
            yield Finding("error", "growing graph", label, text, without_history(label), what.place)
        elif len(carried) >= FEW and len({what.identity for what in carried}) == 1 and carried[0].loose:
            yield computed_once(carried)
    if health.kept.alive >= MANY and "growing graph" not in said:
        yield graphs_are_kept(health.kept)


def without_history(label):
    """The way out of carrying something on: by its name, if it has one."""
    way = f"Carry {label} on without its history: {label} = {label}.detach()."
    if " of shape " in label:
        way = "Carry it on without its history, as in h = h.detach(); of a pair of states, both."
    return f"{way}\nA weight is updated in place, which makes no new Tensor: W.data -= 0.1 * W.grad."


def computed_once(carried):
    """The finding of what was computed before the first pass, from a leaf that nobody knows."""
    first = carried[0]
    text = (
        f"It was computed once, before the first pass; in {len(carried)} looks it was the same to the bit. "
        "What it was\ncomputed from gets a gradient, and is no parameter of a network or an optimiser."
    )
    way = "Compute the values first: Tensor(0.1 * array, requires_grad=True) is a parameter, 0.1 * Tensor(...) is none."
    return Finding("warning", "no parameter", first.label, text, way, first.place)


def graphs_are_kept(kept):
    """The finding of graphs that nobody needs any more."""
    text = f"The graphs of all {kept.alive} passes that were looked at are still in memory: something keeps "
    if not kept.all:
        text = f"The graphs of {kept.alive} earlier passes and more were in memory at once: something keeps "
    if kept.keeper is None:
        way = "Keep the numbers alone: losses.append(loss.item())."
        return Finding("warning", "graphs are kept", "the losses", f"{text}the losses.", way)
    name, shape, place = kept.keeper
    way = f"Carry it on without its history: {name} = {name}.detach()."
    if shape == ():
        way = f"Add up the numbers alone: {name} += loss.item()."
    return Finding("warning", "graphs are kept", name, f"{text}them.\n{name} was computed from all of them.", way, place)
