"""The text of a rule: what a vjp returns, as it is written in its source."""

import ast
import copy
import inspect
import textwrap
from functools import cache, partial


def rule_text(vjp, operands, whole=False):
    """What a vjp returns for these operands, as it is written; `whole`, with what its local names stand for put in.

    >>> import numpy as np
    >>> from microgradnn.ops import Matmul
    >>> row, column = np.ones(2), np.ones(2)
    >>> rule_text(Matmul.dy, (Matmul(), 1.0, 2.0, row, column)), rule_text(Matmul.dy, (Matmul(), row, row, row, np.eye(2)))
    ('x * dz', 'x[:, None] * dz[..., None, :]')
    >>> from microgradnn.ops import MeanSquaredDistance
    >>> rule_text(MeanSquaredDistance.dx, (MeanSquaredDistance(), 1.0, 2.0, row, row), whole=True)
    'dz * -2 * (y - x) / (y - x).size'
    """
    function = vjp.func if isinstance(vjp, partial) else vjp
    definition = definition_of(function)
    names = dict(zip(inspect.signature(function).parameters, operands, strict=False))
    returned = None if definition is None else _returned(definition.body, {**function.__globals__, **names})
    if returned is not None:
        return ast.unparse(PutIn(definition.body, names).visit(copy.deepcopy(returned)) if whole else returned)
    return f"{getattr(function, '__qualname__', type(function).__name__)}(dz, …)"  # an object may be called, too


def rule_place(vjp, operands):
    """(file, first line, last line, line): where a rule is written, and which of its lines returns for these operands.

    None if its text is not to be had.
    """
    function = vjp.func if isinstance(vjp, partial) else vjp
    definition, code = definition_of(function), getattr(function, "__code__", None)
    if definition is None or code is None:
        return None
    names = dict(zip(inspect.signature(function).parameters, operands, strict=False))
    returned = _returned(definition.body, {**function.__globals__, **names})
    first, last = code.co_firstlineno, code.co_firstlineno + definition.end_lineno - 1
    return code.co_filename, first, last, first if returned is None else first + returned.lineno - 1


@cache
def definition_of(function):
    """A function's definition as a syntax tree; None if its text is not to be had (typed in at a prompt, compiled).

    Of what was compiled from a string, Python 3.13 finds the text of another one: that of `python -c`.
    """
    try:
        found = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    return found if getattr(found, "name", None) == function.__name__ else None


class PutIn(ast.NodeTransformer):
    """Puts in for a local name what it was set to, once; a parameter that is set again, such as dz with more axes, stays."""

    def __init__(self, statements, parameters):
        self.known, set_before = {}, {*parameters}
        for statement in statements:
            names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            for name in names & set_before:
                self.known.pop(name, None)
            simple = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and len(names) == 1
            if simple and not names & set_before:
                self.known[names.pop()] = self.visit(copy.deepcopy(statement.value))
            set_before |= names | self.known.keys()

    def visit_Name(self, node):
        return copy.deepcopy(self.known.get(node.id, node))


def _returned(statements, names):
    """The expression that is returned, where `if` asks for nothing but the operands' shapes."""
    for statement in statements:
        if isinstance(statement, ast.Return):
            return statement.value
        if isinstance(statement, ast.If):
            try:
                holds = eval(compile(ast.Expression(statement.test), "rule", "eval"), names)  # noqa: S307 - of an operation's rule
            except Exception:  # noqa: BLE001 - of an operation of the user's
                return None
            branch = _returned(statement.body if holds else statement.orelse, names)
            if branch is not None:
                return branch
    return None
