"""Where the user's program makes what it calls by a name: the line of `W = ...`, or of `self.W = ...`."""

from __future__ import annotations

import ast
import linecache
from typing import NamedTuple


class Definition(NamedTuple):
    """An assignment: the file, its line, and the span of what is assigned, as a `lines.Place` has them."""

    file: str
    line: int
    span: tuple[int | None, int | None, int | None, int | None]


def definition_of(name: str, file: str) -> Definition | None:
    """The first assignment in a file to a name, or to an attribute of that name; of a path, such as hidden.W, to its first part.

    Parameters
    ----------
    name : str
        What a tensor is called.
    file : str
        The program.

    Returns
    -------
    Definition or None
        None if nothing is assigned to the name, or the source is not to be had.
    """
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return None
    wanted = name.split(".")[0].split("[")[0]
    found = [statement for statement in ast.walk(tree) if wanted in assigned_in(statement)]
    if not found:
        return None
    value = min(found, key=lambda statement: statement.lineno).value
    return Definition(file, value.lineno, (value.lineno, value.end_lineno, value.col_offset, value.end_col_offset))


def assigned_in(statement: ast.AST) -> set[str]:
    """The names and attributes that a statement assigns to.

    >>> sorted(assigned_in(ast.parse("a, self.b = 1, 2").body[0]))
    ['a', 'b']
    """
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return set()
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    parts = [part for target in targets for part in (target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target])]
    return {getattr(part, "attr", getattr(part, "id", "")) for part in parts if not isinstance(part, ast.Subscript)} - {""}
