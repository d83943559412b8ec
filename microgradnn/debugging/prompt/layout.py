"""How a step and other lines fit a terminal. Nothing is cut: what does not fit one row gets another.

What gives way first is decided here. A step is one row; where that is too long, its rule goes to a second one; where the first
is still too long, only number, gradient and value stay in it, and shape, operation and line get a row of their own. What is
longer than a row even so is broken, and goes on further to the right.
"""

import textwrap

import numpy as np

from ...source.expressions import file_name

MOST_PADDED = 24  # characters to which the names of gradients are padded
INDENT = "    "


def step_rows(step, width=0, names=0):
    """The rows of a step in a terminal so wide; in one row if the width is 0, which stands for a file or a pipe.

    `names` is the length that the names of gradients are padded to.
    """
    number, shape = f"{step.number:>2}", f"{np.shape(step.dx)!s}"
    where = f"{file_name(step.line[0])}:{step.line[1]}" if step.line else ""
    gradient = f"{step.name:<{min(names, MOST_PADDED)}} = {step.arithmetic}"
    rule = f"{step.op.name}: {step.rule}"
    head = f"{number}  {shape:<7} {gradient}"
    whole = f"{head}  {rule}" + (f"  ({where})" if where else "")
    if not width or len(whole) <= width:
        return [whole]
    if len(head) + 2 + len(where) + 2 <= width:
        return wrapped([f"{head}  ({where})" if where else head, f"{INDENT}{rule}"], width)
    about = "  ".join(part for part in (shape, step.op.name, where) if part)
    return wrapped([f"{number}  {step.name} = {step.arithmetic}", f"{INDENT}{about}", f"{INDENT}{step.rule}"], width)


def wrapped(rows, width):
    """Rows of which those that are longer than a terminal is wide go on in the next, further to the right.

    >>> wrapped(["    dx = dz * (1 - z * z)"], 20)
    ['    dx = dz * (1 - z', '        * z)']
    """
    if not width:
        return list(rows)
    found = []
    for row in rows:
        if len(row) <= width:
            found.append(row)
            continue
        indent = row[: len(row) - len(row.lstrip())]
        further = indent + INDENT if len(indent) + len(INDENT) < width // 2 else indent
        broken = textwrap.wrap(row.strip(), width, initial_indent=indent, subsequent_indent=further, break_on_hyphens=False)
        found += broken or [row]
    return found


def table(rows, width=0):
    """Rows of a table, each of texts, with columns as wide as their longest text; the last is not padded.

    >>> table([("a", "12", "x"), ("bcd", "3", "y")])
    ['a    12  x', 'bcd  3   y']
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)] if rows else []
    lines = ["  ".join([*(text.ljust(n) for text, n in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in rows]
    return wrapped(lines, width)
