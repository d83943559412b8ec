"""The cone of scalars between a loss and one element of a tensor: who passes how much gradient to whom.

The tensor graph says that L depends on h and h on W. The cone says that ∂L/∂W₁₁ comes through h₁ alone. Its elements
are the scalars of *named* tensors; its partials are the derivatives between them. What lies between two named tensors
is multiplied together, by an ordinary backward pass that begins at the one and ends at the other.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count
from math import prod
from typing import TYPE_CHECKING, overload

import numpy as np

from ..backprop import backpropagate, between, data_of
from ..errors import describe
from ..formulas import formula as tree
from ..formulas.brief import counted, index_text
from ..formulas.labels import label_of
from ..formulas.signs import SUPERSCRIPTS
from ..formulas.spelling import UNSPELLABLE, SymbolReader, formula_of, spell
from ..formulas.symbols import Limit, Symbol, as_formula, length_of, symbols
from ..formulas.unicode_text import number, text
from ..graph import birth_of, recompute

if TYPE_CHECKING:
    from typing import Any

    from ..annotations import Shape
    from ..formulas.formula import Formula
    from ..tensor import Tensor

MOST_ELEMENTS = 4000  # each costs two backward passes through a part of the graph
LONGEST_FORMULA = 200  # names and numbers; beyond it, nobody reads a formula
MOST_WRITTEN = 1_000_000  # names and numbers that may be written on the way to the formulas of one element


class Element:
    """One number inside a named tensor of the cone."""

    tensor: Tensor
    index: Shape
    value: float
    gradient: float
    partials: dict[Element, Partial]

    def __init__(self, cone, tensor, index):
        self.cone, self.tensor, self.index = cone, tensor, index
        self.value = float(np.asarray(tensor.data)[index])
        self.gradient = 0.0  # ∂L/∂(this)
        self.partials = {}  # for each element that this one is computed from, the derivative: a Partial
        self.path_count = 0  # how many paths lead from here to the target
        self.tangent = 0.0  # ∂(this)/∂(target): the sum over them of the product of their partials
        self.strongest = 0.0  # the largest |product| of partials along one of them

    @property
    def name(self) -> str:
        """str: such as W₁₁."""
        return text(self.as_formula())

    def as_formula(self) -> Formula:
        """What it is called, as a formula."""
        label, base = self.cone.labels[self.tensor], self.cone.index_base
        return as_formula(Symbol.named(label, self.index, self.value, index_base=base))

    def __repr__(self) -> str:
        return f"{self.name} = {number(self.value)}"


class Partial:
    """The derivative of one element of the cone with respect to one that it is computed from."""

    def __init__(self, of: Element, wrt: Element, value: float) -> None:
        self.of, self.wrt, self.value = of, wrt, value

    @property
    def name(self) -> str:
        """str: such as ∂h₁/∂W₁₁."""
        return text(self.as_formula())

    def as_formula(self) -> tree.Partial:
        """What it is called, as a formula."""
        return tree.Partial(self.of.as_formula(), self.wrt.as_formula())

    @property
    def contribution(self) -> float:
        """float: how much of ∂L/∂(target) flows through here: the sum over all paths that do."""
        return self.of.gradient * self.value * self.wrt.tangent

    @property
    def formula(self) -> Symbol | float | None:
        """Symbol, number or None: the derivative as an expression; None where finding it would be too much work."""
        return self.of.cone.formulas(self.of).get(self.wrt)

    def __repr__(self) -> str:
        return f"{self.name} = {number(self.value)}"


class Cone:
    """The elements of named tensors on the paths from `output`, which is one number, to one element of `tensor`.

    Attributes
    ----------
    elements : list of Element
        From the output to the target: each before all that it is computed from.
    source, target : Element
        The output, and the element asked for.
    paths : Paths
        All paths from source to target, strongest first.
    """

    def __init__(self, output, tensor, index, index_base=1):
        self.output, self.tensor, self.index, self.index_base = output, tensor, index, index_base
        self.nodes = between(output, [tensor])
        self.names = {node: label_of(node.name) for node in self.nodes if node.name}
        self.names.setdefault(output, "L")
        self.names.setdefault(tensor, "θ" if tensor.is_leaf else spell(tensor))
        tell_apart(self.names)
        spelled = {} if tensor.name or tensor.is_leaf or tensor is output else {tensor: formula_of(tensor)}
        self.labels = self.names | spelled
        self._read, self._segments, self._formulas = SymbolReader(self.labels, index_base), {}, {}
        self._depends = self._elements_that_depend_on_target()
        self.elements = self._grow()
        self.source, self.target = self.elements[0], self.elements[-1]
        self._pass_gradients_down()
        self._pass_paths_up()
        self.paths = Paths(self.source, self.target)

    @property
    def tensors(self) -> list[Tensor]:
        """list of Tensor: the named ones, from the output to the target's."""
        return [node for node in self.nodes if node in self.names]

    def _elements_that_depend_on_target(self):
        """For each tensor, which elements depend on the target: put NaN there, run forward, and see where it arrives.

        Where an operation leaves NaN out, as nanmean does, a change arrives nevertheless: so another number is put there, too.
        """
        with np.errstate(all="ignore"):
            values = recompute(self.output, {self.tensor: self._with_target(np.nan)}, unknown=True)
            others = recompute(self.output, {self.tensor: self._with_target(self.tensor.data[self.index] + 1e-3)}, unknown=True)
        depends = {
            node: np.isnan(np.asarray(value)) | (np.asarray(others[node]) != node.data) & np.isfinite(node.data)
            for node, value in values.items()
        }
        if self.output not in depends or not depends[self.output].any():
            raise ValueError(
                f"The output, {describe(self.output)}, does not depend on element {index_text(self.index) or '()'} of "
                f"{describe(self.tensor)}: no recorded operation carries that element on to it.\n"
                "At these values, an index, a where or the like may have left it out."
            )
        depends[self.tensor] = np.zeros(np.shape(self.tensor.data), bool)
        depends[self.tensor][self.index] = True
        self._refuse_if_too_large({node: int(depends[node].sum()) for node in self.tensors if node in depends})
        return depends

    def _with_target(self, value):
        """The tensor's array, with another number as the target."""
        changed = np.array(self.tensor.data, dtype=float)
        changed[self.index] = value
        return changed

    def _refuse_if_too_large(self, sizes):
        if sum(sizes.values()) > MOST_ELEMENTS:
            parts = ", ".join(f"{size:,} of {self.names[node]!r}" for node, size in sizes.items() if size > 1)
            raise ValueError(
                f"The chain rule for this element runs through {sum(sizes.values()):,} elements{parts and f' ({parts})'}; "
                f"up to {MOST_ELEMENTS:,} can be written out.\n"
                "Compute the loss for fewer samples (for one, the batch axis has length 1), "
                "or look at the tensors as a whole: draw(L)."
            )

    def _grow(self):
        """Collect the elements, from the output's to the target, and the partials between them."""
        index = next(np.ndindex(np.shape(self.output.data)))
        found = {tensor: {} for tensor in self.tensors}
        found[self.output][index] = Element(self, self.output, index)
        for tensor in self.tensors:
            found[tensor] = dict(sorted(found[tensor].items()))
            if tensor is not self.tensor:
                for element in found[tensor].values():
                    self._add_partials(element, found)
        found[self.tensor].setdefault(self.index, Element(self, self.tensor, self.index))
        target = found.pop(self.tensor)
        return [element for elements in [*found.values(), target] for element in elements.values()]

    def _add_partials(self, element, found):
        """Find what an element is computed from, and the derivatives, by a backward pass that begins at it."""
        nodes, ends = self.segment(element.tensor)
        one = np.zeros(np.shape(element.tensor.data))
        one[element.index] = 1
        with np.errstate(all="ignore"):
            numbers = backpropagate(element.tensor, one, dict(nodes), data_of, ends)
        for tensor, mask in self.dependencies(element.tensor, element.index).items():
            for index in map(tuple, np.argwhere(mask & self._depends[tensor]).tolist()):
                wrt = found[tensor].get(index) or found[tensor].setdefault(index, Element(self, tensor, index))
                element.partials[wrt] = Partial(element, wrt, float(np.asarray(numbers[tensor])[index]))

    def dependencies(self, tensor, index):
        """What one element is computed from: for each named tensor next to it, an array of bool.

        A backward pass that carries NaN from the element arrives wherever there is a dependence; so a derivative that
        happens to be 0 is found too.
        """
        nodes, ends = self.segment(tensor)
        mark = np.zeros(np.shape(tensor.data))
        mark[index] = np.nan
        with np.errstate(all="ignore"):
            marks = backpropagate(tensor, mark, dict(nodes), data_of, ends)
        return {end: np.isnan(np.asarray(marks[end])) for end in ends}

    def segment(self, tensor):
        """The nodes from a named tensor back to the next named ones, youngest first, and these ends themselves."""
        if tensor not in self._segments:
            inside, ends, waiting = {tensor}, set(), [tensor]
            while waiting:
                for x in waiting.pop().inputs:
                    if x in self.names:
                        ends.add(x)
                    elif x in self.nodes and x not in inside:
                        inside.add(x)
                        waiting.append(x)
            nodes = dict.fromkeys(sorted(inside | ends, key=birth_of, reverse=True))
            self._segments[tensor] = nodes, {node: None for node in nodes if node in ends}
        return self._segments[tensor]

    def formulas(self, element):
        """For each element that this one is computed from, the derivative as an expression: a pass that carries symbols."""
        if element not in self._formulas:
            nodes, ends = self.segment(element.tensor)
            self._formulas[element] = {}
            one = np.zeros(np.shape(element.tensor.data), dtype=object)
            one[element.index] = Fraction(1)  # so that a mean over three divides by 3 and not by 0.3333
            try:
                with Limit(LONGEST_FORMULA, MOST_WRITTEN):
                    gradients = backpropagate(element.tensor, symbols(one), dict(nodes), self._read, ends)
                found = {wrt: np.asarray(gradients[wrt.tensor])[wrt.index] for wrt in element.partials}
                self._formulas[element] = {wrt: f for wrt, f in found.items() if length_of(f) <= LONGEST_FORMULA}
            except UNSPELLABLE:
                pass  # too long; or a rule that NumPy cannot run on objects, or a number that there is not, such as 1/0
        return self._formulas[element]

    def _pass_gradients_down(self):
        self.source.gradient = 1.0
        for element in self.elements:
            for wrt, partial in element.partials.items():
                wrt.gradient += element.gradient * partial.value

    def _pass_paths_up(self):
        """Count the paths by dynamic programming: those from an element are those from all that it is computed from."""
        self.target.path_count, self.target.tangent, self.target.strongest = 1, 1.0, 1.0
        for element in reversed(self.elements):
            for wrt, partial in element.partials.items():
                element.path_count += wrt.path_count
                element.tangent += partial.value * wrt.tangent
                element.strongest = max(element.strongest, abs(partial.value) * wrt.strongest)


