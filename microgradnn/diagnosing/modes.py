"""Whether layers that behave otherwise in training, dropout and batch normalisation, are in the right mode."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

from ..graph import recording
from ..source.lines import users_place

if TYPE_CHECKING:
    from ..source.lines import Place

WITH_MODES = {"Dropout", "BatchNorm"}
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
        Of each layer: the modes in which passes went through it, as [passes in training, passes in evaluation, first of these, the layer, its line].
    """

    def __init__(self):
        self.pending: list[Call] = []
        self.unused: dict[int, Any] = {}
        self.trained_in: dict[int, Any] = {}

    def note_call(self, module, output, number):
        """A module was called, after so many passes."""
        if type(module).__name__ not in WITH_MODES or not hasattr(module, "training"):
            return
        if getattr(module, "p", 1) == 0:
            return
        if not module.training:
            if recording.get() and output.requires_grad:
                self.pending.append(Call(module, weakref.ref(output), number, users_place(), False))
            return
        if not recording.get():
            if number:
                self._count(module, users_place())
        elif output.op is not None:
            self.pending.append(Call(module, weakref.ref(output), number, users_place(), True))

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
        count = self.unused.get(id(module), (0,))[0]
        self.unused[id(module)] = count + 1, module, place

    def _count_mode(self, call, number):
        seen = self.trained_in.setdefault(id(call.module), [0, 0, 0, call.module, call.place])
        if call.training:
            seen[0] += 1
        else:
            seen[1] += 1
            seen[2], seen[4] = seen[2] or number, call.place
