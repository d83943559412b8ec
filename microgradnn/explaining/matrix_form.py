"""`chain_rule(L, W)` of a whole tensor: the derivation in matrix form, one line for each named tensor on the way.

Each line is what the rules of the operations say between a tensor and the next named ones, as written there, with the names of
this graph in them: ∂L/∂W = xᵀ · (∂L/∂h ⊙ (1 − h ⊙ h)). A recorded pass tells which rules ran, on arrays of which shapes.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..checking.differences import Recomputed
from ..checking.leaves import check_leaf
from ..errors import independent, operand_letters
from ..formulas import formula as tree
from ..formulas.labels import label_of
from ..formulas.operations import times_number
from ..formulas.parts import Unwritable
from ..formulas.roles import columns_among
from ..formulas.rule_formula import rule_formula
from ..formulas.spelling import formula_of
from ..formulas.unicode_text import text
from ..graph import PYTHON_NUMBERS, reachable, whole_graph
from ..passes import record
from ..source.rules import rule_text
from ..watching.changes import note_of_changes
from .cone import tell_apart
from .written import matrix_as_latex, matrix_as_text

if TYPE_CHECKING:
    from ..annotations import Array
    from ..pictures.diagram import Diagram
    from ..tensor import Tensor

LONGEST = 160  # characters of a line; a longer one is not written


class Line(NamedTuple):
    """The gradient of one named tensor: what it is called, its formula, or None and the reason, and its numbers."""

    tensor: Tensor
    name: tree.Formula
    formula: tree.Formula | None
    reason: str
    gradient: Array


class MatrixRule:
    """The derivation of a whole tensor's gradient. `print` it, or look at its parts.

    Attributes
    ----------
    lines : list of Line
        One for each named tensor from the loss to the one asked for, each with its formula and its gradient.
    value : array
        The gradient of the tensor asked for.
    notes : list of str
        What is said below it: whether a parameter has changed since.
    """

    def __init__(self, output: Tensor, tensor: Tensor) -> None:
        self.output, self.tensor = output, tensor
        nodes = reachable(output)
        if tensor not in nodes:
            raise independent(output, tensor)
        self._pass = record(output)
        self._names = {node: label_of(node.name) for node in nodes if node.name}
        self._names.setdefault(output, "L")
        self._names.setdefault(tensor, "θ")
        tell_apart(self._names)
        self.columns = columns_among(whole_graph(output))
        self.lines = _lines_to(self)
        self.value = self.lines[-1].gradient
        self.notes = note_of_changes(nodes)

    @property
    def name(self) -> str:
        """str: such as ∂L/∂W."""
        return text(self.lines[-1].name)

    @cached_property
    def checks(self) -> list[tuple[str, bool | None, str]]:
        """list of (name, whether it agrees, why not): the gradient that is there, and finite differences."""
        found: list[tuple[str, bool | None, str]] = []
        if self.tensor.grad is not None:
            near = bool(np.allclose(self.tensor.grad, self.value, equal_nan=True))
            found.append((f"{self._names[self.tensor]}.grad", near, "" if near else "from another pass, or changed since?"))
        with np.errstate(all="ignore"):
            again = Recomputed(self.output, np.ones(self.output.shape), reachable(self.output))
        row = check_leaf(self.tensor, self.value, again, 1)
        found.append(("finite differences", row.right, row.why))
        return found

    def __repr__(self) -> str:
        return f"<{self.name} of shape {self.tensor.shape}, {len(self.lines)} lines>"

    def __str__(self) -> str:
        return matrix_as_text(self)

    def latex(self) -> str:
        """The derivation in LaTeX, for maths mode: an `aligned` block, which needs the package amsmath."""
        return matrix_as_latex(self)

    def _repr_latex_(self):
        return f"$\\displaystyle {self.latex()}$"

    @property
    def diagram(self) -> Diagram:
        """Diagram: the lines with their matrices, as a slide; `.save("dL_dW.svg")`."""
        from ..pictures.diagram import Diagram
        from ..pictures.picture import Arrow, Box, Picture
        from ..pictures.picture import Line as Written
        from .matrix_sheet import MatrixSheet

        boxes = [Box(f"line_{i}", "intermediate", [Written(text(line.name), "name")]) for i, line in enumerate(self.lines)]
        arrows = [Arrow(f"line_{i + 1}", f"line_{i}", against=True) for i in range(len(self.lines) - 1)]
        return Diagram(Picture(boxes=boxes, arrows=arrows), shape="slide", compose=MatrixSheet(self))


def _lines_to(rule):
    """The lines of all named tensors between the output and the tensor of a rule."""
    found, recorded = _Formulas(rule._pass, rule._names, rule.output), rule._pass
    way = _between(rule.output, rule.tensor)
    lines = []
    for node in sorted(way, key=_birth, reverse=True):
        if node is rule.output or node not in rule._names:
            continue
        formula, reason = found.of(node)
        lines.append(Line(node, found.partial(node), formula, reason, recorded.gradients[node]))
    return lines


def _birth(node):
    return node.birth


def _between(output, tensor):
    """The nodes on a way from the output to a tensor."""
    leads = {tensor}
    for node in reversed(list(reachable(output))):
        if any(x in leads for x in node.inputs):
            leads.add(node)
    return leads


class _Formulas:
    """The gradient of each node as a formula in the gradients of the next named ones."""

    def __init__(self, recorded, names, output):
        self.names, self.output, self.known = names, output, {}
        self.recorded, self.into = recorded, {}
        for contribution in recorded.contributions:
            self.into.setdefault(contribution.input, []).append(contribution)

    def partial(self, node):
        """∂L/∂(node)."""
        return tree.Partial(tree.Name(self.names[self.output]), tree.Name(self.names[node]))

    def of(self, node):
        """The formula of a node's gradient, or None, and why."""
        try:
            for inner in self._unnamed_after(node):
                self.known[inner] = self._sum(inner)
            formula = self._sum(node)
            written = text(formula)
        except Unwritable as unwritable:
            return None, f"the rule of {unwritable} is code, and no formula"
        return (formula, "") if len(written) <= LONGEST else (None, "too long to be written in one line")

    def _unnamed_after(self, node):
        """The nodes without a name between this one and the next named ones, youngest first."""
        found, waiting = set(), [node]
        while waiting:
            for contribution in self.into.get(waiting.pop(), ()):
                after = contribution.node
                if after is not self.output and after not in self.names and after not in found:
                    found.add(after)
                    waiting.append(after)
        return sorted(found - self.known.keys(), key=_birth, reverse=True)

    def _sum(self, node):
        """All that comes into a node, added up."""
        terms = [self._term(contribution) for contribution in self.into[node]]
        return terms[0] if len(terms) == 1 else tree.Sum(tuple(map(tree.summand, terms)))

    def _term(self, contribution):
        """What one rule returns, summed where its operand was repeated."""
        node, op = contribution.node, contribution.node.op
        z, xs = self.recorded.operands(node)
        letters = operand_letters(op, len(node.inputs))
        operands = {"self": op, "dz": contribution.dz, "z": z, **dict(zip(letters, xs, strict=True))}
        names = {"dz": self._upstream(node), "z": self._name(node)}
        names |= {letter: self._name(x) for letter, x in zip(letters, node.inputs, strict=True)}
        rule = rule_text(op.vjps[contribution.position], (op, contribution.dz, z, *xs), whole=True)
        try:
            formula = without_ones(rule_formula(rule, names, operands, letters[contribution.position]))
        except Unwritable:
            formula = _uniform(contribution, names["dz"])
        if np.shape(contribution.full) == np.shape(contribution.dx):
            return formula
        extra = np.ndim(contribution.full) - np.ndim(contribution.dx)
        return tree.Call("sum", (formula, tree.Code("axis=0"))) if extra == 1 else tree.Call("sum", (formula,))

    def _upstream(self, node):
        if node is self.output:
            return tree.Number(1)
        return self.partial(node) if node in self.names else self.known[node]

    def _name(self, x):
        if type(x) in PYTHON_NUMBERS or type(getattr(x, "data", None)) in PYTHON_NUMBERS:
            return tree.signed(getattr(x, "data", x))
        return tree.Name(self.names[x]) if x in self.names else formula_of(x)