def tell_apart(names):
    """Give nodes that are called alike primes, in the order in which they were made: h, h′, h″, h⁽³⁾.

    Parameters
    ----------
    names : dict of Tensor to str
        Changed in place.
    """
    seen = {}
    for node in sorted(names, key=birth_of):
        count = seen.get(names[node], 0)
        seen[names[node]] = count + 1
        names[node] += ("", "′", "″")[count] if count < 3 else f"⁽{str(count).translate(SUPERSCRIPTS)}⁾"


MOST_LISTED = 8  # paths that a prompt shows; the rest is one line


class Path:
    """One way for the gradient: the partials from the loss down to the target, whose product is its contribution."""

    def __init__(self, partials: Sequence[Partial]) -> None:
        self.partials = partials

    @property
    def value(self) -> float:
        """float: the product of the partials."""
        return prod(partial.value for partial in self.partials)

    @property
    def formula(self) -> Symbol | float | None:
        """Symbol, number or None: the product of the partials' formulas."""
        formulas: list[Any] = [partial.formula for partial in self.partials]
        return None if any(formula is None for formula in formulas) else prod(formulas)

    @property
    def elements(self) -> list[Element]:
        """list of Element: from the loss to the target."""
        return [self.partials[0].of, *(partial.wrt for partial in self.partials)] if self.partials else []

    def __repr__(self) -> str:
        return " ← ".join(element.name for element in self.elements) + f": {number(self.value)}"


