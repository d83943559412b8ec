"""What changed most between two backward passes: what `diff 57 58` at the prompt prints."""

from typing import NamedTuple

import numpy as np

from ...formulas.brief import brief
from ...formulas.labels import label_of
from ...formulas.unicode_text import number

MOST = 12  # rows


class Change(NamedTuple):
    """How much one value or gradient differs, relative to its size; infinite where that cannot be said in a number."""

    by: float
    what: str
    text: str


def changes(before, after, label_of_output):
    """How the named values and gradients of two passes differ, what changed most first; equal ones are left out."""
    earlier, later = named(before), named(after)
    found = []
    for name in [name for name in later if name in earlier]:
        x, y = earlier[name], later[name]
        found.append(change(name, before.values[x], after.values[y]))
        if x in before.gradients and y in after.gradients:
            found.append(change(f"∂{label_of_output}/∂{name}", before.gradients[x], after.gradients[y]))
    return sorted([c for c in found if c.by > 0], key=lambda c: -c.by)


def named(recorded):
    """The nodes of a pass that have a name, by what is shown of it; of those called alike the youngest."""
    nodes = sorted((node for node in recorded.values if node.name), key=lambda node: node.birth)
    return {label_of(node.name): node for node in nodes}


def change(what, x, y):
    """How an array became another."""
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape:
        return Change(np.inf, what, f"shape {x.shape} → {y.shape}")
    finite = np.isfinite(x).all(), np.isfinite(y).all()
    if finite[0] != finite[1]:
        return Change(np.inf, what, f"{brief(x)} → {brief(y)}   {'no longer' if finite[0] else 'again'} finite")
    with np.errstate(all="ignore"):
        size, difference = np.linalg.norm(np.ravel(x)), np.linalg.norm(np.ravel(y) - np.ravel(x))
        by = 0.0 if np.array_equal(x, y, equal_nan=True) else float(difference / size) if size else np.inf
    at = ""
    if by and x.size > 1:
        index = np.unravel_index(np.nanargmax(np.abs(y - x)) if finite[1] else 0, x.shape)
        at = f"   most at [{', '.join(map(str, index))}]: {number(x[index].item(), 4)} → {number(y[index].item(), 4)}"
    return Change(by, what, f"{brief(x)} → {brief(y)}{at}")


def compared(before, after, label, every=False):
    """Rows that tell what changed most between two passes."""
    loss = [number(float(np.sum(p.values[p.output])), 4) for p in (before, after)]
    head = f"pass {before.number} → {after.number}: {label} {loss[0]} → {loss[1]}"
    found = changes(before, after, label)
    told = found if every else found[:MOST]
    rows = [(c.what, f"by {number(100 * c.by, 2)}%" if np.isfinite(c.by) else "anew", c.text) for c in told]
    return head, rows, len(found) - len(told)
