"""Finite differences: how large the step is, how near is near enough, what a kink is. Every check of a gradient asks here.

    f′(x) ≈ (f(x + h) − f(x − h)) / 2h

This is off by about h² f‴ / 6, since f is no parabola, and by about ε |f| / h, since numbers are rounded to ε of themselves.
The sum is smallest near h = ε^(1/3), so the coarsest floating-point type on the way decides the step. Where that step does
not agree, smaller ones say why: a right gradient of a function that changes fast agrees with one of them; at a kink the two
sides differ at every step; and where steps disagree with each other, differences cannot tell.
"""

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..graph import PYTHON_NUMBERS, recompute

KINK = 1e-3  # by which share the slopes to both sides differ at a kink, at least


class Comparison(NamedTuple):
    """What differences say of one number that should be a derivative."""

    agrees: bool | None  # None where they cannot tell
    expected: float  # the central difference
    left: float  # the slope to the left
    right: float  # the slope to the right
    why: str  # what keeps them from telling

    @property
    def is_kink(self):
        return self.why.startswith("a kink")


class Slope(NamedTuple):
    """The difference quotients of one step, and how far off rounding may have put them."""

    left: float
    right: float
    central: float
    rounding: float


def coarsest(*dtypes):
    """The floating-point type that holds the fewest digits; float64 if there is none.

    >>> coarsest(np.dtype("float64"), np.dtype("float32"), np.dtype("int8"))
    dtype('float32')
    """
    floats = [np.dtype(dtype) for dtype in dtypes if np.dtype(dtype).kind in "fc"]
    return max(floats, key=epsilon, default=np.dtype(float))


@cache
def epsilon(dtype):
    """The share of a number that is lost when it is rounded to a floating-point type."""
    return float(np.finfo(dtype).eps)


@cache
def smallest(dtype):
    """The smallest number that a floating-point type holds with all its digits."""
    return float(np.finfo(dtype).tiny)


def tolerance(dtype):
    """How far, relative to the derivative, a gradient and a difference may be apart if both are right."""
    return max(1e-5, 3 * np.sqrt(epsilon(dtype)))


def first_step(x, dtype):
    """The step that suits numbers about 1, and larger ones."""
    return epsilon(dtype) ** (1 / 3) * max(1.0, abs(x))


def all_steps(x, dtype, first):
    """Smaller and smaller steps; if an element is far smaller than the last one, two more that suit it."""
    steps, own = [first / 8**k for k in range(6)], epsilon(dtype) ** (1 / 3) * abs(x)
    return [*steps, 8 * own, own] if 0 < 8 * own < steps[-1] else steps


def compare(shifted, value, received, x, computed, held=None, size=0.0, step=None, rtol=None, atol=0.0):
    """Hold a derivative against differences.

    Parameters
    ----------
    shifted : callable
        shifted(h), the function's value where the element is x + h.
    value : float
        shifted(0).
    received : float
        What should be the derivative.
    x : float
        The element.
    computed : dtype
        The coarsest type in which `shifted` computes.
    held : dtype, optional
        The coarsest type in which `received` was computed, if it is another one.
    size : float, optional
        How large the numbers are that value and derivative are sums of: terms that cancel leave their rounding behind.
    step, rtol, atol : float, optional
        Another first step, another relative tolerance, and a tolerance besides.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> compare(np.exp, np.exp(0.0), 1.0, 0.0, np.dtype(float)).agrees
    True
    >>> compare(np.exp, np.exp(0.0), 1.001, 0.0, np.dtype(float)).agrees
    False
    >>> compare(np.abs, 0.0, 1.0, 0.0, np.dtype(float)).why
    'a kink: slope -1 to the left, 1 to the right'
    """
    held = computed if held is None else coarsest(computed, held)
    rtol = tolerance(held) if rtol is None else rtol
    first = first_step(x, computed) if step is None else step
    value, received, x = float(value), float(received), float(x)
    size = max(size, abs(value), smallest(computed))  # what is smaller is rounded as if it was not
    atol = atol + 100 * epsilon(held) * size

    def slope(h):
        above, below = float(shifted(h)), float(shifted(-h))
        left, right = (value - below) / h, (above - value) / h
        rounding = epsilon(computed) / h * (4 * size + 8 * max(1.0, abs(x)) * max(abs(left), abs(right)))
        return Slope(left, right, (above - below) / (2 * h), rounding)

    def is_near(found):
        return abs(received - found.central) <= atol + found.rounding + rtol * max(abs(found.central), abs(received))

    with np.errstate(all="ignore"):
        found = slope(first)
        if not np.isfinite(received):
            return Comparison(False, found.central, found.left, found.right, "")
        if is_near(found):
            return Comparison(True, found.central, found.left, found.right, "")
        slopes = [found, *map(slope, all_steps(x, computed, first)[1:])]
        errors = errors_of(slopes)
        best = int(np.argmin(errors))
        left, right, central, rounding = slopes[best]
        if np.isinf(errors[best]):
            return Comparison(None, central, left, right, "the function has no finite value near this element")
        if is_near(slopes[best]):
            return Comparison(True, central, left, right, "")
        if is_kink(*slopes[best : best + 2] if best + 1 < len(slopes) else slopes[best - 1 :]):
            why = f"a kink: slope {left:.4g} to the left, {right:.4g} to the right"
            return Comparison(None, central, left, right, why)
        unsettled = errors[best] > max(abs(central) / 2, 100 * rounding)  # as if there were a jump
        if unsettled or abs(received - central) <= 10 * errors[best]:
            why = f"differences are too coarse here to tell: {central:.4g}, give or take {errors[best]:.1g}"
            return Comparison(None, central, left, right, why)
        return Comparison(False, central, left, right, "")


