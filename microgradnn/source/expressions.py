"""The expression of the user's program that asked for an operation: its text, its operands, the `where` around it.

All of it is found when a message is written, from the place that lines.py remembered. Where the source is not to be had
(typed in at a prompt, or changed since) the functions here return nothing, and the message does without.
"""

import ast
import copy
import linecache
import os
import sys

OPERATORS: dict[type[ast.AST], str] = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}
OPERATORS |= {ast.Pow: "power", ast.MatMult: "matmul", ast.USub: "negative"}
FILLS = {"exp": 0, "exp2": 0, "expm1": 0, "sinh": 0, "cosh": 0, "arcsin": 0, "arctanh": 0, "arccos": 0, "arccosh": 2}


def shown(place):
    """File and line of a place with the text of the line, and below it carets under the expression."""
    text = linecache.getline(place.file, place.line).rstrip()
    start = f"  {short_path(place.file)}:{place.line}:  "
    if not text:
        return start.rstrip().rstrip(":")
    line, last_line, column, last_column = place.span
    indent = len(text) - len(text.lstrip())
    shown_line = start + text.lstrip()
    if line != place.line or column is None:
        return shown_line
    in_bytes = text.encode()
    first = len(in_bytes[:column].decode(errors="replace"))
    last = len(in_bytes[:last_column].decode(errors="replace")) if last_line == line else len(text)
    if (first, last) == (indent, len(text)):
        return shown_line
    return f"{shown_line}\n{' ' * (len(start) + first - indent)}{'^' * (last - first)}"


def cell_of(file):
    """What a notebook's cell is called whose file this is, as `Cell In[3]`; None if it is no cell. marimo's have no numbers."""
    if "__marimo__cell_" in file:
        return "marimo's cell"
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    cell = getattr(getattr(shell, "compile", None), "format_code_name", str)(file)
    return " ".join(cell) if isinstance(cell, tuple) else None


def file_name(file):
    """A file without its folders; a notebook's cell by its number."""
    return cell_of(file) or file.rpartition(os.sep)[2]


def short_path(file):
    """A path as one would type it here; a notebook's cell by its number."""
    cell = cell_of(file)
    if cell is not None:
        return cell
    try:
        relative = os.path.relpath(file)
    except ValueError:  # pragma: no cover - on another drive, which only Windows has
        return file
    return file if relative.startswith(os.pardir) or file.startswith("<") else relative


def expressions_at(place):
    """The expressions around a place, from the outside in; the last is the one that asked for the operation."""
    if place is None or None in place.span:
        return []
    try:
        tree = ast.parse("".join(linecache.getlines(place.file)))
    except SyntaxError:
        return []
    line, last_line, column, last_column = place.span
    begin, end = (line, column), (last_line, last_column)
    around = [x for x in ast.walk(tree) if isinstance(x, ast.expr) and begin_of(x) <= begin and end <= end_of(x)]
    return around if around and (begin_of(around[-1]), end_of(around[-1])) == (begin, end) else []


def begin_of(expression):
    """Where an expression begins: (line, column)."""
    return expression.lineno, expression.col_offset


def end_of(expression):
    """Where an expression ends: (line, column)."""
    return expression.end_lineno, expression.end_col_offset


def operands_of(expression, op_name, count):
    """The operands of an expression, if it is this operation itself and not a function that calls it; else [].

    >>> [ast.unparse(x) for x in operands_of(ast.parse("a.b / np.sqrt(c)", mode="eval").body, "divide", 2)]
    ['a.b', 'np.sqrt(c)']
    """
    found = []
    if isinstance(expression, ast.BinOp) and OPERATORS.get(type(expression.op)) == op_name:
        found = [expression.left, expression.right]
    elif isinstance(expression, ast.UnaryOp) and OPERATORS.get(type(expression.op)) == op_name:
        found = [expression.operand]
    elif isinstance(expression, ast.Subscript) and op_name == "getitem":
        found = [expression.value]
    elif isinstance(expression, ast.Call) and called_name(expression) == op_name:
        found = list(expression.args)
        if len(found) < count and isinstance(expression.func, ast.Attribute):
            found = [expression.func.value, *found]  # x.log()
        found = found[:count]
    return found if len(found) == count else []


def called_name(call):
    """The last part of the name of what is called: where, for np.where(...)."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def mask_of_where(call):
    """The text of the mask of where(mask, x, y); None if the expression is no such call."""
    if isinstance(call, ast.Call) and called_name(call) == "where" and len(call.args) == 3:
        return ast.unparse(call.args[0])
    return None


def where_around(expressions):
    """The innermost where(mask, x, y) with the last expression inside of x or y, and which of them: 1 or 2. Or None."""
    for call in reversed(expressions[:-1]):
        if mask_of_where(call):
            branch = next((i for i in (1, 2) if call.args[i] in expressions), None)
            if branch:
                return call, branch
    return None


def unsafe_operand(expression, op_name, count):
    """The operand that decides whether an operation is finite: the divisor, else the first. None if it is not found."""
    operands = operands_of(expression, op_name, count)
    return operands[-1 if op_name == "divide" else 0] if operands else None


def safe_operand(operand, mask, branch, op_name, where="where"):
    """where(mask, operand, 1): the operand, and a harmless number where the branch is not taken."""
    fill = FILLS.get(op_name, 1)
    x, y = (operand, fill) if branch == 1 else (fill, operand)
    return f"{where}({mask}, {x}, {y})"


def double_where(expressions, op_name, count):
    """The where(...) around an expression, rewritten so that the branch not taken stays finite; None if there is none.

    >>> outer = ast.parse("where(x > 0, log(x), 0)", mode="eval").body
    >>> double_where([outer, outer.args[1]], "log", 1)
    'where(x > 0, log(where(x > 0, x, 1)), 0)'
    """
    found = where_around(expressions)
    operand = unsafe_operand(expressions[-1], op_name, count) if expressions else None
    if found is None or operand is None:
        return None
    call, branch = found
    where = ast.unparse(call.func)
    safe = ast.parse(safe_operand(ast.unparse(operand), ast.unparse(call.args[0]), branch, op_name, where), mode="eval").body
    return ast.unparse(Replacing(operand, safe).visit(call))


class Replacing(ast.NodeTransformer):
    """Puts one expression in the place of another, everywhere else a copy."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else super().generic_visit(copy.copy(node))
