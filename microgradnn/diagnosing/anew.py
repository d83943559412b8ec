"""Layers that are made anew for each pass: what one pass taught them is gone in the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import Node
from ..source.lines import users_place
from .finding import Finding, passes_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source.lines import Place


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


def is_copy(parameters, others):
    """Whether each parameter has the values of another one, as those of a network that was copied for a few steps."""
    return all(any(np.array_equal(W.data, other.data) for other in others if other is not W) for W in parameters)


def made_anew(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Layers that were made anew at two passes in a row, or more."""
    for signature, place, passes in health.anew.seen.values():
        if len(passes) >= 2:
            text = f"It was made anew, with other weights, for each of {passes_text(len(passes))}: no optimiser knows it."
            way = "Make it once, in __init__ as an attribute of the network, or before the loop; forward only calls it."
            yield Finding("error", "no parameter", signature, text, way, place)
