"""`chain_rule(L, W[0, 0])`: where one element's gradient comes from, as a derivation, formulas, paths and a picture.

Every factor of the derivation is an ordinary backward pass between two named tensors, run once on numbers and once on
symbols (cone.py). This module multiplies, checks and writes down.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..backprop import grad, upstream
from ..errors import describe, independent
from ..formulas.brief import counted, index_text
from ..formulas.notation import LatexStyle, TextStyle, latex_element_name, latex_number, number, write
from ..formulas.symbols import Symbol, add
from ..graph import Node, reachable, recompute
from ..ops import Getitem
from .cone import Cone

if TYPE_CHECKING:
    from ..pictures.diagram import Diagram
    from ..tensor import Tensor
    from .cone import Element, Path, Paths

MOST_WRITTEN = 4  # paths that the printed derivation writes out; the rest is one line
MOST_SUMMED = 64  # paths whose formulas are added up into one


def chain_rule(output: Tensor, element: Tensor, index_base: int = 1) -> ChainRule:
    """Derive ∂(output)/∂(element) by the chain rule: through which named tensors, by which factors.

    Parameters
    ----------
    output : Tensor
        The loss: one number.
    element : Tensor
        One element of a Tensor that the output was computed from, such as W[0, 0].
    index_base : int, optional
        Where subscripts begin: W[0, 0] is W₁₁, as in mathematics; with 0 it is W₀₀, as in NumPy.

    Returns
    -------
    ChainRule
        Printed, it is the derivation.

    Raises
    ------
    RuntimeError
        If nothing that the output was computed from requires a gradient.
    TypeError
        If the output or the element is no Tensor.
    ValueError
        If the output is not one number, if `element` is not one element of a Tensor that it depends on, or if the chain
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
    """
    if not isinstance(output, Node):
        raise TypeError(f"chain_rule takes the loss as a Tensor, L and not L.item(); it was given {describe(output)}.")
    upstream(output, None)  # refuses what cannot be differentiated
    tensor, index = locate(output, element)
    return ChainRule(Cone(output, tensor, index, index_base))


def locate(output, element):
    """The tensor of output's graph that an element belongs to, and its index there: W[0, 0] is a node of its own."""
    if not isinstance(element, Node):
        raise TypeError(f"chain_rule explains one element of a Tensor, such as W[0, 0]; it was given {describe(element)}.")
    if np.size(element.data) != 1:
        example = f"{element.name or 'W'}[{', '.join('0' * len(element.shape))}]"
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
    agrees: bool
    reason: str  # what may be wrong, if it does not agree


