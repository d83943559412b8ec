"""All paths from the loss to one element, without making them all.

Three hidden layers of 32 units already have 32 · 32 · 32 paths to a first weight. They are counted by adding up, and
made one at a time, the strongest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count
from math import prod
from typing import TYPE_CHECKING, overload

from .notation import number

if TYPE_CHECKING:
    from typing import Any

    from .cone import Element, Partial
    from .symbols import Symbol

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
        return " ← ".join(element.name for element in self.elements) + f": {self.value:.4g}"


class Paths(Sequence[Path]):
    """The paths from the source of a cone to its target, by size of their product, largest first.

    `len` is exact and instant, however many there are; a path is made when it is asked for.
    """

    def __init__(self, source, target):
        self._source, self._target = source, target
        self._made, self._rest = [], self._strongest_first()

    def __len__(self) -> int:
        return self._source.path_count

    @overload
    def __getitem__(self, i: int) -> Path: ...
    @overload
    def __getitem__(self, i: slice) -> list[Path]: ...
    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        i = range(len(self))[i]
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
        rest = len(self) - len(shown)
        title = f"{len(self):,} path{'s' * (len(self) != 1)}{', strongest first' * (len(self) > 1)}"
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