class Paths(Sequence[Path]):
    """The paths from the source of a cone to its target, by size of their product, largest first.

    A path is made when it is asked for.

    Attributes
    ----------
    total : int
        How many there are: exact, known at once, and of any size; `len`, as Python has it, ends at 2⁶³ − 1.
    """

    def __init__(self, source, target):
        self._source, self._target = source, target
        self._made, self._rest = [], self._strongest_first()

    @property
    def total(self) -> int:
        """int: how many there are; see above."""
        return self._source.path_count

    def __len__(self) -> int:
        if self.total > sys.maxsize:
            raise OverflowError(f"len() ends at {sys.maxsize:,}, and these are {self.total:,} paths: see .total.")
        return self.total

    def __bool__(self) -> bool:
        return self.total > 0

    @overload
    def __getitem__(self, i: int) -> Path: ...
    @overload
    def __getitem__(self, i: slice) -> list[Path]: ...
    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(self.total))]
        i = range(self.total)[i]
        while len(self._made) <= i:
            self._made.append(next(self._rest))
        return self._made[i]

    def __repr__(self) -> str:
        """The strongest few, one a line, each with its contribution."""
        shown = self[:MOST_LISTED]
        ways = [" ← ".join(element.name for element in path.elements) for path in shown]
        values = [number(path.value) for path in shown]
        widths = [max(map(len, column), default=0) for column in (ways, values)]
        lines = [f"{way:{widths[0]}}  {value:>{widths[1]}}" for way, value in zip(ways, values, strict=True)]
        rest = self.total - len(shown)
        title = f"{counted(self.total, 'path')}{', strongest first' * (self.total > 1)}"
        return "\n".join([title, *lines, *([f"… and {rest:,} more"] if rest else [])])

    def _strongest_first(self):
        """Best-first search: go on with the beginning whose best possible end is largest."""
        tickets = count(0, -1)  # of equally good beginnings, the latest: one path is finished before the next is begun
        waiting = [(-self._source.strongest, next(tickets), self._source, 1.0, ())]
        while waiting:
            _, _, element, product, partials = heappop(waiting)
            if element is self._target:
                yield Path(partials)
                continue
            for wrt, partial in element.partials.items():
                if wrt.path_count:
                    so_far = abs(partial.value) * product
                    heappush(waiting, (-so_far * wrt.strongest, next(tickets), wrt, so_far, (*partials, partial)))