class ChainRule:
    """The derivation of one element's gradient. `print` it, or look at its parts.

    Attributes
    ----------
    value : float
        The derivative: the sum over all paths of the product of their partials.
    paths : Paths
        All paths from the output to the element, strongest first, made when asked for; `len` counts them exactly.
    elements : list of Element
        The scalars on these paths, each with value, gradient, and partials with respect to those it is computed from.
    diagram : Diagram
        The picture of it: `.save("dL_dW11.svg")`.
    """

    value: float
    paths: Paths
    elements: list[Element]

    def __init__(self, cone: Cone) -> None:
        self.cone = cone
        self.paths = cone.paths
        self.elements = cone.elements
        self.value = cone.target.gradient

    @property
    def name(self) -> str:
        """str: such as ∂L/∂W₁₁."""
        return f"∂{self.cone.source.name}/∂{self.cone.target.name}"

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
            reason = self._changed or "from more than one backward pass, from another loss, or changed since?"
            return self._check(f"{name}.grad{at}", tensor.grad[index], 1e-9, 1e-12 * self._scale(), reason)
        with np.errstate(all="ignore"):
            value = grad(self.cone.output, tensor)[index]
        return self._check(f"grad({self.cone.names[self.cone.output]}, {name}){at}", value, 1e-9, 1e-12 * self._scale(), "")

    @cached_property
    def _changed(self):
        """What is to be said if the output would be another if it was computed now; else empty."""
        same = np.array_equal(self._output_with(0.0), self.cone.source.value, equal_nan=True)
        return "" if same else "the data has changed since the loss was computed: compute it again"

    def _scale(self):
        """How large the numbers are that the derivative is made from: terms that cancel leave their rounding behind."""
        return 1e-3 * (1 + abs(self.cone.source.value)) + sum(abs(path.value) for path in self.paths[:MOST_SUMMED])

    def _check_differences(self):
        """Central differences, with a step that suits numbers about 1, and if that fails one that suits the element."""
        cube_root = np.finfo(float).eps ** (1 / 3)
        value = self.cone.target.value
        reason = self._changed or "is there a kink, or does the function change faster than the step?"
        for step in (cube_root * max(1.0, abs(value)), cube_root * abs(value) or cube_root):
            right, left = self._output_with(step), self._output_with(-step)
            rounding = 10 * np.finfo(float).eps * max(abs(right), abs(left)) / step + 1e-9 * self._scale()
            check = self._check("finite differences", (right - left) / (2 * step), 1e-5, rounding, reason)
            if check.agrees:
                break
        return check

    def _output_with(self, shift):
        """The output, computed again with the element shifted."""
        tensor, index, output = self.cone.tensor, self.cone.index, self.cone.output
        shifted = np.array(tensor.data, dtype=float if shift else None)
        shifted[index] += shift
        with np.errstate(all="ignore"):
            return float(np.asarray(recompute(output, {tensor: shifted})[output]).item())

    def _check(self, name, value, rtol, atol, reason):
        """Compare with `value`, within the rounding of the float type that the tensor holds."""
        coarsest = np.sqrt(np.finfo(self.cone.tensor.data.dtype).eps) if self.cone.tensor.data.dtype != float else 0
        with np.errstate(invalid="ignore"):
            near = np.isclose(value, self.value, rtol=max(rtol, coarsest), atol=max(atol, coarsest), equal_nan=True)
        if not np.isfinite(value) or not np.isfinite(self.value):
            reason = "a value on the way is not a finite number"
        return Check(name, float(value), bool(near), "" if near else reason)

    # The printed form

    def __repr__(self) -> str:
        ways = counted(len(self.paths), "path")
        return f"<{self.name} = {number(self.value)}, {ways}>"

    def __str__(self) -> str:
        if len(self.paths) == 1:
            lines = _continued(self.name, self.steps(self.paths[0]))
        elif self.paths:
            lines = self._sum_of_paths()
        else:
            target, output = self.cone.target.name, self.cone.source.name
            lines = [f"{self.name} = 0: at these values, no change of {target} gets through to {output}"]
        return "\n".join(lines + self._check_lines())

    def steps(self, path: Path) -> list[str]:
        """What stands behind the equals signs for one path: names, formulas, numbers, factors, the product."""
        if not path.partials:
            return ["1"]
        style, with_values = TextStyle(index_base=self.cone.index_base), TextStyle(values=True)
        several = len(path.partials) > 1
        steps = [
            " · ".join(partial.name for partial in path.partials),
            _product([_factor(partial, style, several) for partial in path.partials]),
            _product([_factor(partial, with_values, several) for partial in path.partials]),
            _product([number(partial.value) for partial in path.partials]),
            number(path.value),
        ]
        steps = [step for i, step in enumerate(steps) if i == 0 or step != steps[i - 1]]
        return steps[1:] if steps[0] == self.name else steps

    def _written_paths(self):
        """The strongest few; of paths that carry nothing, one is enough."""
        strongest = self.paths[:MOST_WRITTEN]
        return [path for path in strongest if path.value != 0] or strongest[:1]

    def _sum_of_paths(self):
        written = self._written_paths()
        lines = [f"{self.name} = the sum over {len(self.paths):,} paths, strongest first"]
        for path in written:
            lines.append("  " + " → ".join(element.name for element in reversed(path.elements)))
            lines += ["      " + line for line in _continued("", self.steps(path))]
        rest = len(self.paths) - len(written)
        numbers = [number(path.value) for path in written]
        if rest:
            others = self.value - sum(path.value for path in written)
            lines.append(f"  and {counted(rest, 'more path')}, in total {number(others)}: all are in .paths")
            numbers.append(number(others))
        return [*lines, *_continued(self.name, [_sum(numbers), number(self.value)])]

    def _check_lines(self):
        width = max(18, *(len(check.name) for check in self.checks))
        figures = max(len(number(check.value)) for check in self.checks)
        return [
            f"{c.name:{width}}   {number(c.value):>{figures}}  "
            f"{'✓' if c.agrees else '✗'}{f'  ({c.reason})' if c.reason else ''}"
            for c in self.checks
        ]

    # LaTeX

    def latex(self) -> str:
        """The derivation in LaTeX, for maths mode: an `aligned` block, which needs the package amsmath."""
        written = self._written_paths()
        more = [r"\cdots"] if len(self.paths) > len(written) else []
        rows = [_sum([*terms, *more]) for terms in zip(*map(self._latex_steps, written), strict=False)]
        rows.append(latex_number(self.value))
        rows = [row for i, row in enumerate(rows) if i == 0 or row != rows[i - 1]]
        name = self._latex_partial(self.cone.source, self.cone.target)
        is_direct = any(len(path.partials) == 1 for path in written)  # then the first row has the name in it
        rows = rows[1:] if is_direct and len(rows) > 1 else rows
        return "\\begin{aligned}\n" + name + " &= " + " \\\\\n&= ".join(rows) + "\n\\end{aligned}"

    def _latex_steps(self, path):
        if not path.partials:
            return ["1"]
        names = [self._latex_partial(partial.of, partial.wrt) for partial in path.partials]
        styles = LatexStyle(index_base=self.cone.index_base), LatexStyle(values=True)
        named, several = list(zip(path.partials, names, strict=True)), len(names) > 1
        rows = [
            names,
            *([_factor(partial, style, several, name) for partial, name in named] for style in styles),
            [latex_number(partial.value) for partial in path.partials],
        ]
        return [_product(row, r" \cdot ") for row in rows]

    def _latex_partial(self, of, wrt):
        names, base = self.cone.names, self.cone.index_base
        above, below = (latex_element_name(names[element.tensor], element.index, base) for element in (of, wrt))
        return f"\\frac{{\\partial {above}}}{{\\partial {below}}}"

    def _repr_latex_(self):
        return f"$\\displaystyle {self.latex()}$"

    @property
    def diagram(self) -> Diagram:
        """Diagram: the picture of the derivation; `.save("dL_dW11.svg")`."""
        from ..pictures.diagram import Diagram
        from .cone_picture import cone_picture

        return Diagram(cone_picture(self))


def _factor(partial, style, among_others, name=None):
    """A partial as a factor: its formula, in brackets if it is a sum among others; its name if it has no formula."""
    formula = partial.formula
    if formula is None:
        return (name or partial.name) if not style.values else style.number(partial.value)
    written = write(formula, style)
    return style.group(written) if among_others and isinstance(formula, Symbol) and formula.head == "sum" else written


def _product(factors, times=" · "):
    """Factors with a dot between them; one that begins with a minus sign stands in brackets if another is before it."""
    return times.join([factors[0], *(f"({factor})" if factor[0] in "-−" else factor for factor in factors[1:])])


def _sum(terms):
    """Terms with a sign between them: their own minus, else a plus."""
    return terms[0] + "".join(f" {term[0]} {term[1:]}" if term[0] in "-−" else f" + {term}" for term in terms[1:])


def _continued(name, steps):
    """Lines of the form `name = step`, the equals signs below each other."""
    first = f"{name} = " if name else "  "
    return [first + steps[0], *(" " * (len(first) - 2) + "= " + step for step in steps[1:])]
