"""Where the user's program makes what it calls by a name: the line of `W = ...`, or of `self.W = ...`."""

from __future__ import annotations

import ast
import linecache
from typing import Any, NamedTuple


class Definition(NamedTuple):
    """An assignment: the file, its line, and the span of what is assigned, as a `lines.Place` has them."""

    file: str
    line: int
    span: tuple[int | None, int | None, int | None, int | None]


def definition_of(name: str, file: str) -> Definition | None:
    """Where a file first assigns what it calls something for, to a name or attribute; of a path, hidden.W, to its first part.

    Parameters
    ----------
    name : str
        What a tensor is called.
    file : str
        The program.

    Returns
    -------
    Definition or None
        None if nothing is made for the name (`W = network.W` makes nothing), or the source is not to be had.
    """
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return None
    wanted = name.split(".")[0].split("[")[0]
    values = [value for statement in ast.walk(tree) for target, value in assigned_in(statement) if target == wanted]
    made: list[Any] = [value for value in values if any(isinstance(part, ast.Call) for part in ast.walk(value))]
    if not made:
        return None
    value = min(made, key=lambda value: value.lineno)
    return Definition(file, value.lineno, (value.lineno, value.end_lineno, value.col_offset, value.end_col_offset))


def assigned_in(statement: ast.AST) -> list[tuple[str, ast.expr]]:
    """(name, value) for what a statement assigns to names and attributes; of several, each with its own value if it has one.

    >>> [(name, ast.unparse(value)) for name, value in assigned_in(ast.parse("a, self.b = f(1), 2").body[0])]
    [('a', 'f(1)'), ('b', '2')]
    """
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return []
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    pairs: list[tuple[ast.expr, ast.expr]] = []
    for target in targets:
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        of_each = isinstance(statement.value, ast.Tuple) and len(statement.value.elts) == len(parts) and len(parts) > 1
        values = statement.value.elts if of_each else [statement.value] * len(parts)  # type: ignore[attr-defined]
        pairs += zip(parts, values, strict=True)
    named = [
        (getattr(part, "attr", getattr(part, "id", "")), value) for part, value in pairs if not isinstance(part, ast.Subscript)
    ]
    return [(name, value) for name, value in named if name]