def errors_of(slopes):
    """How far off each central difference may be: as far as its neighbours are from it, and by rounding."""
    apart = [abs(one.central - other.central) for one, other in pairwise(slopes)]
    errors = np.maximum([*apart, 0], [0, *apart]) + [found.rounding for found in slopes]
    return np.where(np.isfinite(errors), errors, np.inf)


def is_kink(coarser, finer):
    """Whether there are two slopes, which stay where they are at a smaller step; of a smooth function both move together."""
    apart = abs(coarser.right - coarser.left)
    stay = max(abs(coarser.left - finer.left), abs(coarser.right - finer.right)) < apart / 4
    return stay and apart > KINK * max(abs(coarser.left), abs(coarser.right)) + 10 * coarser.rounding


class Recomputed:
    """A recorded pass, run again in float64, with one element of a node shifted.

    Parameters
    ----------
    output : Tensor
        Where the pass ended.
    doutput : array
        The upstream gradient there.
    nodes : iterable of Tensor
        All that `output` was computed from and that require a gradient.
    recorded : dict of Tensor to array, optional
        The values as they were in the pass; as they are now if not given.

    Attributes
    ----------
    value : number
        ⟨doutput, output⟩, whose gradient the backward pass computes.
    computed : dtype
        The coarsest type that it was computed in: an operation that asks for another than float64 gets it.
    held : dtype
        The coarsest type in the pass as it was recorded.
    same : bool
        Whether the values are still those that were recorded.
    overflowed : str
        The first operation that recorded a NaN or inf where double precision gives none; empty if there is none.
    """

    def __init__(self, output, doutput, nodes, recorded=None):
        nodes, recorded = list(nodes), recorded or {}
        self.output, self.doutput = output, in_double(doutput)
        leaves = {x for node in nodes for x in (node, *node.inputs) if x.op is None and type(x.data) not in PYTHON_NUMBERS}
        held = {node: np.asarray(recorded.get(node, node.data)) for node in leaves}
        start = {node: in_double(x) for node, x in held.items() if x.dtype.kind in "fc"}
        self.values = start | recompute(output, start)
        self.value = self.of(self.values)
        self.size = float(np.sum(np.abs(self.doutput * self.values[output])))
        self.computed = coarsest(*(np.asarray(value).dtype for value in self.values.values()))
        self.held = coarsest(self.computed, *(node.dtype for node in nodes))
        self.overflowed = self._overflow(nodes, recorded)
        near = 1e-9 if epsilon(self.held) <= epsilon(float) else 1e-2
        self.same = np.allclose(self.values[output], recorded.get(output, output.data), rtol=near, atol=near, equal_nan=True)

    def _overflow(self, nodes, recorded):
        """Where numbers were too large for the type that they were recorded in, and only there."""
        for node in reversed(nodes):  # oldest first
            if node.op is not None and node in self.values and not np.isfinite(recorded.get(node, node.data)).all():
                return node.op.name if np.isfinite(self.values[node]).all() else ""
        return ""

    def of(self, values):
        """⟨doutput, output⟩"""
        return np.sum(self.doutput * values[self.output])

    def compare(self, node, index, received, size):
        """Hold one element of a node's gradient, made of numbers of a size, against differences."""
        array = self.values[node]

        def shifted(by):
            changed = np.array(array)
            changed[index] += by
            return self.of(recompute(self.output, {node: changed}, self.values))

        size = max(self.size, size)
        return compare(shifted, self.value, received, array[index], self.computed, self.held, size)


def in_double(x):
    """An array in double precision."""
    return np.asarray(x, complex if np.iscomplexobj(x) else float)
