"""An exercise: what is given, what is asked, the key, and what proves it.

A quantity has a key, a plain Python name such as `h1`, or `d_h1` for ∂L/∂h₁, by which rules call it. A rule, such as
"d_o * V1", is how a person computes a blank from what is given and from blanks before it. From rules come the derivation, the
marks for what follows from a wrong number, and the proof: the key is the engine's, each rule must give the same, and so must
finite differences of the forward rules, which no rule of the backward pass has a part in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...formulas.formula import Equation, Formula, Name, Partial, with_values
from ...formulas.formula import Number as NumberFormula
from ...formulas.symbols import Symbol, as_formula
from ...formulas.unicode_text import number, text

if TYPE_CHECKING:
    import numpy as np

    from ...pictures.picture import Picture
    from .conventions import Conventions

STEP = 1e-4  # of differences: numbers here are of the size of 1


class Disagreement(Exception):
    """Two ways to compute a blank do not give the same: a mistake in this package, and no sheet is written."""


@dataclass
class Derivative:
    """What a blank differentiates: ∂of/∂wrt.

    `through` names a forward blank: then `wrt` moves in its rule only. So ∂u/∂a is of u through u, along one arrow; and a
    weight's part in step 2 of a recurrence is of L through h2.
    """

    of: str
    wrt: str
    through: str | None = None
    scale: float = 1.0  # of what is asked, to what moves: ∂L/∂s of s = r ln 2, where r moves


@dataclass
class Slip:
    """A typical mistake: the rule of who makes it, and what it is, in words."""

    rule: str
    words: str


@dataclass
class Blank:
    """A number that the student finds: `value` is the engine's, `rule` a person's."""

    key: str
    label: Formula
    rule: str
    value: float
    derivative: Derivative | None = None
    marks: int = 1
    slips: list[Slip] = field(default_factory=list)


@dataclass
class Given:
    """A number that the sheet says."""

    key: str
    label: Formula
    value: float


@dataclass
class Exercise:
    """All of a sheet, and of its key.

    Forward blanks come before those of the backward pass, and each after what its rule needs.
    """

    kind: str
    title: str
    story: list[str]  # paragraphs: what the network is, what is to be found
    formulas: list[str]  # the network, a line each
    given: list[Given]
    blanks: list[Blank]
    shown: list[tuple[str, Any]]  # what is given, as it is printed: (name, number or rows of numbers)
    loss: str = "L"

    @property
    def marks(self) -> int:
        """int: how many there are."""
        return sum(blank.marks for blank in self.blanks)

    @property
    def quantities(self) -> list[Given | Blank]:
        """list of Given or Blank: all that has a number."""
        return [*self.given, *self.blanks]

    def numbers(self) -> dict[str, float]:
        """All that is given, and the key, by their keys."""
        return {part.key: part.value for part in self.quantities}

    def symbols(self) -> dict[str, Symbol]:
        """The same, as Symbols: rules that run on them give formulas."""
        return {part.key: symbol(part.label, part.value) for part in self.quantities}

    def derivation(self, blank: Blank) -> Equation:
        """How a blank is found: ∂L/∂h₁ = ∂L/∂o V₁ = −4 · 2 = −8."""
        found = as_formula(evaluated(blank.rule, self.symbols()))
        sides = [blank.label, found, with_values(found), NumberFormula(tidy(blank.value))]
        written = [text(side) for side in sides]
        return Equation(tuple(side for i, side in enumerate(sides) if written[i] not in written[:i]))

    def mistakes(self, blank: Blank) -> list[tuple[str, str]]:
        """What typical mistakes would give: (number, words), where that is not what is right."""
        numbers = self.numbers()
        found: dict[str, str] = {}
        for slip in blank.slips:
            wrong = evaluated(slip.rule, numbers)
            if not close(wrong, blank.value):
                found.setdefault(number(tidy(wrong)), slip.words)
        return list(found.items())

    def follow(self, blank: Blank, answers: dict[str, float]) -> float:
        """What is right for a blank, given a student's own numbers in those before it."""
        return evaluated(blank.rule, {**self.numbers(), **answers})


def symbol(label, value):
    """A Symbol that is written as a label, such as ∂L/∂h₁ or W₁₂."""
    value = tidy(value)
    if isinstance(label, Name):
        return Symbol.named(label.label, label.index, value, index_base=0)
    return Symbol.named(label, (), value)


def partial(of: str | Name, wrt: str | Name) -> Partial:
    """The label ∂of/∂wrt."""
    return Partial(*(x if isinstance(x, Name) else Name(x) for x in (of, wrt)))


def evaluated(rule, names):
    """A rule, with numbers or Symbols for the names in it."""
    return eval(rule, {"__builtins__": {}, **names})  # noqa: S307 - rules are written in this package


def close(x, y):
    """Whether two ways gave the same."""
    return abs(x - y) <= 1e-9 * (1 + abs(y))


def tidy(x):
    """A number without the last bits of its rounding: 2.0000000000000004 is 2; and an int, if it is whole."""
    x = round(float(x), 9) + 0.0
    return int(x) if x == int(x) else x


def prove(exercise: Exercise) -> None:
    """Compute every blank in two more ways.

    Raises
    ------
    Disagreement
        If the engine, the rule and, for derivatives, the differences do not agree on a blank.
    """
    numbers = exercise.numbers()
    for blank in exercise.blanks:
        by_rule = evaluated(blank.rule, numbers)
        if not close(by_rule, blank.value):
            raise Disagreement(f"{text(blank.label)}: the engine gives {blank.value}, the rule {blank.rule} gives {by_rule}")
        if blank.derivative is not None:
            measured = difference(exercise, blank.derivative)
            if abs(measured - blank.value) > 1e-5 * (1 + abs(measured)):
                raise Disagreement(f"{text(blank.label)}: the engine gives {blank.value}, differences give {measured}")


def difference(exercise, derivative):
    """∂of/∂wrt by central differences of the forward rules."""
    here = exercise.numbers()[derivative.wrt]
    up, down = (forward(exercise, derivative, here + step)[derivative.of] for step in (STEP, -STEP))
    return (up - down) / (2 * STEP) * derivative.scale


def forward(exercise, derivative, value):
    """The forward blanks, computed by their rules in plain Python, where one quantity has another value."""
    wrt, through = derivative.wrt, derivative.through
    numbers = {part.key: part.value for part in exercise.given}
    if through is None and wrt in numbers:
        numbers[wrt] = value
    for blank in exercise.blanks:
        if blank.derivative is not None:  # from here on it goes backward
            break
        moved = {wrt: value} if blank.key == through else {}
        numbers[blank.key] = evaluated(blank.rule, {**numbers, **moved})
        if through is None and blank.key == wrt:
            numbers[wrt] = value
    return numbers


class Kind:
    """What a kind of exercise has: how one is drawn at random, and its picture, with blanks or with the key."""

    name: str
    what: str

    def draw(self, rng: np.random.Generator, conventions: Conventions) -> Exercise:
        """An exercise; its numbers may be unfriendly, in which case another one is drawn."""
        raise NotImplementedError

    def picture(self, exercise: Exercise, solved: bool) -> Picture:
        """The network, with lines to write on, or with the key."""
        raise NotImplementedError
