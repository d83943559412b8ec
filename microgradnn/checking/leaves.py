"""The gradients of the leaves of a recorded pass against finite differences: what `microgradnn check` reports."""

from typing import NamedTuple

import numpy as np

from ..formulas.brief import index_text
from ..graph import recompute

MOST_ELEMENTS = 100  # of one leaf; of a larger one so many are drawn at random


NAN = "nan"  # the largest error, where the gradient is not finite


STEP = np.finfo(float).eps ** (1 / 3)  # where rounding and truncation of central differences are about equal


class Row(NamedTuple):
    """What is said of one leaf; `right` is None where it could not be checked."""

    name: str
    shape: str
    error: str
    right: bool | None
    why: str


def in_double(x):
    """An array in double precision."""
    return np.asarray(x, complex if np.iscomplexobj(x) else float)


class Again:
    """The recorded operations, run again in float64 with one element of a leaf shifted.

    Attributes
    ----------
    exact : bool
        Whether all of it was computed in float64; an operation that asks for another dtype keeps it from that.
    """

    def __init__(self, output, doutput, nodes):
        self.output = output
        self.doutput = in_double(doutput)
        constants = {x for node in nodes for x in node.inputs if x.op is None and not x.requires_grad}
        self.start = {
            node: in_double(node.data)
            for node in (*constants, *(node for node in nodes if node.op is None))
            if np.asarray(node.data).dtype.kind in "fc"
        }
        computed = recompute(output, self.start)
        self.exact = all(np.asarray(value).dtype in (float, complex) for value in computed.values())
        self.value = self.of(computed)
        tolerance = 1e-9 if all(node.data.dtype == np.float64 for node in nodes) else 1e-2
        self.same = np.allclose(computed[output], output.data, rtol=tolerance, atol=tolerance, equal_nan=True)

    def of(self, values):
        """⟨doutput, output⟩, the number whose gradient a backward pass computes."""
        return np.sum(self.doutput * values[self.output])

    def shifted(self, leaf, index, by):
        """That number with one element of a leaf shifted."""
        array = self.start[leaf].copy()
        array[index] += by
        return self.of(recompute(self.output, {**self.start, leaf: array}))


def check_leaf(leaf, dx, again, place):
    """Compare the gradient of one leaf, as a Row."""
    dx, name, shape = np.asarray(dx), leaf.name or f"leaf {place}", str(leaf.shape)
    if dx.size == 0:
        return Row(name, shape, "", True, "no elements")
    if np.iscomplexobj(dx) or np.iscomplexobj(again.doutput):
        return Row(name, shape, "", None, "complex numbers are not compared with differences")
    bad = dx.size - np.count_nonzero(np.isfinite(dx))
    if bad:
        return Row(name, shape, NAN, False, f"the gradient is not finite in {bad} of {dx.size} elements")
    if not again.exact:
        return Row(
            name, shape, "", None, "an operation asks for another type than float64, where differences are mostly rounding"
        )
    if not again.same:
        return Row(name, shape, "", None, "the data has changed since it was computed from: check before it does")
    if not np.isfinite(again.value):
        return Row(name, shape, "", None, "the output is not a finite number, so there are no differences of it")
    return compare(leaf, dx, again, name, shape)


def compare(leaf, dx, again, name, shape):
    """Compare every element of a gradient, or some of a large one, with differences."""
    flat = np.arange(dx.size)
    if dx.size > MOST_ELEMENTS:
        flat = np.sort(np.random.default_rng(0).choice(dx.size, MOST_ELEMENTS, replace=False))
    note = f"{len(flat)} of {dx.size:,} elements" if len(flat) < dx.size else ""
    rounding = 1e-5 if dx.dtype == np.float64 else 10 * np.sqrt(np.finfo(dx.dtype).eps)
    worst, errors, kinks = None, [], []
    for index in (np.unravel_index(i, dx.shape) for i in flat):
        step = STEP * max(1.0, abs(float(leaf.data[index])))
        right = (again.shifted(leaf, index, step) - again.value) / step
        left = (again.value - again.shifted(leaf, index, -step)) / step
        error = abs(float(dx[index]) - (right + left) / 2)
        errors.append(error)
        if error <= rounding * (1 + abs(right + left) / 2):
            continue
        if abs(right - left) > 1e-2 * (1e-3 + max(abs(right), abs(left))):
            kinks.append((index, left, right))
        elif worst is None or error > worst[0]:
            worst = error, index, (right + left) / 2
    largest = f"{max(errors):.1e}"
    if worst is not None:
        at = index_text(worst[1])
        return Row(name, shape, largest, False, f"received {dx[worst[1]]:.6g}, expected {worst[2]:.6g} at {name}{at}")
    if kinks:
        index, left, right = kinks[0]
        at = index_text(index)
        return Row(name, shape, largest, None, f"a kink at {name}{at}: slope {left:.4g} to the left, {right:.4g} to the right")
    return Row(name, shape, largest, True, note)
