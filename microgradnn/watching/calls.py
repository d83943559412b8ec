"""Which call of a module, or of a function of this package, a node came from: pictures frame it, and `unroll` asks."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import PYTHON_NUMBERS, Node, births
from .notes import Notes

if TYPE_CHECKING:
    from ..annotations import Function


class Call(NamedTuple):
    """One call of a module, or of a function: its nodes are those born from `first` to `last`, which is its output."""

    module: Any
    first: int
    last: int

    def contains(self, node):
        """Whether a node was made within the call."""
        return self.first < node.birth <= self.last

    def own_parameters(self):
        """set of Tensor: those leaves that the module keeps itself, and not in a module within it."""
        return {part for _, part in self.module.named_parts() if isinstance(part, Node)}


calls = Notes()  # of each output the calls of modules that returned it, inner ones first
own_calls = Notes()  # of each output the call of a function of this package whose numbers stand in its own code


def calls_of(node):
    """The calls of modules that returned this node, inner ones first."""
    return calls.get(node, ())


def with_own_numbers(function: Function) -> Function:
    """Decorate a function of this package that computes with numbers of its own, as a loss does with the 2 of d²/2.

    They stand in its code, so they are not made of the batch size, which `unroll` has to know. Of a call that is given
    numbers this cannot be said.
    """

    @wraps(function)
    def noted(*args, **kwargs):
        first = next(births)
        output = function(*args, **kwargs)
        given = any(type(x) in PYTHON_NUMBERS or isinstance(x, np.generic) for x in (*args, *kwargs.values()))
        if not given and isinstance(output, Node) and output.op is not None and output.birth > first:
            own_calls[output] = Call(function, first, output.birth)
        return output

    return noted  # type: ignore[return-value]  # which it is, but for the note
