"""Layers that are made anew for each pass: what one pass taught them is gone in the next."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import Node
from ..source.definitions import definition_of
from ..source.lines import users_place
from .finding import Finding, passes_text
from .pace import FIRST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source.lines import Place


MANY_NETWORKS = 5  # one after the other, before something is said
FEW_PASSES = 20  # with each: who tries folds or restarts trains each for longer


class Anew(NamedTuple):
    """Layers that were called at one line, and the passes since which they had been made."""

    signature: str
    place: Place | None
    passes: set[int]


class MadeAnew:
    """Notes calls of layers that are younger than the pass before."""

    def __init__(self):
        self.seen: dict[Any, Anew] = {}

    def note_call(self, module: Any, number: int, birth: int, named: dict[str, Any]) -> None:
        """A module was called after so many passes, the last of which ended with a node of that birth."""
        own = [x for x in vars(module).values() if isinstance(x, Node) and x.requires_grad and x.op is None]
        if number and own and all(x.birth > birth for x in own) and not is_copy(own, named.values()):
            signature, place = module.signature(), users_place()
            self.seen.setdefault((signature, place), Anew(signature, place, set())).passes.add(number)


def networks_anew(health: Any) -> Iterator[Finding]:
    """A network that is made again and again, and trained for a few passes each time: in a loop over epochs, it seems."""
    for series in health.series.values():
        sets = [{key for key in look.parameters if isinstance(key, int)} for look in series.looks]
        changes = sum(a.isdisjoint(b) for a, b in pairwise(sets))
        if changes + 1 < MANY_NETWORKS or changes < 0.5 * (len(sets) - FIRST):
            continue
        first, last = ({health.paths.get(key, "") for key in keys} for keys in (sets[0], sets[-1]))
        each = (series.numbers[-1] - series.numbers[0] + 1) / (changes + 1)
        if first and first == last and "" not in first and each <= FEW_PASSES:
            label = min(first)
            name, _, rest = label.partition(".")
            if any(path.endswith(f".{rest}") and not path.startswith(f"{name}.") for path in health.paths.values()):
                continue  # there is another network like it, of which these may be copies
            text = (
                f"{changes + 1} networks or more were seen in {passes_text(series.numbers[-1])}, "
                f"each with weights of its own, trained for {each:.0f} passes or fewer on average:\n"
                "what one has learnt, the next does not know."
            )
            way = f"Make {name} once, before the loop, and its optimiser, too; for folds or restarts this is right."
            yield Finding("hint", "made anew", name, text, way, place_of_definition(health, label))


def place_of_definition(health, label):
    """Where the program makes what a path begins with."""
    files = dict.fromkeys(series.place.file for series in health.series.values())
    return next((place for place in (definition_of(label, file) for file in files) if place is not None), None)


def is_copy(parameters, others):
    """Whether each parameter has the values of another one, as those of a network that was copied for a few steps."""
    return all(any(np.array_equal(W.data, other.data) for other in others if other is not W) for W in parameters)


def made_anew(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Layers that were made anew at two passes in a row, or more; and networks, later."""
    yield from networks_anew(health)
    for signature, place, passes in health.anew.seen.values():
        if len(passes) >= 2:
            text = f"It was made anew, with other weights, for each of {passes_text(len(passes))}: no optimiser knows it."
            way = "Make it once, in __init__ as an attribute of the network, or before the loop; forward only calls it."
            yield Finding("error", "no parameter", signature, text, way, place)
