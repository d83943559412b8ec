"""Derivations written down, of an element and of a matrix: what stands behind the equals signs, as formulas, text and LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..formulas.aligned import aligned
from ..formulas.brief import brief, counted
from ..formulas.formula import Code, Dots, Formula, Number, Product, Sum, summand, with_values
from ..formulas.latex import latex
from ..formulas.symbols import as_formula
from ..formulas.unicode_text import number, text
from .factors import reasons

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .cone import Path

MARKS = {True: "✓", False: "✗", None: "?"}
MOST_WRITTEN = 4  # paths that are written out; the rest is one line
MOST_ROWS = 6  # of a gradient that is printed in full


def rows_of(path: Path) -> list[Formula]:
    """The derivative along one path, five times: as partials, in names, in numbers, as numbers multiplied, as one number."""
    if not path.partials:
        return [Number(1)]
    names = [partial.as_formula() for partial in path.partials]
    formulas = [None if partial.formula is None else as_formula(partial.formula) for partial in path.partials]
    numbers: list[Formula] = [Number(partial.value) for partial in path.partials]
    return [
        chain(names),
        chain(name if formula is None else formula for name, formula in zip(names, formulas, strict=True)),
        chain(x if formula is None else with_values(formula) for x, formula in zip(numbers, formulas, strict=True)),
        chain(numbers),
        Number(path.value),
    ]


def chain(factors: Iterable[Formula]) -> Formula:
    """Factors with a dot between them."""
    first, *others = factors
    return Product("scalar", (first, *others)) if others else first


def total(terms: Iterable[Formula]) -> Formula:
    """Terms with a sign between them: a minus that one begins with, else a plus."""
    first, *others = map(summand, terms)
    return Sum((first, *others)) if others else first


def written_paths(rule):
    """The strongest few; of paths that carry nothing, one is enough."""
    strongest = rule.paths[:MOST_WRITTEN]
    return [path for path in strongest if path.value != 0] or strongest[:1]


def once(rows: Iterable[str]) -> list[str]:
    """Rows without those that say the same as the one before."""
    rows = list(rows)
    return [row for i, row in enumerate(rows) if i == 0 or row != rows[i - 1]]


# As text


def as_text(rule):
    """The derivation and its checks, line by line."""
    if rule.paths.total == 1:
        lines = continued(rule.name, rule.steps(rule.paths[0]))
    elif rule.paths:
        lines = sum_of_paths(rule)
    else:
        target, output = rule.cone.target.name, rule.cone.source.name
        lines = [f"{rule.name} = 0: at these values, no change of {target} gets through to {output}"]
    return "\n".join(lines + reasons(written_paths(rule)) + check_lines(rule) + rule.notes)


def sum_of_paths(rule):
    """The strongest paths one after the other, and their sum."""
    written = written_paths(rule)
    lines = [f"{rule.name} = the sum over {rule.paths.total:,} paths, strongest first"]
    for path in written:
        lines.append("  " + " → ".join(element.name for element in reversed(path.elements)))
        lines += ["      " + line for line in continued("", rule.steps(path))]
    rest = rule.paths.total - len(written)
    numbers = [path.value for path in written]
    if rest:
        others = rule.value - sum(numbers)
        lines.append(f"  and {counted(rest, 'more path')}, in total {number(others)}: all are in .paths")
        numbers.append(others)
    return [*lines, *continued(rule.name, [text(total(map(Number, numbers))), number(rule.value)])]


def continued(name: str, steps: list[str]) -> list[str]:
    """Lines of the form `name = step`, the equals signs below each other."""
    first = f"{name} = " if name else "  "
    return [first + steps[0], *(" " * (len(first) - 2) + "= " + step for step in steps[1:])]


def check_lines(rule):
    """The checks, one a line, in columns."""
    width = max(18, *(len(check.name) for check in rule.checks))
    figures = max(len(number(check.value)) for check in rule.checks)
    return [
        f"{c.name:{width}}   {number(c.value):>{figures}}  {MARKS[c.agrees]}{f'  ({c.reason})' if c.reason else ''}"
        for c in rule.checks
    ]


def matrix_as_text(rule):
    """The derivation in matrix form: a line for each tensor, the numbers of the last, and the checks."""
    names = [text(line.name) for line in rule.lines]
    width = max(map(len, names))
    lines = [
        f"{name:{width}} = {line.reason if line.formula is None else text(line.formula)}"
        for name, line in zip(names, rule.lines, strict=True)
    ]
    lines += [f"{'':{width}} = {row}" if i == 0 else f"{'':{width}}   {row}" for i, row in enumerate(printed(rule.value))]
    wide = max(18, *(len(name) for name, _, _ in rule.checks))
    lines += [f"{name:{wide}}   {MARKS[agrees]}{f'  ({why})' if why else ''}" for name, agrees, why in rule.checks]
    return "\n".join(lines + rule.notes)


def printed(value):
    """A gradient as rows of text: its numbers if they are few, else its range."""
    array = np.asarray(value)
    if array.ndim > 2 or array.size == 0 or array.shape[-1:] > (MOST_ROWS,) or array.shape[:1] > (MOST_ROWS,):
        return [f"{brief(array)}, of shape {array.shape}"]
    written = aligned(array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1))
    widths = [max(map(len, column)) for column in zip(*written.texts, strict=True)]
    rows = ["  ".join(f"{number:>{width}}" for number, width in zip(row, widths, strict=True)) for row in written.texts]
    front = f"{written.factor} " if written.factor else ""
    return [f"{front if i == 0 else ' ' * len(front)}[{row}]" for i, row in enumerate(rows)]


# In LaTeX


def as_latex(rule):
    """The derivation as an `aligned` block: each row is the sum of the paths' rows."""
    written = written_paths(rule)
    more = [Dots()] if rule.paths.total > len(written) else []
    sums = [total([*terms, *more]) for terms in zip(*map(rows_of, written), strict=True)]
    rows = once(map(latex, [*sums, Number(rule.value)]))
    is_direct = any(len(path.partials) == 1 for path in written)  # then the first row has the name in it
    rows = rows[1:] if is_direct and len(rows) > 1 else rows
    return block([f"{latex(rule.as_formula())} &= {rows[0]}", *(f"&= {row}" for row in rows[1:])])


def matrix_as_latex(rule):
    """The derivation in matrix form as an `aligned` block: a row for each tensor."""
    formulas = [Code(line.reason) if line.formula is None else line.formula for line in rule.lines]
    return block([f"{latex(line.name)} &= {latex(formula)}" for line, formula in zip(rule.lines, formulas, strict=True)])


def block(rows):
    """Rows below each other, as amsmath has them."""
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"
