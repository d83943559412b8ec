"""Where a program reads the plain values of a Tensor, by .numpy(), .data, float(x) and the like: found in its text.

What is computed from them has no way back to the Tensor. While a program runs, `remember_lines()` notes where that happens;
afterwards its text is what there is to ask.
"""

from __future__ import annotations

import ast
import linecache
from typing import NamedTuple

from .definitions import Definition

METHODS = {"numpy", "detach", "item", "tolist"}
FUNCTIONS = {"float", "int", "array", "asarray", "asanyarray"}
SHOWING = {"print", "format", "append", "assert_allclose", "info"}  # who calls these wants to see a number, or to keep it


class Reading(NamedTuple):
    """A place where values are read: of what, by the last part of its name, the way, and where."""

    name: str
    way: str
    place: Definition


def readings_in(file: str) -> list[Reading]:
    """Where a file reads values and goes on with them; what is only shown, or written back to .data, does not count.

    Parameters
    ----------
    file : str
        The program.

    Returns
    -------
    list of Reading
        In the order of the text; none if the source is not to be had.
    """
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return []
    found = [Reading(name, way, place_in(file, node)) for node, name, way in readings_below(tree)]
    return sorted(found, key=lambda reading: reading.place.span[0::2])


def readings_below(tree: ast.AST) -> list[tuple[ast.expr, str, str]]:
    """(node, name, way) of what is read below a node of a syntax tree.

    >>> tree = ast.parse("print(float(L)); W.data -= 0.1 * W.grad; z = mu.numpy() + float(s)")
    >>> [(name, way) for node, name, way in readings_below(tree)]
    [('mu', '.numpy()'), ('s', 'float()')]
    """
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        if is_aside(node):
            continue
        what = reading_of(node)
        if what is not None:
            found.append((node, *what))
        waiting += reversed(list(ast.iter_child_nodes(node)))
    return found


def reading_of(node):
    """(name, way) if a node of a syntax tree reads values; else None."""
    if isinstance(node, ast.Attribute) and node.attr == "data" and isinstance(node.ctx, ast.Load):
        return name_of(node.value), ".data"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        return name_of(node.func.value), f".{node.func.attr}()"
    if isinstance(node, ast.Call) and node.args and name_of(node.func) in FUNCTIONS:
        name = name_of(node.func)
        return name_of(node.args[0]), f"{name}()" if name in ("float", "int") else f"np.{name}()"
    return None


def is_aside(node):
    """Whether values that are read below are only shown, or written back: print(...), f"...", W.data = ..., no_grad()."""
    if isinstance(node, (ast.JoinedStr, ast.Assert)):
        return True
    if isinstance(node, ast.Call):
        return name_of(node.func) in SHOWING
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(part, ast.Attribute) and part.attr in ("data", "grad") for part in targets)
    return isinstance(node, ast.With) and any("no_grad" in ast.unparse(item.context_expr) for item in node.items)


def name_of(node):
    """The last part of a name, h of self.h; empty if it is none."""
    return getattr(node, "attr", getattr(node, "id", ""))


def place_in(file, node):
    """Where a node of a syntax tree stands."""
    return Definition(file, node.lineno, (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset))
