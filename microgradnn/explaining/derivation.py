"""`chain_rule(L, W[0, 0])`: where one element's gradient comes from, as a derivation, formulas, paths and a picture.

Every factor of the derivation is an ordinary backward pass between two named tensors, run once on numbers and once on
symbols (cone.py). This module multiplies, checks and writes down.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..backprop import grad, upstream
from ..checking.differences import Recomputed, epsilon
from ..errors import describe, independent
from ..formulas import formula as tree
from ..formulas.brief import counted, index_text, visible
from ..formulas.symbols import add
from ..formulas.unicode_text import number, text
from ..graph import Node, reachable
from ..ops import Getitem
from ..watching.changes import note_of_changes
from .cone import Cone
from .matrix_form import MatrixRule
from .written import as_latex, as_text, once, rows_of

if TYPE_CHECKING:
    from ..formulas.symbols import Symbol
    from ..pictures.diagram import Diagram
    from ..tensor import Tensor
    from .cone import Element, Path, Paths

MOST_SUMMED = 64  # paths whose formulas are added up into one
DATA_CHANGED = "the data has changed since the loss was computed: compute it again"
NOT_FINITE = "a value on the way is not a finite number"


def chain_rule(output: Tensor, element: Tensor, index_base: int = 1) -> ChainRule:
    """Derive ∂(output)/∂(element) by the chain rule: through which named tensors, by which factors.

    Parameters
    ----------
    output : Tensor
        The loss: one number.
    element : Tensor
        One element of a Tensor that the output was computed from, such as W[0, 0]; or a whole Tensor, such as W, for the
        derivation in matrix form.
    index_base : int, optional
        Where subscripts begin: W[0, 0] is W₁₁, as in mathematics; with 0 it is W₀₀, as in NumPy.

    Returns
    -------
    ChainRule, or MatrixRule
        Printed, it is the derivation.

    Raises
    ------
    RuntimeError
        If nothing that the output was computed from requires a gradient.
    TypeError
        If the output or the element is no Tensor.
    ValueError
        If the output is not one number, if `element` is not of a Tensor that it depends on, or if the chain
        rule would run through too many elements to write out; the message says how many, and what to do instead.

    Examples
    --------
    >>> from microgradnn import Tensor, chain_rule
    >>> x, t = Tensor([0.5, -1.0], name="x"), Tensor(1.0, name="t")
    >>> w = Tensor([0.2, 0.3], requires_grad=True, name="w")
    >>> o = (x @ w).named("o")
    >>> L = ((t - o) ** 2).named("L")
    >>> L.backward()
    >>> print(chain_rule(L, w[0]))
    ∂L/∂w₁ = ∂L/∂o · ∂o/∂w₁
           = −2(t − o) · x₁
           = −2(1 − (−0.2)) · 0.5
           = −2.4 · 0.5
           = −1.2
    w.grad[0]            −1.2  ✓
    finite differences   −1.2  ✓
    >>> print(chain_rule(L, w))
    ∂L/∂o = −2(t − o)
    ∂L/∂w = xᵀ · ∂L/∂o
          = [−1.2  2.4]
    w.grad               ✓
    finite differences   ✓
    """
    if not isinstance(output, Node):
        raise TypeError(f"chain_rule takes the loss as a Tensor, L and not L.item(); it was given {describe(output)}.")
    upstream(output, None)  # refuses what cannot be differentiated
    if isinstance(element, Node) and np.size(element.data) != 1:
        return MatrixRule(output, element)  # type: ignore[return-value]  # for whoever asks for a whole tensor
    tensor, index = locate(output, element)
    return ChainRule(Cone(output, tensor, index, index_base))


def locate(output, element):
    """The tensor of output's graph that an element belongs to, and its index there: W[0, 0] is a node of its own."""
    if not isinstance(element, Node):
        raise TypeError(f"chain_rule explains one element of a Tensor, such as W[0, 0]; it was given {describe(element)}.")
    if np.size(element.data) != 1:
        example = f"{visible(element.name or 'W')}[{', '.join('0' * len(element.shape))}]"
        raise ValueError(
            f"chain_rule explains one element; {describe(element)} has {element.size}: give it one, such as {example}."
        )
    nodes, picked = reachable(output), []
    tensor = element
    while tensor not in nodes and isinstance(tensor.op, Getitem):
        picked.append(tensor.op.index)
        tensor = tensor.inputs[0]
    if tensor not in nodes:
        raise independent(output, tensor)
    positions = np.arange(np.size(tensor.data)).reshape(tensor.shape)
    for index in reversed(picked):
        positions = positions[index]
    return tensor, tuple(int(i) for i in np.unravel_index(int(np.asarray(positions).item()), tensor.shape))


class Check(NamedTuple):
    """An independent way to the same derivative."""

    name: str
    value: float
    agrees: bool | None  # None where it cannot be told
    reason: str  # what may be wrong, if it does not agree


