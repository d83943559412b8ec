"""The gradients of the leaves of a recorded pass against finite differences: what `microgradnn check` reports."""

from typing import NamedTuple

import numpy as np

from ..formulas.brief import index_text
from ..formulas.labels import label_of

MOST_ELEMENTS = 100  # of one leaf; of a larger one so many are drawn at random
NAN = "nan"  # the largest error, where the gradient is not finite


class Row(NamedTuple):
    """What is said of one leaf; `right` is None where it could not be checked."""

    name: str
    shape: str
    error: str
    right: bool | None
    why: str


def check_leaf(leaf, dx, again, place):
    """Compare the gradient of one leaf with a `Recomputed` pass, as a Row."""
    dx, name, shape = np.asarray(dx), label_of(leaf.name) or f"leaf {place}", str(leaf.shape)
    if dx.size == 0:
        return Row(name, shape, "", True, "no elements")
    bad = dx.size - np.count_nonzero(np.isfinite(dx))
    if bad:
        return Row(name, shape, NAN, False, f"the gradient is not finite in {bad} of {dx.size} elements")
    if again.overflowed:
        why = f"overflow: {again.overflowed} is not finite in {again.held}, where it is in double precision: compute in float64"
        return Row(name, shape, "", None, why)
    if not again.same:
        return Row(name, shape, "", None, "the data has changed since it was computed from: check before it does")
    if not np.isfinite(again.value):
        return Row(name, shape, "", None, "the output is not a finite number, so there are no differences of it")
    return compare_elements(leaf, dx, again, name, shape)


def compare_elements(leaf, dx, again, name, shape):
    """Compare every element of a gradient, or some of a large one, with differences."""
    flat = np.arange(dx.size)
    if dx.size > MOST_ELEMENTS:
        flat = np.sort(np.random.default_rng(0).choice(dx.size, MOST_ELEMENTS, replace=False))
    note = f"{len(flat)} of {dx.size:,} elements" if len(flat) < dx.size else ""
    indices, size = [tuple(map(int, np.unravel_index(i, dx.shape))) for i in flat], np.abs(dx).max()
    found = {index: again.compare(leaf, index, dx[index], size) for index in indices}
    errors = {index: abs(dx[index] - comparison.expected) for index, comparison in found.items()}
    largest = f"{max(errors.values()):.1e}"
    wrong = [index for index in indices if found[index].agrees is False]
    untold = [index for index in indices if found[index].agrees is None]
    if wrong:
        index = max(wrong, key=errors.get)
        why = f"received {dx[index]:.6g}, expected {found[index].expected:.6g} at {name}{index_text(index)}"
        return Row(name, shape, largest, False, why)
    if untold:
        return Row(name, shape, largest, None, f"at {name}{index_text(untold[0])}, {found[untold[0]].why}")
    if not dx.any():
        note = "  ".join(filter(None, [note, "the gradient is 0 in every element"]))
    return Row(name, shape, largest, True, note)


def row_of_unreached(leaf):
    """What is said of a leaf that a pass did not come to: nothing was computed, so nothing can be right."""
    return Row(label_of(leaf.name) or "a leaf", str(leaf.shape), "", None, "no gradient: the output was not computed from it")
