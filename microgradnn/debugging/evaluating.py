"""Expressions that a user types at a stop: evaluated in the program, with values and gradients as they were at a step."""

import ast
import rlcompleter

import numpy as np

from ..errors import operand_letters
from ..formulas.brief import brief
from ..formulas.typed import as_python, named_nodes


class Evaluator:
    """Evaluates expressions among the names of a rule, the variables of a frame, and the named tensors of the graph.

    Parameters
    ----------
    steps : BackwardSteps
    frame : frame or None
        Where the program stands.
    rule : dict of str, optional
        What comes before the program's own variables: dz, z, x, ... of a step.
    others : dict of str, optional
        What comes after them.

    Attributes
    ----------
    nodes : dict of str to Tensor
        The named tensors of the graph, oldest first, by name and by label: 0.W and W⁽¹⁾.
    """

    def __init__(self, steps, frame, rule=None, others=None):
        self.steps, self.frame, self.rule, self.others = steps, frame, rule or {}, others or {}
        self.nodes = named_nodes(steps.recorded.values) if steps is not None else {}

    def variables(self):
        """What an expression sees but for tensors that are named otherwise."""
        program = {} if self.frame is None else {**self.frame.f_globals, **self.frame.f_locals}
        others = {name: value for name, value in self.others.items() if name not in self.nodes}
        return {**others, **program, **self.rule}

    def typed(self, expression):
        """An expression as Python reads it; the program's own variables come first."""
        return as_python(expression, self.nodes, self.variables())

    def value(self, expression):
        """The value of an expression; it may raise anything."""
        return self.typed(expression).value()

    def said(self, expression, count):
        """What the prompt says of an expression, after so many steps: its value, or why there is none."""
        if self.steps is None:
            return self._said(self.typed(expression), expression)
        with self.steps.at(count):
            return self._said(self.typed(expression), expression)

    def _said(self, typed, expression):
        try:
            value = typed.value()
        except Exception as error:  # noqa: BLE001 - whatever the expression raises
            missing = missing_gradient(typed.python, typed.names) if "NoneType" in str(error) else None
            return f"{typed.as_typed(missing)} is not computed yet" if missing else f"{type(error).__name__}: {error}"
        if value is None and expression.endswith(".grad"):
            return "not computed yet"
        return shown(value)

    def execute(self, statement):
        """Run a statement in the program, as it is today; it may raise anything.

        What is assigned to a variable stays in the frame. Names of the rule cannot be assigned: they tell what happened.
        """
        tree = ast.parse(statement, "<typed>")
        assigned = {x.id for x in ast.walk(tree) if isinstance(x, ast.Name) and isinstance(x.ctx, (ast.Store, ast.Del))}
        if assigned & self.rule.keys():
            name = min(assigned & self.rule.keys())
            raise NameError(
                f"{name} tells what the rule had, and cannot be changed; a hook changes gradients: W.register_hook(f). "
                "`up` leads to your program's variables"
            )
        if self.frame is None:
            raise NameError("there is no program to run a statement in")
        variables, own = self.frame.f_locals, self.frame.f_globals
        before = {name: variables[name] for name in self.rule if name in variables}
        variables.update(self.rule)
        try:
            exec(compile(tree, "<typed>", "exec"), own, variables)  # noqa: S102 - as the user asked
        finally:
            for name in self.rule:
                variables.pop(name, None)
            variables.update(before)
            keep_locals(self.frame)


def keep_locals(frame):
    """Let a function's variables be what was assigned to in its `f_locals`, which before Python 3.13 is a copy."""
    try:
        import ctypes

        to_fast = ctypes.pythonapi.PyFrame_LocalsToFast
    except (ImportError, AttributeError):  # pragma: no cover - not CPython
        return
    to_fast(ctypes.py_object(frame), ctypes.c_int(0))


def rule_names(step):
    """What a rule had and gave, by the names that it is written in: dz, z, x, ..., dx; old + dx = new; and the Step itself.

    They are read-only views, since they tell what happened. Of every step, `step.dx` is the contribution.
    """
    letters = operand_letters(step.op, len(step.xs))
    found = {"dz": step.dz, "z": step.z, **dict(zip(letters, step.xs, strict=True)), f"d{step.letter}": step.dx}
    if step.old is not None:
        found |= {"old": step.old, "new": step.new}
    return {name: read_only(value) for name, value in found.items() if value is not None} | {"step": step}


def is_finite(array):
    """Whether there is neither NaN nor inf in an array."""
    return bool(np.isfinite(array).all())


def read_only(array):
    """A view of an array that cannot be written to; what is no array is itself."""
    if not isinstance(array, np.ndarray):
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def shown(value):
    """A value in a line or a few: of a large array its range."""
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


def attributes_that_begin_so(text, names):
    """The attributes that `text`, such as "L.gr", may go on to; not those that are there to say that there are none.

    >>> from microgradnn import Tensor
    >>> attributes_that_begin_so("L.grad", {"L": Tensor(1.0)})  # and not grad_fn, of which a message says what it is here
    ['L.grad']
    """
    matches = rlcompleter.Completer(names).attr_matches(text)
    if not matches:
        return []
    thing = eval(text.rpartition(".")[0], names)  # noqa: S307 - as the completer has just done
    return [match for match in matches if hasattr(thing, match.rpartition(".")[2].rstrip("()"))]
