"""Whether layers that behave otherwise in training, dropout and batch normalisation, are in the right mode."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..formulas.brief import counted
from ..graph import recording
from ..source.lines import users_place
from .finding import Finding, passes_text
from .pace import at_least, or_before

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source.lines import Place

WITH_MODES = {"Dropout", "BatchNorm"}
FAMILIAR = 20  # passes after which the lines of calls are known
FEW = 3  # passes in evaluation mode
PATIENCE = 2  # passes that may come before the one that a call belongs to


class Call(NamedTuple):
    """A call whose pass has not come yet."""

    module: Any
    output: Any  # a weak reference
    number: int  # of the pass before it
    place: Place | None
    training: bool


class Modes:
    """Notes the calls of such layers, and which of them a backward pass went through.

    Attributes
    ----------
    unused : dict
        Of each layer that was called in training mode and not gone back through: how often, and where last.
    trained_in : dict
        Of each layer: the modes in which passes went through it, as [how many in training, the numbers of those in
        evaluation, the layer, its line].
    """

    def __init__(self):
        self.seen = False  # whether there is such a layer at all
        self.without: set[type] = set()  # classes that were seen to have none
        self.pending: list[Call] = []
        self.unused: dict[int, Any] = {}
        self.trained_in: dict[int, Any] = {}

    def note_call(self, module, output, number):
        """A module was called, after so many passes."""
        if type(module).__name__ not in WITH_MODES:
            self.without.add(type(module))
        if type(module) in self.without or getattr(module, "p", 1) == 0:
            return
        self.seen = True
        recorded, training = recording.get(), module.training
        if not recorded and training and number:
            self._count(module, users_place())
        elif recorded and output.requires_grad:
            # The way to the user's line is long: it is gone while all is new, and once there was a call too many.
            place = users_place() if number < FAMILIAR or self.unused else None
            self.pending.append(Call(module, weakref.ref(output), number, place, training))

    def note_pass(self, grads, number):
        """A pass is complete: which of the calls it went through."""
        if not self.pending:
            return
        waiting = []
        for call in self.pending:
            output = call.output()
            if output is not None and output in grads:
                self._count_mode(call, number)
            elif output is not None and number - call.number <= PATIENCE:
                waiting.append(call)
            elif call.training and call.number:
                self._count(call.module, call.place)
        self.pending = waiting

    def close(self):
        """No pass will come: what is still waited for was no training. Before the first pass it was a trial."""
        for call in self.pending:
            if call.training and call.number:
                self._count(call.module, call.place)
        self.pending = []

    def _count(self, module, place):
        count, _, before = self.unused.get(id(module), (0, module, None))
        self.unused[id(module)] = count + 1, module, place or before

    def _count_mode(self, call, number):
        seen = self.trained_in.setdefault(id(call.module), [0, [], call.module, call.place])
        if call.training:
            seen[0] += 1
        else:
            seen[1].append(number)
            seen[3] = call.place or seen[3]


def modes(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Dropout and batch normalisation in the wrong mode."""
    went_through = health.modes.trained_in
    cut = any(finding.kind == "no gradient" for finding in found)
    for key, (count, module, place) in health.modes.unused.items():
        if cut and key not in went_through:  # the pass belonged to it, and could not come there
            continue
        calls = f"{at_least(health.passes)}{counted(count, 'call')}"
        text = f"{calls[0].upper()}{calls[1:]} in training mode had no backward pass: it was judged or used with its noise."
        way = "Call network.eval() before judging or using it, and network.train() afterwards."
        yield Finding("warning", "training mode", module.signature(), text, way, place)
    for training, evaluation, module, place in went_through.values():
        if len(evaluation) >= FEW and is_trained(health, module, evaluation) and (training or not has_statistics(module)):
            passes = f"{at_least(health.passes)}{passes_text(len(evaluation))}"
            since = f"since pass {evaluation[0]}{or_before(evaluation[0])}"
            first = f"{passes[0].upper()}{passes[1:]} went through it in evaluation mode, {since}"
            text = f"{first}; {training or 'none'} before, in training mode. Its network was changed all the same."
            way = "network.train() is missing after network.eval()."
            yield Finding("warning", "evaluation mode", module.signature(), text, way, place)


def is_trained(health, module, numbers):
    """Whether such passes changed the network around a layer; else their gradients were wanted for something else."""
    looks = [look for look in health.looks if look.number in numbers]
    moved = {key for look in looks for key, parameter in look.parameters.items() if parameter.ratio}
    around = [network for network in health.modules if any(part is module for part in network.modules())]
    return any(id(W) in moved for network in around for _, W in network.named_parameters())


def has_statistics(module):
    """Whether a layer keeps those of an earlier training, perhaps on purpose."""
    return hasattr(module, "running_mean") and bool(np.any(module.running_mean.data))
