"""Expressions that a user types at the prompt: evaluated in the user's program, with the gradients as they were at a step."""

import ast

import numpy as np

from ..formulas.brief import brief
from ..formulas.typed import as_python, named_nodes


class Evaluator:
    """Evaluates expressions among the variables of a frame and the named tensors of the graph.

    Attributes
    ----------
    nodes : dict of str to Tensor
        The named tensors of the graph, oldest first, by name and by label: 0.W and W⁽¹⁾.
    """

    def __init__(self, steps, frame):
        self.steps, self.frame = steps, frame
        self.nodes = named_nodes(steps.recorded.values)

    def typed(self, expression):
        """An expression as Python reads it; the program's own variables come first."""
        variables = {} if self.frame is None else {**self.frame.f_globals, **self.frame.f_locals}
        return as_python(expression, self.nodes, variables)

    def value(self, expression):
        """The value of an expression; it may raise anything."""
        return self.typed(expression).value()

    def said(self, expression, count):
        """What the prompt says of an expression, after so many steps: its value, or why there is none."""
        typed = self.typed(expression)
        with self.steps.at(count):
            try:
                value = typed.value()
            except Exception as error:  # noqa: BLE001 - whatever the expression raises
                missing = missing_gradient(typed.python, typed.names) if "NoneType" in str(error) else None
                return f"{typed.as_typed(missing)} is not computed yet" if missing else f"{type(error).__name__}: {error}"
            if value is None and expression.endswith(".grad"):
                return "not computed yet"
            return brief(value) if isinstance(value, (np.ndarray, np.generic)) and np.size(value) > 100 else repr(value)


def missing_gradient(expression, names):
    """The gradient in an expression that is not computed yet, as it is written there, if there is one."""
    for part in ast.walk(ast.parse(expression, mode="eval")):
        if isinstance(part, ast.Attribute) and part.attr == "grad":
            try:
                if eval(ast.unparse(part), names) is None:  # noqa: S307 - a part of what the user typed
                    return ast.unparse(part)
            except Exception:  # noqa: BLE001, S112 - such as the variable of a comprehension
                continue
    return None
