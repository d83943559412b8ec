"""The assignment to elements that the user's program made, `x[i] = v`, rewritten as one that makes a new Tensor."""

import ast
import linecache

from .expressions import begin_of, end_of

METHODS: dict[type[ast.AST], str] = {ast.Add: "add", ast.Mult: "multiply"}


def rewritten(place):
    """The line x = x.at[i].set(v) for the assignment at a place; None if its source is not to be had.

    Of `x[i] += v` it is x = x.at[i].add(v).
    """
    if place is None or None in place.span:
        return None
    try:
        tree = ast.parse("".join(linecache.getlines(place.file)))
    except SyntaxError:
        return None
    line, last_line, column, last_column = place.span
    span = (line, column), (last_line, last_column)
    for statement in ast.walk(tree):
        for target in targets_of(statement):
            if isinstance(target, ast.Subscript) and (begin_of(target), end_of(target)) == span:
                return ast.unparse(with_new_tensor(statement, target))
    return None


def targets_of(statement):
    """What a statement assigns to, if it is one thing."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return statement.targets
    return [statement.target] if isinstance(statement, ast.AugAssign) else []


def with_new_tensor(statement, target):
    """An assignment that makes a new Tensor of one whose elements the statement assigns to.

    >>> line = ast.parse("self.h[0, 1:] -= y").body[0]
    >>> ast.unparse(with_new_tensor(line, line.target))
    'self.h = self.h.at[0, 1:].set(self.h[0, 1:] - y)'
    """
    tensor, value, method = loaded(target.value), statement.value, "set"
    if isinstance(statement, ast.AugAssign):
        method = METHODS.get(type(statement.op), "set")
        if method == "set":
            value = ast.BinOp(loaded(target), statement.op, value)
    at = ast.Subscript(ast.Attribute(tensor, "at", ast.Load()), target.slice, ast.Load())
    call = ast.Call(ast.Attribute(at, method, ast.Load()), [value], [])
    return ast.fix_missing_locations(ast.Assign([target.value], call, lineno=statement.lineno))


def loaded(target):
    """An expression that is assigned to, as one that is read."""
    return ast.parse(ast.unparse(target), mode="eval").body
