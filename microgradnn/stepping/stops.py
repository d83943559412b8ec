"""Breakpoints that a user types at the prompt: the conditions of `break_on`, asked of steps that were recorded."""

import numpy as np

from ..formulas.labels import label_of
from ..graph import Node
from .breakpoints import Condition, operation_names

MOST_LISTED = 5  # steps that a breakpoint is told to stop at; of more, their number


class Stops:
    """Where `continue` stops.

    Attributes
    ----------
    places : dict of str to Condition
        What was typed, and what it means.
    """

    def __init__(self, expressions):
        self.steps, self.expressions, self.places = expressions.steps, expressions, {}

    def add(self, text, position):
        """Stop at a tensor, an element, an operation, or at what is not finite; returns what is said of it."""
        condition = self.condition_of(text)
        if condition is None:
            named = ", ".join(dict.fromkeys(label_of(node.name) for node in self.expressions.nodes.values()))
            return f"{text!r} is no named tensor of this graph and no operation; named are {named}"
        self.places[text] = condition
        ahead = [str(step.number) for step in self.steps[position:] if condition.holds(step)]
        if not ahead:
            stops = "at no step ahead"
        elif len(ahead) > MOST_LISTED:
            stops = f"at {len(ahead)} steps, next at {ahead[0]}"
        else:
            stops = f"at step{'s' * (len(ahead) > 1)} {', '.join(ahead)}"
        return f"breakpoint at {text}: stops {stops}"

    def condition_of(self, text):
        """What a text means; None if it is nothing to stop at."""
        if text == "nonfinite":
            return Condition(None, None, is_not_finite)
        if text in self.expressions.nodes or text in operation_names():
            return Condition(None, None, is_called(text))
        try:
            value = self.expressions.value(text)
        except Exception:  # noqa: BLE001 - whatever the expression raises
            return None
        return Condition(value, None, None) if isinstance(value, Node) and value.requires_grad else None

    def remove(self, text):
        """Forget one, or all if none is named."""
        self.places = {place: condition for place, condition in self.places.items() if text and place != text}

    def next_after(self, position):
        """After how many steps `continue` stops; None if at none that is ahead."""
        for step in self.steps[position:]:
            if any(condition.holds(step) for condition in self.places.values()):
                return step.number
        return None


def is_called(name):
    """A function that says whether a step is one of all tensors, or of an operation, of this name."""

    def holds(step):
        return name in (step.input.name, label_of(step.input.name), step.op.name)

    return holds


def is_not_finite(step):
    """Whether a NaN or inf appears in a step."""
    return not np.isfinite(step.dx).all()