def _uniform(contribution, dz):
    """The formula of a rule that gives each element the same share of one number, as a mean does."""
    full, upstream = np.asarray(contribution.full), np.asarray(contribution.dz)
    if upstream.ndim or not full.size or not upstream or not np.all(full == full.flat[0]):
        raise Unwritable(contribution.node.op.name)
    share = Fraction(float(full.flat[0]) / float(upstream)).limit_denominator(10**6)
    if not np.isclose(float(share), full.flat[0] / upstream):
        raise Unwritable(contribution.node.op.name)
    return tree.Number(share) if dz == tree.Number(1) else times_number(tree.Number(share), dz)


def without_ones(formula):
    """A product with its numbers multiplied together, and without those that are 1.

    >>> one, two, x = tree.Number(1), tree.Number(2), tree.Name("x")
    >>> text(without_ones(tree.Product("scalar", (one, x)))), text(without_ones(tree.Product("elementwise", (two, x))))
    ('x', '2 x')
    >>> text(without_ones(tree.Product("scalar", (tree.Number(Fraction(1, 8)), tree.Product("scalar", (two, x))))))
    '(1/4) x'
    """
    if isinstance(formula, tree.Negative):
        return tree.Negative(without_ones(formula.x))
    if isinstance(formula, tree.Quotient):
        return tree.Quotient(without_ones(formula.above), formula.below, formula.sign)
    if not isinstance(formula, tree.Product):
        return formula
    numbers, others = _numbers_and_others(formula)
    number = prod(numbers)
    product = others[0] if len(others) == 1 else tree.Product(formula.sign, tuple(others)) if others else tree.Number(1)
    if abs(number) != 1:
        product = times_number(tree.Number(abs(number)), product) if others else tree.Number(abs(number))
    return tree.Negative(product) if number < 0 else product


def _numbers_and_others(product):
    """The numbers that a product begins with, in it or in its factors, and its other factors."""
    numbers, others = [1], []
    for factor in map(without_ones, product.factors):
        while isinstance(factor, tree.Negative):
            numbers.append(-1)
            factor = factor.x  # noqa: PLW2901 - what is left of it
        if isinstance(factor, tree.Number):
            numbers.append(factor.value)
        elif isinstance(factor, tree.Product) and isinstance(factor.factors[0], tree.Number):
            numbers.append(factor.factors[0].value)
            rest = factor.factors[1:]
            others.append(rest[0] if len(rest) == 1 else tree.Product(factor.sign, rest))
        else:
            others.append(factor)
    return numbers, others