class ChainRule:
    """The derivation of one element's gradient. `print` it, or look at its parts.

    Attributes
    ----------
    value : float
        The derivative: the sum over all paths of the product of their partials.
    paths : Paths
        All paths from the output to the element, strongest first, made when asked for; `paths.total` is exact.
    elements : list of Element
        The scalars on these paths, each with value, gradient, and partials with respect to those it is computed from.
    diagram : Diagram
        The picture of it: `.save("dL_dW11.svg")`.
    notes : list of str
        What is said below it: whether a parameter has changed since, so that its numbers are of now, and others of before.
    """

    value: float
    paths: Paths
    elements: list[Element]
    notes: list[str]

    def __init__(self, cone: Cone) -> None:
        self.cone = cone
        self.paths = cone.paths
        self.elements = cone.elements
        self.value = cone.target.gradient
        self.notes = note_of_changes(reachable(cone.output))

    @property
    def name(self) -> str:
        """str: such as ∂L/∂W₁₁."""
        return text(self.as_formula())

    def as_formula(self) -> tree.Partial:
        """What is derived, as a formula."""
        return tree.Partial(self.cone.source.as_formula(), self.cone.target.as_formula())

    @cached_property
    def formula(self) -> Symbol | float | None:
        """Symbol, number or None: the whole derivative as one expression; None if that has too many paths or is too large."""
        if self.cone.source.path_count > MOST_SUMMED:
            return None
        formulas = [path.formula for path in self.paths]
        if any(formula is None for formula in formulas):
            return None
        total = 0
        for formula in formulas:
            total = add(total, formula)
        return total

    @cached_property
    def checks(self) -> list[Check]:
        """list of Check: the same derivative from the backward pass, and from finite differences."""
        return [self._check_backward(), self._check_differences()]

    def _check_backward(self):
        tensor, index = self.cone.tensor, self.cone.index
        name, at = self.cone.names[tensor], index_text(index)
        if tensor.grad is not None:
            changed = "from more than one backward pass, from another loss, or changed since?"
            reason = changed if self._recomputed.same else DATA_CHANGED
            return self._check_equal(f"{name}.grad{at}", tensor.grad[index], reason)
        if self.notes:  # grad refuses what has changed
            return Check(f"{name}.grad{at}", np.nan, None, DATA_CHANGED)
        with np.errstate(all="ignore"):
            value = grad(self.cone.output, tensor)[index]
        return self._check_equal(f"grad({self.cone.names[self.cone.output]}, {name}){at}", value, "")

    def _check_equal(self, name, value, reason):
        """Compare with what another backward pass gave: the same but for rounding, in the coarsest type on the way."""
        coarse = epsilon(self._recomputed.held)
        digits = 1e-9 if coarse <= epsilon(float) else np.sqrt(coarse)
        with np.errstate(invalid="ignore"):
            near = np.isclose(value, self.value, rtol=digits, atol=digits * 1e-3 * self._size, equal_nan=True)
        if not np.isfinite(value) or not np.isfinite(self.value):
            reason = NOT_FINITE
        return Check(name, float(value), bool(near), "" if near else reason)

    def _check_differences(self):
        cone, again = self.cone, self._recomputed
        found = again.compare(cone.tensor, cone.index, self.value, self._size)
        if found.agrees:
            return Check("finite differences", found.expected, True, "")
        if not np.isfinite(found.expected) or not np.isfinite(self.value):
            return Check("finite differences", found.expected, False, NOT_FINITE)
        if not again.same:
            return Check("finite differences", found.expected, None, DATA_CHANGED)
        return Check("finite differences", found.expected, found.agrees, found.why)

    @cached_property
    def _recomputed(self):
        """The loss, computed again from the values that are there now."""
        output = self.cone.output
        with np.errstate(all="ignore"):
            return Recomputed(output, np.ones(output.shape), reachable(output))

    @property
    def _size(self):
        """How large the numbers are that the derivative is made from: terms that cancel leave their rounding behind."""
        return 1 + abs(self.cone.source.value) + sum(abs(path.value) for path in self.paths[:MOST_SUMMED])

    # The printed form

    def __repr__(self) -> str:
        ways = counted(self.paths.total, "path")
        return f"<{self.name} = {number(self.value)}, {ways}>"

    def __str__(self) -> str:
        return as_text(self)

    def steps(self, path: Path) -> list[str]:
        """What stands behind the equals signs for one path: names, formulas, numbers, factors, the product."""
        steps = once(map(text, rows_of(path)))
        return steps[1:] if steps[0] == self.name else steps

    def latex(self) -> str:
        """The derivation in LaTeX, for maths mode: an `aligned` block, which needs the package amsmath."""
        return as_latex(self)

    def _repr_latex_(self):
        return f"$\\displaystyle {self.latex()}$"

    @property
    def diagram(self) -> Diagram:
        """Diagram: the picture of the derivation; `.save("dL_dW11.svg")`."""
        from ..pictures.diagram import Diagram
        from .cone_picture import cone_picture
        from .rule_sheet import sheet_of

        return Diagram(cone_picture(self), shape="auto", compose=sheet_of(self))
